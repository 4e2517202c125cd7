"""A broker says that they should be agent of record: what is found, and what they may be told (readings, R7).

The claimant is told details only where their own association, application or form is on file. Every other cause
reads `no association with you found`, so that a claim can never tell who has coverage, or with whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from aor.policy.association import EVERYTHING, Opening, openings
from aor.policy.attribution import EnrollmentFacts, HouseholdFacts
from aor.policy.decision import Answer, Decision, Finding, rule
from aor.policy.holding import State
from aor.policy.parameters import Parameters
from aor.terms.period import Period

PROCEDURE = "Agent of Record Report Policy, Broker Procedure for Reporting Potential Discrepancies"
SILENCE = "no association with you found"
_STANDING = frozenset({"CERTIFIED", "LICENSED", "APPOINTED"})


class Determination(StrEnum):
    """What officers see of a claim (readings, R7)."""

    ALREADY_SENT = "already sent"
    HELD = "held"
    SENT_NOW = "sent now"
    LATE = "association after the effective date"
    NO_ASSOCIATION = "no association found"
    ANOTHER_BROKER = "associated with another broker"
    NOT_IN_STANDING = "broker not in standing"
    NOT_FOUND = "enrollment not found"
    NOT_CURRENT = "not a current plan year"
    MORE_INFORMATION = "more information needed"


class Found(StrEnum):
    """Whom the claim means, by likeness or by an officer."""

    DECIDED = "decided"
    REVIEW = "review"
    NONE = "none"


class Disclosure(StrEnum):
    """What of the true finding the claimant may know."""

    FULL = "full"  # their own association is open, or an agent of record of theirs is decided
    OWN_ENDED = "own ended"  # their own association ended: that alone, not what followed (readings, R11)
    OWN_WORDS = "own words"  # what their claim itself lacks
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Entry:
    """An agent of record of the claimant for the enrollment; `unmet` is why it is held."""

    start: date
    until: date
    state: State
    sent_on: date | None
    unmet: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """One claim and what bears on it.

    `missing` names what the claim lacks; `speaks_of_form` whether it says that an electronic or paper form was
    sent. `carrier` is the name of the one it names. `effective` is the coverage start of the enrollment meant, None
    where none was found. `own` and `others` are the claimant's and other brokers' associations with the household;
    `entries` the claimant's own agents of record for the enrollment.
    """

    missing: tuple[str, ...]
    found: Found
    carrier: str
    speaks_of_form: bool = False
    effective: date | None = None
    own: tuple[Opening, ...] = ()
    others: tuple[Opening, ...] = ()
    entries: tuple[Entry, ...] = ()
    current_plan_years: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What the claimant reads: `says` is the determination, or silence."""

    says: str
    because: str
    what_to_do: str
    disclosure: Disclosure


@dataclass(frozen=True, slots=True)
class Proposal:
    """The determination that the findings propose. A `clear` one may be confirmed in bulk."""

    decision: Decision
    determination: Determination
    clear: bool
    told: Told


def propose(facts: ClaimFacts, today: date) -> Proposal:
    """Every finding about a claim, the determination they propose, and what the claimant may be told."""
    findings = [claim_complete(facts.missing), enrollment_found(facts.found, facts.carrier, facts.effective)]
    if facts.found is not Found.NONE and facts.effective is not None:
        findings += [
            current_plan_year(facts.effective.year, facts.current_plan_years),
            own_association(facts.own, facts.effective),
            no_other_broker(facts.others, facts.effective),
            agent_sent(facts.entries, facts.carrier),
        ]
    determination = _determination(facts)
    return Proposal(
        Decision.of(*findings), determination, _clear(facts, determination), _told(facts, determination, today)
    )


def _clear(facts: ClaimFacts, determination: Determination) -> bool:
    """Whether nobody has to look: it is certain who is meant, and no form is spoken of that is not on file."""
    if facts.missing or facts.found is Found.REVIEW:
        return bool(facts.missing)
    if determination is Determination.HELD:
        return bool(facts.entries)  # associated in time and not agent of record: a person finds out why
    without = (Determination.NO_ASSOCIATION, Determination.ANOTHER_BROKER, Determination.NOT_FOUND)
    return not (facts.speaks_of_form and determination in without)


def answer_days(today: date, parameters: Parameters) -> int:
    """Within how many business days we mean to answer; longer during open enrollment (Broker Procedure, 4)."""
    for plan_year in (today.year, today.year + 1):
        imported = parameters.open_enrollment.get(plan_year)
        start, last = parameters.open_enrollment_start(plan_year), str(parameters.on("open_enrollment_end", today))
        end = imported.last_day if imported else date.fromisoformat(f"{plan_year}-{last}")
        if start <= today <= (end or start):
            return parameters.number("discrepancy_answer_business_days_open_enrollment", today)
    return parameters.number("discrepancy_answer_business_days", today)


def associations(enrollment: EnrollmentFacts, household: HouseholdFacts) -> tuple[Opening, ...]:
    """Who was associated with the subscriber when, each clipped to the subscriber's days in that household."""
    found = []
    for days, key in enrollment.memberships:
        held = household.associations.get(key, ())
        involved = [household.standings[one.npn] for one in held if one.npn in household.standings]
        for opening in openings(held, involved, EVERYTHING):
            if both := Period(opening.since, opening.until).intersect(days):
                found.append(Opening(opening.association, both.start, both.until))
    return tuple(found)


# Findings ------------------------------------------------------------------------------------------------------


@rule("CLAIM_COMPLETE", cites=f"{PROCEDURE}, 1")
def claim_complete(missing: Sequence[str]) -> Answer:
    """First and last name, date of birth, the date of application or enrollment, and the carrier are required."""
    if not missing:
        return Answer(True, "the claim has all that is required")
    return Answer(False, f"missing or not readable: {', '.join(missing)}", "the broker sends what is missing")


@rule("ENROLLMENT_FOUND", cites=f"{PROCEDURE}, 5")
def enrollment_found(found: Found, carrier: str, effective: date | None) -> Answer:
    """The consumer must be found with an enrollment with that carrier."""
    if found is Found.REVIEW:
        return Answer(None, "it is not certain which consumer is meant", "an officer compares the two side by side")
    if found is Found.NONE or effective is None:
        return Answer(False, f"no enrollment of this consumer with {carrier or 'the carrier named'} was found")
    return Answer(True, f"enrolled with {carrier} from {effective}", "", effective)


@rule("CURRENT_PLAN_YEAR", cites="Agent of Record Report Policy, Policy Details")
def current_plan_year(plan_year: int, current: Sequence[int]) -> Answer:
    """Reports, and so discrepancies, are about enrollments of the current plan year."""
    met = plan_year in current
    return Answer(met, f"plan year {plan_year} is {'' if met else 'not '}current")


@rule("ASSOCIATED_IN_TIME", cites=f"{PROCEDURE}, 5")
def own_association(own: Sequence[Opening], effective: date) -> Answer:
    """A proper association, by portal or by form, must have been received, and in time for the coverage."""
    if not own:
        return Answer(False, "no association, application or form of this broker is on file", "", effective)
    if any(one.since <= effective and (one.until is None or effective < one.until) for one in own):
        return Answer(True, f"associated on {effective}", "", effective)
    later = [one.since for one in own if one.since > effective]
    if later:
        because = f"associated since {min(later)}, after the coverage began on {effective}"
        return Answer(False, because, "the broker may ask for a retroactive agent of record", effective)
    last = max(one.until or one.since for one in own)
    return Answer(False, f"the association ended on {last}, before the coverage began on {effective}", "", effective)


@rule("NO_OTHER_BROKER", cites=f"{PROCEDURE}, 5")
def no_other_broker(others: Sequence[Opening], effective: date) -> Answer:
    """One household has one broker at a time: whoever is associated on the effective date is agent of record."""
    other = any(one.since <= effective and (one.until is None or effective < one.until) for one in others)
    return Answer(
        not other, f"{'another' if other else 'no other'} broker was associated on {effective}", "", effective
    )


@rule("AGENT_SENT", cites="Agent of Record Report Policy, Terms and Definitions")
def agent_sent(entries: Sequence[Entry], carrier: str) -> Answer:
    """The report gives the date on which the agent of record was sent to the carrier."""
    if not entries:
        return Answer(False, "this broker is not agent of record for the enrollment")
    entry = _entry(entries)
    if entry.sent_on is not None and entry.state is not State.REJECTED:
        return Answer(True, f"sent to {carrier} on {entry.sent_on}")
    if entry.state is State.READY:
        return Answer(False, f"ready: it goes with the next run to {carrier}", "sends itself")
    if entry.state is State.REJECTED:
        return Answer(False, f"{carrier} rejected it", "the marketplace mends it and sends it again")
    because = "; ".join(one.because for one in entry.unmet) or "it ended before it could be sent"
    return Answer(False, f"held: {because}", "; ".join(one.cure for one in entry.unmet if one.cure))


def _entry(entries: Sequence[Entry]) -> Entry:
    """The one a claim is about: the first that was sent, else the first."""
    return min(entries, key=lambda one: (one.sent_on is None or one.state is State.REJECTED, one.start))


# Determination ---------------------------------------------------------------------------------------------------


def _determination(facts: ClaimFacts) -> Determination:
    if facts.missing or facts.found is Found.REVIEW:
        return Determination.MORE_INFORMATION
    if facts.found is Found.NONE or facts.effective is None:
        return Determination.NOT_FOUND
    if facts.entries:
        return _of_entry(_entry(facts.entries), facts)
    if facts.effective.year not in facts.current_plan_years:
        return Determination.NOT_CURRENT
    if own_association(facts.own, facts.effective).met:
        return Determination.HELD
    if any(one.since > facts.effective for one in facts.own):
        return Determination.LATE
    if not no_other_broker(facts.others, facts.effective).met:
        return Determination.ANOTHER_BROKER
    return Determination.NO_ASSOCIATION


def _of_entry(entry: Entry, facts: ClaimFacts) -> Determination:
    assert facts.effective is not None
    if entry.sent_on is not None and entry.state is not State.REJECTED:
        return Determination.ALREADY_SENT
    if facts.effective.year not in facts.current_plan_years:
        return Determination.NOT_CURRENT
    if entry.state is State.READY:
        return Determination.SENT_NOW
    if any(one.rule in _STANDING for one in entry.unmet):
        return Determination.NOT_IN_STANDING
    return Determination.HELD


# What the claimant may be told -----------------------------------------------------------------------------------

_ALIKE = Told(
    SILENCE,
    "no association, application or form of yours with this consumer is on file",
    "If you hold a signed form or an application with your NPN, attach it to the case. Only the consumer can make "
    "a new association.",
    Disclosure.NOTHING,
)
_WHAT_TO_DO = {
    Determination.ALREADY_SENT: "Nothing: see the report of that month.",
    Determination.SENT_NOW: "Nothing: it will be on the report of the month in which it is sent.",
    Determination.LATE: "You may ask for a retroactive agent of record.",
    Determination.NO_ASSOCIATION: "Invite the consumer; only the consumer can complete it.",
    Determination.ANOTHER_BROKER: "If you do not agree, say so on the case; another officer hears it.",
    Determination.NOT_FOUND: "Check the carrier and the spelling, and send the claim again.",
    Determination.NOT_CURRENT: "Nothing: reports cover the current plan year.",
    Determination.MORE_INFORMATION: "Send what is asked for; your case keeps its place.",
}

_WE_ACT = "The marketplace works on it."


def _told(facts: ClaimFacts, determination: Determination, today: date) -> Told:
    if facts.missing:
        because = claim_complete(facts.missing).because
        to_do = _WHAT_TO_DO[Determination.MORE_INFORMATION]
        return Told(determination.value, because, to_do, Disclosure.OWN_WORDS)
    is_open = any(one.since <= today and (one.until is None or today < one.until) for one in facts.own)
    if is_open or (facts.entries and facts.found is Found.DECIDED):
        finding = _because(facts, determination)
        because, to_do = finding.because, _WHAT_TO_DO.get(determination) or finding.cure or _WE_ACT
        if facts.entries and facts.own and facts.effective and not own_association(facts.own, facts.effective).met:
            because += f"; agent of record from {_entry(facts.entries).start}"
            to_do = _WHAT_TO_DO[Determination.LATE]
        return Told(determination.value, because, to_do, Disclosure.FULL)
    if facts.own and facts.found is Found.DECIDED:
        last = max(one.until or one.since for one in facts.own)
        because_ended = f"your association with this consumer ended on {last}"
        return Told(SILENCE, because_ended, _ALIKE.what_to_do, Disclosure.OWN_ENDED)
    return _ALIKE


def _because(facts: ClaimFacts, determination: Determination) -> Finding:
    """The finding that a determination rests on; never what another broker has."""
    match determination:
        case Determination.MORE_INFORMATION | Determination.NOT_FOUND:
            return enrollment_found(facts.found, facts.carrier, facts.effective)
        case Determination.NOT_CURRENT:
            assert facts.effective is not None
            return current_plan_year(facts.effective.year, facts.current_plan_years)
        case Determination.LATE | Determination.ANOTHER_BROKER | Determination.NO_ASSOCIATION:
            assert facts.effective is not None
            return own_association(facts.own, facts.effective)
        case _:
            return agent_sent(facts.entries, facts.carrier)
