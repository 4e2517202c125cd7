"""Retroactive requests: a broker asks to be agent of record from the day on which the coverage began (readings, R8).

Facts in, every finding out, and the outcome that the findings propose; an officer decides.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from aor.policy import attribution
from aor.policy import standing as standings
from aor.policy.association import EVERYTHING, Association, open_at, openings
from aor.policy.attribution import EnrollmentFacts, HouseholdFacts
from aor.policy.decision import Answer, Decision, Finding, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.terms.period import Period, plan_year_of

RETROACTIVE = "Agent of Record, Retroactive AOR Requests"
STATUTE = "Minn. Stat. 62V.051"


class Outcome(StrEnum):
    APPROVED = "approved"
    PROSPECTIVE = "prospective"
    MORE = "more information"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    OFFICER = "for the officer"  # proposed only: what is unmet is for a person to weigh


@dataclass(frozen=True, slots=True)
class Asked:
    """What the broker says: `effective_on` the coverage effective date, `enrolled_on` when they enrolled.

    `agreement_on` is the day on which the later of the two signed; None where no day was given.
    """

    npn: str
    received_on: date
    effective_on: date
    enrolled_on: date
    agreement_on: date | None = None
    agreement_shown: bool = False
    attested: bool = False
    asked_before: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the marketplace knows of the coverage; told only to a broker whose own association is on file there.

    `enrolled_on` is the enrollment date of R3; `others`: another broker was agent of record or associated on the
    effective date; `navigator`: a navigator was; `associated` now; `own_since` the first day from which the asking
    broker already is agent of record; `on_file`: an association of theirs, also one that ended.
    """

    effective_on: date
    enrolled_on: date
    in_force: bool = True
    others: bool = False
    navigator: bool = False
    associated: bool = False
    on_file: bool = False
    own_since: date | None = None
    objected: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """Every finding, the outcome they propose, and the codes that stand against an approval."""

    decision: Decision
    outcome: Outcome
    reasons: tuple[str, ...]


def last_day(effective_on: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has none; it still counts."""
    number = effective_on.month - 1 + months
    year, month = effective_on.year + number // 12, number % 12 + 1
    return date(year, month, min(effective_on.day, monthrange(year, month)[1]))


@rule("RETRO_IN_TIME", cites=f"{RETROACTIVE}; {STATUTE}")
def in_time(asked: Asked, months: int) -> Answer:
    """A retroactive request must be received within six calendar months of the coverage effective date."""
    until = last_day(asked.effective_on, months)
    if asked.received_on <= until:
        return Answer(True, f"received on {asked.received_on}, possible until {until}", "", asked.received_on)
    return Answer(
        False,
        f"received on {asked.received_on}; possible until {until}",
        "the consumer confirms the broker from now on",
        asked.received_on,
    )


@rule("COVERAGE_FOUND", cites=RETROACTIVE)
def coverage_found(asked: Asked, found: Found | None) -> Answer:
    """The request names a medical or dental enrollment of this marketplace, from the day on which it began."""
    if found is None or not found.in_force:
        return Answer(False, "no such coverage in force was found", "the broker checks name, birth date and carrier")
    if found.effective_on != asked.effective_on:
        because = f"the coverage began on {found.effective_on}, not on {asked.effective_on}"
        return Answer(False, because, "the broker asks for the day on which the coverage began", found.effective_on)
    return Answer(True, f"the coverage began on {found.effective_on}", "", found.effective_on)


@rule("AGREED_IN_TIME", cites=STATUTE)
def agreed_in_time(asked: Asked) -> Answer:
    """Broker and consumer must have signed their agreement on or before the coverage effective date."""
    signed, day = asked.agreement_on, asked.effective_on
    if signed is None:
        return Answer(
            None, "the day on which the agreement was signed was not given", "the broker names the day", day
        )
    if signed <= day:
        return Answer(True, f"the agreement was signed on {signed}, by {day}", "", day)
    return Answer(False, f"the agreement was signed on {signed}, after {day}", "", day)


@rule("AGREEMENT_SHOWN", cites=RETROACTIVE)
def agreement_shown(asked: Asked) -> Answer:
    """The signed agreement is shown, and the broker attests to having assisted with the enrollment."""
    missing = [
        what
        for what, there in (("the signed agreement", asked.agreement_shown), ("the attestation", asked.attested))
        if not there
    ]
    if missing:
        return Answer(False, f"{' and '.join(missing)} is missing", f"the broker adds {' and '.join(missing)}")
    return Answer(True, "the signed agreement is on file, and the broker attests to it")


@rule("NO_OTHER_PRODUCER", cites=STATUTE)
def no_other_producer(asked: Asked, found: Found) -> Answer:
    """Nobody else may have been designated on the coverage effective date, neither a broker nor a navigator."""
    if found.others or found.navigator:
        who = "another broker" if found.others else "a navigator"
        because = f"{who} was designated on {asked.effective_on}"
        return Answer(False, because, "the consumer confirms the broker from now on", asked.effective_on)
    return Answer(True, f"nobody else was designated on {asked.effective_on}", "", asked.effective_on)


@rule("ASSOCIATED_NOW", cites=RETROACTIVE)
def associated_now(found: Found) -> Answer:
    """Broker and consumer must be associated in the portal by now, so that it can be kept going forward."""
    if found.associated:
        return Answer(True, "the broker and the household are associated now")
    return Answer(
        False,
        "the broker and the household are not associated yet",
        "the consumer designates the broker or confirms an invitation while the request waits",
    )


@rule("NOT_YET_AGENT", cites=RETROACTIVE)
def not_yet_agent(asked: Asked, found: Found) -> Answer:
    """There is something to correct: the broker is not yet agent of record from that day."""
    if found.own_since is not None and found.own_since <= asked.effective_on:
        return Answer(False, f"the broker already is agent of record from {found.own_since}", "", asked.effective_on)
    return Answer(True, f"the broker is not yet agent of record from {asked.effective_on}", "", asked.effective_on)


@rule("ASKED_ONCE", cites=RETROACTIVE)
def asked_once(asked: Asked) -> Answer:
    """The same is asked once; a decision is appealed, not asked for again."""
    if asked.asked_before:
        return Answer(False, f"the same was asked in {asked.asked_before}", "the broker follows the earlier request")
    return Answer(True, "this was not asked before")


@rule("NOT_OBJECTED", cites="readings R8: the consumer is told of every request and may object")
def not_objected(found: Found) -> Answer:
    """The consumer is told of every request and may object to it."""
    if found.objected:
        return Answer(False, "the consumer objects")
    return Answer(True, "the consumer has not objected")


MISSING = frozenset({"COVERAGE_FOUND", "AGREEMENT_SHOWN", "ASSOCIATED_NOW"})
STANDING = frozenset({"CERTIFIED", "LICENSED", "APPOINTED"})
REFUSING = STANDING | {"RETRO_IN_TIME", "COVERAGE_FOUND", "ASKED_ONCE", "NOT_YET_AGENT"}
NOT_TOLD = Finding(
    "ASSOCIATED_NOW",
    False,
    "no association with you found",
    RETROACTIVE,
    "the consumer designates the broker or confirms an invitation while the request waits",
)


@rule("FIELDS_GIVEN", cites=RETROACTIVE)
def fields_given(missing: Sequence[str]) -> Answer:
    """A request names the consumer, the carrier and the days, so that it can be found and tested."""
    if missing:
        return Answer(False, f"missing: {', '.join(missing)}", "the broker fills them in")
    return Answer(True, "everything that is needed was given")


@rule("APPEAL_OPEN", cites="readings R8: another officer hears the appeal")
def appeal_open(outcome: Outcome, decided_on: date, appealed: bool, today: date, days: int) -> Answer:
    """What was not approved can be appealed once, within thirty days of the decision."""
    last = decided_on + timedelta(days)
    if outcome is Outcome.APPROVED:
        return Answer(False, "the request was approved", "", today)
    if appealed:
        return Answer(False, "the request was appealed and decided again", "", today)
    if today > last:
        return Answer(False, f"an appeal was possible until {last}", "", today)
    return Answer(True, f"an appeal is possible until {last}", "", today)


@rule("APPROVABLE", cites=RETROACTIVE)
def approvable(proposal: Proposal, outcome: Outcome) -> Answer:
    """An officer cannot approve what the published requirements refuse; other findings the officer may weigh."""
    against = [code for code in proposal.reasons if code in REFUSING]
    if outcome is Outcome.APPROVED and against:
        return Answer(False, f"cannot be approved: {', '.join(against)}", "another outcome is chosen")
    return Answer(True, "nothing stands against this outcome")


@rule("REASONED", cites="readings R8: an officer decides, with coded reasons")
def reasoned(proposal: Proposal, outcome: Outcome, because: str) -> Answer:
    """An officer who denies, or decides otherwise than proposed, says why."""
    if because.strip() or (outcome is proposal.outcome and (outcome is not Outcome.DENIED or proposal.reasons)):
        return Answer(True, "decided as proposed" if outcome is proposal.outcome else "the officer says why")
    return Answer(False, f"{outcome} was not proposed ({proposal.outcome} was)", "the officer says why")


def said(asked: Asked, standing: BrokerStanding, carrier: CarrierFacts, parameters: Parameters) -> Decision:
    """What follows from the broker's own words and standing: answered while the form is filled in."""
    months = parameters.number("retro_months", asked.received_on)
    return Decision.of(
        in_time(asked, months),
        *_standing(asked.enrolled_on, asked, standing, carrier, parameters),
        agreed_in_time(asked),
        agreement_shown(asked),
        asked_once(asked),
    )


def propose(
    asked: Asked, found: Found | None, standing: BrokerStanding, carrier: CarrierFacts, parameters: Parameters
) -> Proposal:
    """Every finding about a request, and the outcome that they propose to the officer."""
    own = said(asked, standing, carrier, parameters)
    if found is None:
        findings: tuple[Finding, ...] = (*own.findings, coverage_found(asked, None))
    else:
        # The marketplace's own enrollment date counts, whatever day the broker remembers.
        own = said(replace(asked, enrolled_on=found.enrolled_on), standing, carrier, parameters)
        findings = (
            *own.findings,
            coverage_found(asked, found),
            no_other_producer(asked, found),
            associated_now(found),
            not_yet_agent(asked, found),
            not_objected(found),
        )
    decision = Decision.of(*findings)
    against = [one for one in decision.unmet if not (one.rule == "APPOINTED" and standings.passes(one, carrier))]
    confirmed = parameters.on("retro_statute_confirmed", asked.received_on) is True
    outcome = _outcome(against, confirmed=confirmed, others=found is not None and found.others)
    return Proposal(decision, outcome, tuple(one.rule for one in against))


def told(
    asked: Asked, found: Found | None, standing: BrokerStanding, carrier: CarrierFacts, parameters: Parameters
) -> Decision:
    """What the broker may be told: all of it where an association of theirs is on file, else their own part alone.

    Every other cause reads alike, so that a request never tells who has coverage or with whom (readings, R7).
    """
    if found is not None and found.on_file:
        return propose(asked, found, standing, carrier, parameters).decision
    return Decision.of(*said(asked, standing, carrier, parameters).findings, NOT_TOLD)


def found(
    enrollment: EnrollmentFacts,
    household: HouseholdFacts,
    npn: str,
    *,
    today: date,
    objected: bool,
    parameters: Parameters,
) -> Found:
    """What the record says of an enrollment for which a broker asks."""
    begins = enrollment.told_coverage.start
    entries = attribution.attribute(household, parameters)[enrollment.id]
    on_the_day = {one.npn for one in entries if begins in one.period}
    then, now = (_open_on(enrollment, household, day) for day in (begins, today))
    if then is not None and not then.navigator:
        on_the_day.add(then.npn)
    held = [one for _, key in enrollment.memberships for one in household.associations.get(key, ())]
    return Found(
        effective_on=begins,
        enrolled_on=enrollment.enrolled_on,
        in_force=enrollment.coverage is not None,
        others=bool(on_the_day - {npn}),
        navigator=then is not None and then.navigator,
        associated=now is not None and now.npn == npn,
        on_file=any(one.npn == npn for one in held),
        own_since=min((one.period.start for one in entries if one.npn == npn and one.in_standing), default=None),
        objected=objected,
    )


def _open_on(enrollment: EnrollmentFacts, household: HouseholdFacts, day: date) -> Association | None:
    """Whose association gives access at the end of a day."""
    key = next((key for period, key in enrollment.memberships if day in period), "")
    held = household.associations.get(key, ())
    involved = [household.standings[one.npn] for one in held if one.npn in household.standings]
    return open_at(openings(held, involved, EVERYTHING), day)


def corrected_days(enrollment: EnrollmentFacts, household: HouseholdFacts, parameters: Parameters) -> Period:
    """The days that an approval gives: from the coverage's first to the next entry, which stays (readings, R8)."""
    begins = enrollment.told_coverage.start
    entries = attribution.attribute(household, parameters)[enrollment.id]
    later = (one.period.start for one in entries if one.period.start > begins)
    return Period(begins, min(later, default=None))


def ruling(proposal: Proposal, outcome: Outcome, *, because: str) -> Decision:
    """Whether an officer may decide so."""
    return Decision.of(approvable(proposal, outcome), reasoned(proposal, outcome, because))


def _standing(
    enrolled_on: date, asked: Asked, standing: BrokerStanding, carrier: CarrierFacts, parameters: Parameters
) -> tuple[Finding, ...]:
    """As at the time of enrollment; a cure that came later does not count (readings, R8)."""
    return standings.test(
        standing, carrier, plan_year_of(asked.effective_on), enrolled_on, parameters, at_anchor=True
    )


def _outcome(against: Sequence[Finding], *, confirmed: bool, others: bool) -> Outcome:
    """What cannot be cured is denied, what is late goes on from now, what is missing is asked for.

    What rests on Minn. Stat. 62V.051 alone is for the officer until counsel has `confirmed` it (readings, R8).
    """
    unmet = {one.rule: one.met for one in against}
    refused = (
        STANDING | {"ASKED_ONCE", "NOT_YET_AGENT", "NOT_OBJECTED"} | ({"AGREED_IN_TIME"} if confirmed else set())
    )
    if "RETRO_IN_TIME" in unmet and not {"ASKED_ONCE", "NOT_YET_AGENT", "NOT_OBJECTED"} & unmet.keys():
        return Outcome.PROSPECTIVE
    if any(unmet.get(code, True) is False for code in refused):
        return Outcome.DENIED
    if MISSING & unmet.keys() or unmet.get("AGREED_IN_TIME", True) is None:
        return Outcome.MORE
    if "NO_OTHER_PRODUCER" in unmet and (others or confirmed):
        return Outcome.PROSPECTIVE
    return Outcome.OFFICER if against else Outcome.APPROVED
