"""Claims determined by officers, asked about, agreed with or not.

Everything is found anew before it is determined: no determination rests on what was so yesterday. Where it changes
the record, that is done by an act of its own; a retroactive request is offered, never made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from aor.calendar import queries as calendar
from aor.cases import correspondence
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.discrepancies import assessments, candidates, queries, say
from aor.discrepancies.assess import Assessed, Said, assess_many
from aor.discrepancies.assessments import RULE
from aor.discrepancies.models import Assessment, Claim, Supplement
from aor.policy import discrepancy
from aor.policy.decision import Decision, Finding
from aor.policy.discrepancy import Determination, Disclosure, Found, Told
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of
from aor.workbooks.returned import ReturnedRow

Refused = cases.Refused
_OFFICERS = frozenset(role.value for role in cases.OFFICIALS - {Role.SYSTEM})


def confirm_many(versions: Mapping[str, int], *, by: Actor, now: datetime) -> dict[str, str]:
    """An officer confirms the proposals of clear claims, by number and version seen; why some were not, by number.

    Everything is found anew: where the finding is another than the officer saw, it is kept and shown, not confirmed.
    """
    claims = queries.numbered(versions)
    refused = {number: f"there is no claim {number}" for number in versions if number not in claims}
    shown = queries.latest(claim.pk for claim in claims.values())
    said = {claim.pk: _now_says(claim, _chosen(shown[claim.pk])) for claim in claims.values()}
    found, version = assess_many(said, now=now)
    with transaction.atomic():
        changed: dict[int, Assessed] = {}
        going: dict[str, Claim] = {}
        for number, claim in claims.items():
            proposal = found[claim.pk].proposal
            if proposal.determination != shown[claim.pk].determination:
                changed[claim.pk] = found[claim.pk]
                refused[number] = f"{number} has another finding than when it was read: {proposal.determination}"
            elif not proposal.clear:
                refused[number] = f"{number} is not clear: an officer looks at it by itself"
            else:
                going[number] = claim
        assessments.record(changed, version, by=RULE, now=now, confirmed=False)
        refused |= _determine(
            going, {claim.pk: found[claim.pk] for claim in going.values()}, versions, version, by, now
        )
    return refused


def confirm(
    number: str,
    *,
    version: int,
    by: Actor,
    now: datetime,
    determination: Determination | None = None,
    because: str = "",
    meant: int | None = None,
) -> None:
    """An officer determines one claim: as found, or otherwise with a reason; `meant` says which subscriber it is.

    Raises Refused. The reason is for the record and is not told.
    """
    claim = _claim(number)
    shown = queries.latest([claim.pk])[claim.pk]
    found, parameters = assess_many({claim.pk: _now_says(claim, meant or _chosen(shown))}, now=now)
    one = found[claim.pk]
    if determination is not None and determination is not one.proposal.determination:
        if not because.strip():
            raise Refused("a determination other than the one found needs a reason")
        one = _otherwise(one, determination, because, by)
    with transaction.atomic():
        refused = _determine({number: claim}, {claim.pk: one}, {number: version}, parameters, by, now)
    if refused:
        raise Refused(refused[number])


def _otherwise(one: Assessed, determination: Determination, because: str, by: Actor) -> Assessed:
    """What an officer determines instead; the claimant is told it only where details may be told."""
    finding = Finding("DETERMINED", True, f"determined by {by.name}: {because}", f"{discrepancy.PROCEDURE}, 5")
    told = one.proposal.told
    if told.disclosure is Disclosure.FULL:
        told = Told(determination.value, "an officer of the marketplace looked at it", "", Disclosure.FULL)
    decision = Decision((*one.proposal.decision.findings, finding), one.proposal.decision.granted)
    return replace(one, proposal=replace(one.proposal, decision=decision, determination=determination, told=told))


def _determine(
    claims: Mapping[str, Claim],
    found: Mapping[int, Assessed],
    versions: Mapping[str, int],
    parameters: str,
    by: Actor,
    now: datetime,
) -> dict[str, str]:
    """Takes the step of each case and keeps the determination of those taken; why the others were not, by number."""
    asking = {number for number, claim in claims.items() if _asks(found[claim.pk])}
    refused: dict[str, str] = {}
    for step, numbers in ((cases.WAIT, asking), (cases.ANSWERING, claims.keys() - asking)):
        refused |= cases.take_many(step, {number: versions[number] for number in numbers}, by=by, now=now)
    taken = {number: claim for number, claim in claims.items() if number not in refused}
    determined = {claim.pk: found[claim.pk] for number, claim in taken.items() if number not in asking}
    asked = {claim.pk: found[claim.pk] for number, claim in taken.items() if number in asking}
    assessments.record(determined, parameters, by=by, now=now, confirmed=True)
    assessments.record(asked, parameters, by=by, now=now, confirmed=False)
    say.answered({claim.npn for claim in taken.values()}, now=now)
    return refused


def _asks(one: Assessed) -> bool:
    """More is needed of the broker, and the broker may know it; else it is an answer like the others."""
    more = one.proposal.determination is Determination.MORE_INFORMATION
    return more and one.proposal.told.disclosure in (Disclosure.FULL, Disclosure.OWN_WORDS)


def _claim(number: str) -> Claim:
    claim = queries.numbered([number]).get(number)
    if claim is None:
        raise Refused(f"there is no claim {number}")
    return claim


def _chosen(shown: Assessment) -> int | None:
    """The subscriber whom an officer chose before."""
    return shown.subscriber_id if shown.by_role in _OFFICERS and shown.found == Found.DECIDED else None


def _now_says(claim: Claim, meant: int | None) -> Said:
    fields, _ = queries.current_fields([claim])[claim.pk]
    return Said(claim.npn, fields, queries.missing(claim), meant)


# Asked for more, agreed or not -----------------------------------------------------------------------------------


@transaction.atomic
def ask_more(number: str, *, version: int, body: str, by: Actor, now: datetime) -> None:
    """An officer asks the broker for more, in a secure message; the clock stands still. Raises Refused."""
    claim = _claim(number)
    cases.wait(number, version=version, by=by, now=now)
    message = correspondence.send(number, to=(Role.BROKER, claim.npn), body=body, by=by, now=now)
    shown = queries.latest([claim.pk])[claim.pk]
    Assessment.objects.create(
        claim=claim, at=now, confirmed=False, by_role=by.role, by_name=by.name, found=shown.found,
        subscriber_id=shown.subscriber_id, policy_id=shown.policy_id, hios_issuer_id=shown.hios_issuer_id,
        comparison=shown.comparison, determination=Determination.MORE_INFORMATION, clear=False,
        decision_id=shown.decision_id, told_says=Determination.MORE_INFORMATION.value,
        told_because="the marketplace asked you for more in a secure message",
        told_to_do="Answer the message; your case keeps its place.", disclosure=Disclosure.OWN_WORDS,
    )  # fmt: skip
    say.asked(claim.npn, message, now=now)


def more_received(number: str, *, by: Actor, now: datetime, row: ReturnedRow | None = None, body: str = "") -> None:
    """The broker answers, by fields or in words: the clock runs on, and the finding is made anew. Raises Refused."""
    claim = _claim(number)
    with transaction.atomic():
        cases.resume(number, version=claim.case.version, by=by, now=now)
        if body:
            correspondence.send(number, to=cases.DESK, body=body, by=by, now=now)
        if row is not None:
            before, _ = queries.current_fields([claim])[claim.pk]
            lacks = [name for name in row.missing if name not in before]
            problems = row.problems if lacks else ()
            Supplement.objects.create(
                claim=claim, at=now, by_role=by.role, by_name=by.name, fields=json.dumps(dict(row.fields)),
                missing=json.dumps(lacks), problems=json.dumps(problems),
            )  # fmt: skip
    candidates.refresh(now=now)
    found, version = assess_many({claim.pk: _now_says(claim, None)}, now=now)
    with transaction.atomic():
        assessments.record(found, version, by=RULE, now=now, confirmed=False)
        if queries.missing(claim):
            seen = _claim(number).case.version
            cases.take_many(cases.WAIT, {number: seen}, by=RULE, now=now, note="a required field is missing")


def agree(number: str, *, by: Actor, now: datetime) -> None:
    """The broker agrees with the determination. Raises Refused."""
    cases.agree(number, version=_answered(number, by).case.version, by=by, now=now)


@transaction.atomic
def disagree(number: str, *, body: str, by: Actor, now: datetime) -> None:
    """The broker does not agree and says why: another officer hears it, with a clock of its own. Raises Refused."""
    claim = _answered(number, by)
    days = discrepancy.answer_days(day_of(now), calendar.parameters())
    clocks = {cases.ANSWER: Allowance(days, Unit.BUSINESS_DAYS)}
    cases.escalate(number, version=claim.case.version, by=by, now=now, clocks=clocks)
    correspondence.send(number, to=cases.DESK, body=body, by=by, now=now)


def withdraw(number: str, *, by: Actor, now: datetime) -> None:
    """The broker takes a claim back. Raises Refused."""
    cases.withdraw(number, version=_claim(number).case.version, by=by, now=now)


def _answered(number: str, by: Actor) -> Claim:
    """A claim of the broker's whose determination they can see."""
    claim = queries.numbered([number]).get(number)
    if claim is None or not cases.is_own(claim.case, by):
        raise Refused(f"there is no case {number}")
    (told,) = queries.as_told([claim])
    if told.state != queries.ANSWERED:
        raise Refused(f"{number} is {told.state}")
    return claim
