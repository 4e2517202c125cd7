"""Held, or ready to be sent: the questions of the sending day (readings, R3 and R4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from aor.policy import standing as standings
from aor.policy.attribution import carrier_known
from aor.policy.decision import Answer, Decision, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.terms.period import day_of

PROCEDURE_1 = "Agent of Record Report Policy, Procedure for Sending, 1"


class State(StrEnum):
    """The only states seen from outside (readings, R4)."""

    HELD = "held"
    READY = "ready"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    ENDED = "ended"


@rule("ENROLLMENT_SENT", cites=PROCEDURE_1)
def enrollment_sent(sent_at: datetime | None, carrier: CarrierFacts, now: datetime) -> Answer:
    """An agent of record is held until the enrollment itself has been sent to that carrier."""
    if sent_at is None:
        return Answer(
            False,
            f"the enrollment was not yet sent to {carrier.name}",
            "the marketplace sends the enrollment",
            day_of(now),
        )
    free_at = sent_at + timedelta(hours=carrier.wait_after_enrollment)
    if now < sent_at:
        because = f"the enrollment goes to {carrier.name} on {day_of(sent_at)}"
        return Answer(False, because, f"sends itself after {day_of(sent_at)}", day_of(now))
    if now < free_at:
        because = (
            f"the enrollment went to {carrier.name} on {day_of(sent_at)}, "
            f"which waits {carrier.wait_after_enrollment} hours before agents of record"
        )
        return Answer(False, because, f"sends itself after {day_of(free_at)}", day_of(now))
    return Answer(True, f"the enrollment went to {carrier.name} on {day_of(sent_at)}", "", day_of(now))


@dataclass(frozen=True, slots=True)
class SendFacts:
    """What the sending day asks of one entry; `in_standing` is what the record decided by the anchor."""

    npn: str
    plan_year: int
    carrier: CarrierFacts
    enrollment_sent_at: datetime | None
    in_standing: bool
    standing: BrokerStanding | None


def holding(facts: SendFacts, now: datetime, parameters: Parameters) -> Decision:
    """Granted: ready. Else held, with every finding of the sending day."""
    day = day_of(now)
    broker = facts.standing or BrokerStanding(facts.npn, on_roster=False)
    tests = standings.test(broker, facts.carrier, facts.plan_year, day, parameters, at_anchor=False)
    sent = enrollment_sent(facts.enrollment_sent_at, facts.carrier, now)
    known = carrier_known(facts.carrier)
    granted = bool(
        facts.in_standing
        and sent.met
        and known.met
        and all(standings.passes(finding, facts.carrier) for finding in tests)
    )
    return Decision((sent, known, *tests), granted)


def state(
    *,
    until: date | None,
    day: date,
    rejected: bool,
    sent: bool,
    accepted: bool,
    ready: bool,
) -> State:
    """The state of one entry: rejected comes before ended; ready stays so until sent, even past its end (R4)."""
    if rejected:
        return State.REJECTED
    if not sent and ready:
        return State.READY
    if until is not None and until <= day:
        return State.ENDED
    if not sent:
        return State.HELD
    return State.ACCEPTED if accepted else State.SENT
