"""A report or an association that was wrong: incidents, disputes, signals, second officers (readings, R9, R12)."""

from __future__ import annotations

from datetime import date, timedelta

from aor.policy.decision import Answer, Decision, rule
from aor.policy.parameters import Parameters

WRONG_LIST = "Agent of Record Report Policy, Broker Procedure, 2"
DISPUTED = "Agent of Record, Portal Association Matters; readings, R12"
SIGNALS = "readings, R12: signals go to review, never to an automatic sanction"


@rule("INCIDENT_ROW", cites=WRONG_LIST)
def incident_row(published: bool) -> Answer:
    """A broker says of a row of their own published report that the consumer is not theirs; nothing more is asked."""
    if published:
        return Answer(True, "the row is on a report of this broker")
    return Answer(False, "no report of this broker has this row", "the broker marks the row on the report itself")


@rule("INCIDENT_STEP", cites=WRONG_LIST)
def incident_step(what: str, done: bool) -> Answer:
    """An incident ends when each of its steps is done; the file shows when and by whom."""
    return Answer(True, f"{what}: done") if done else Answer(False, f"{what}: not done", "the officer sees to it")


@rule("DISPUTE_OPEN", cites=DISPUTED)
def dispute_open(decided: bool) -> Answer:
    """What a consumer did not ask for is decided once, by an officer or by the days that have passed."""
    return Answer(False, "it was decided") if decided else Answer(True, "it is not decided yet")


@rule("CONSENT_FOUND", cites=f"45 CFR 155.220(j)(2)(ii); {DISPUTED}")
def consent_found(on_file: bool, because: str) -> Answer:
    """A broker whom the consumer disowned is let in again only where the consumer's consent is found, and why."""
    if not on_file:
        return Answer(False, "no consent of the consumer is on file", "the earlier broker is restored")
    if not because.strip():
        return Answer(False, "the officer has not said how the consent was found", "the officer says so")
    return Answer(True, "the consumer's consent is on file, and the officer says how it was found")


@rule("DISPUTE_OVERDUE", cites=DISPUTED)
def dispute_overdue(last_day: date, today: date) -> Answer:
    """Without an officer's decision in time the earlier broker is restored by itself."""
    if today > last_day:
        return Answer(True, f"no officer decided through {last_day}", "", today)
    return Answer(False, f"an officer can decide through {last_day}", "wait for the officer", today)


@rule("SECOND_OFFICER", cites="readings, R12")
def second_officer(proposed_by: str, by: str) -> Answer:
    """What changes many at once, or whose business it is, is proposed by one officer and approved by another."""
    if by != proposed_by:
        return Answer(True, "another officer approves it than the one who proposed it")
    return Answer(False, "the officer who proposed it cannot approve it", "another officer decides")


def close(steps: dict[str, bool]) -> Decision:
    """Whether an incident can be closed: each step and whether it is done."""
    return Decision.of(*(incident_step(what, done) for what, done in steps.items()))


# Signals: met is nothing out of the ordinary ------------------------------------------------------------------------


@rule("SIGNAL_BURST", cites=SIGNALS)
def burst(count: int, most: int, days: int) -> Answer:
    """Very many households at once come to one broker: somebody should look."""
    if count <= most:
        return Answer(True, f"{count} households came to this broker within {days} days; {most} are ordinary")
    return Answer(False, f"{count} households came to this broker within {days} days; {most} are ordinary", "review")


@rule("SIGNAL_CONTACT", cites=SIGNALS)
def shared_contact(households: int, of_broker: bool, most: int) -> Answer:
    """A consumer's contact that is a broker's, or that of many households: somebody should look."""
    if of_broker:
        return Answer(False, "the consumer's contact is also that of a broker or an agency", "review")
    if households > most:
        return Answer(
            False, f"the consumer's contact is shared by {households} households; {most} may share", "review"
        )
    return Answer(True, "the consumer's contact is their own")


@rule("SIGNAL_REVERSAL", cites=SIGNALS)
def quick_reversal(began: date, back: date | None, days: int) -> Answer:
    """A consumer who goes back within days of a change: somebody should look."""
    if back is None or back > began + timedelta(days=days):
        return Answer(True, f"the change of {began} was not taken back within {days} days")
    return Answer(False, f"the change of {began} was taken back on {back}", "review")


def signals(
    *,
    count: int,
    households: int,
    of_broker: bool,
    began: date,
    back: date | None,
    day: date,
    parameters: Parameters,
) -> Decision:
    """What is out of the ordinary about one association: `count` began with its broker about that day."""
    return Decision.of(
        burst(count, parameters.number("signal_burst_households", day), parameters.number("signal_burst_days", day)),
        shared_contact(households, of_broker, parameters.number("contact_households", day)),
        quick_reversal(began, back, parameters.number("signal_reversal_days", day)),
    )
