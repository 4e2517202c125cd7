"""Claims read: as the claimant is told, as officers see them, and two brokers' sides of one consumer.

Whatever a broker sees goes through `as_told`. Claims of one file about which nothing may be told get their answers
shown together, when the last of them has one: so not even the time of an answer tells who has coverage.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from aor.audit import operations as journal
from aor.cases import queries as cases
from aor.cases.models import State
from aor.cases.operations import ANSWER
from aor.discrepancies.models import Alert, Assessment, Batch, Claim, Supplement
from aor.engine import bulk
from aor.engine.among import among
from aor.policy.decision import Finding
from aor.policy.discrepancy import PROCEDURE, Determination, Disclosure
from aor.terms.actor import Actor
from aor.terms.period import day_of

KIND = "discrepancy"
IN_REVIEW, MORE, ANSWERED, ANOTHER_REVIEW, CLOSED = (
    "in review", "more information needed", "answered", "another review", "closed",
)  # fmt: skip
_STATES = {State.ANSWERED: ANSWERED, State.ESCALATED: ANOTHER_REVIEW, State.CLOSED: CLOSED}


@dataclass(frozen=True, slots=True)
class AsTold:
    """A claim as its broker may see it. `place` in the queue and `expected_on` while it is in review.

    `fields` are what the broker wrote; `determined_on` is None until the determination may be seen.
    """

    receipt: str
    sheet: str
    line: int
    fields: Mapping[str, str]
    problems: tuple[str, ...]
    state: str
    determination: str
    because: str
    what_to_do: str
    determined_on: date | None
    place: int | None
    expected_on: date | None

    @property
    def finding(self) -> Finding:
        """In the shape of every finding."""
        met = {Determination.ALREADY_SENT.value: True, MORE: None}.get(self.determination, False)
        return Finding("OWN_AGENT_OF_RECORD", met, self.because, f"{PROCEDURE}, 5", self.what_to_do)


@dataclass(frozen=True, slots=True)
class _Assessed:
    """The first and the latest assessment of a claim, and its latest determination."""

    first: Assessment
    latest: Assessment
    confirmed: Assessment | None
    asked: bool  # the broker was ever asked for something the claim lacks


def of_broker(npn: str) -> list[Claim]:
    """A broker's claims, in the order received."""
    return list(Claim.objects.filter(npn=npn).select_related("case").order_by("case_id"))


def of_broker_latest(npn: str) -> QuerySet[Claim]:
    """A broker's claims, the latest first, to be shown some at a time."""
    return Claim.objects.filter(npn=npn).select_related("case", "batch").order_by("-case_id")


def batch(npn: str, id: int) -> Batch | None:
    """What a broker sent in at once, if it is this broker's."""
    return Batch.objects.filter(npn=npn, pk=id).first()


def numbered(numbers: Iterable[str]) -> dict[str, Claim]:
    """Claims by the numbers of their cases."""
    rows = Claim.objects.filter(among("case__number", numbers)).select_related("case", "batch")
    return {row.case.number: row for row in rows}


def as_told(claims: Sequence[Claim]) -> list[AsTold]:
    """Claims as their broker may see them: a few queries, whatever their number."""
    assessed = _assessed([claim.batch_id for claim in claims])
    released = _released(assessed, claims)
    clocks = cases.clocks([claim.case_id for claim in claims])
    queue = list(cases.queue(KIND).values_list("id", flat=True))
    said = current_fields(claims)
    return [
        _told(
            claim,
            assessed[claim.pk],
            claim.batch_id in released,
            clocks.get(claim.case_id, ()),
            queue,
            *said[claim.pk],
        )
        for claim in claims
    ]


def _told(
    claim: Claim,
    assessed: _Assessed,
    released: bool,
    clocks: Sequence[cases.ClockFacts],
    queue: Sequence[int],
    fields: Mapping[str, str],
    problems: tuple[str, ...],
) -> AsTold:
    state = State(claim.case.state)
    shown = assessed.confirmed
    if shown is not None and shown.disclosure == Disclosure.NOTHING and not (released or assessed.asked):
        shown = None
    waits = state is State.WAITING and shown is None
    reviewed = state is State.ESCALATED or (shown is None and not waits and state is not State.CLOSED)
    what = shown or assessed.latest
    expected = max((one.last_day for one in clocks if one.name == ANSWER), default=None)
    if waits or state is State.WAITING:
        words = MORE
    else:
        words = _STATES.get(state, IN_REVIEW) if shown is not None or state is State.CLOSED else IN_REVIEW
    return AsTold(
        receipt=claim.case.number,
        sheet=claim.sheet,
        line=claim.line,
        fields=fields,
        problems=problems,
        state=words,
        determination=what.told_says,
        because=what.told_because,
        what_to_do=what.told_to_do,
        determined_on=day_of(shown.at) if shown is not None else None,
        place=bisect_left(queue, claim.case_id) + 1 if reviewed else None,
        expected_on=expected if reviewed else None,
    )


def _assessed(batches: Iterable[int]) -> dict[int, _Assessed]:
    """The assessments of every claim of some batches, by claim."""
    found: dict[int, _Assessed] = {}
    for row in Assessment.objects.filter(among("claim__batch", batches)).order_by("id"):
        before = found.get(row.claim_id)
        found[row.claim_id] = _Assessed(
            first=before.first if before else row,
            latest=row,
            confirmed=row if row.confirmed else before.confirmed if before else None,
            asked=row.disclosure == Disclosure.OWN_WORDS or bool(before and before.asked),
        )
    return found


def _released(assessed: Mapping[int, _Assessed], claims: Sequence[Claim]) -> set[int]:
    """The batches in which every claim about which nothing may be told has its determination."""
    batches = {claim.batch_id for claim in claims}
    rows = bulk.read(Claim.objects.filter(among("batch", batches)), "id", "batch_id", "case__state")
    return batches - {
        batch
        for id, batch, state in rows
        if (one := assessed[id]).first.disclosure == Disclosure.NOTHING
        and not (one.confirmed or one.asked or state == State.CLOSED)
    }


def current_fields(claims: Sequence[Claim]) -> dict[int, tuple[dict[str, str], tuple[str, ...]]]:
    """What each claim says now, supplements included, and the problems that are left."""
    found = {claim.pk: (json.loads(claim.fields), tuple(json.loads(claim.problems))) for claim in claims}
    for row in Supplement.objects.filter(among("claim", found)).order_by("id"):
        found[row.claim_id] = ({**found[row.claim_id][0], **json.loads(row.fields)}, tuple(json.loads(row.problems)))
    return found


def missing(claim: Claim) -> tuple[str, ...]:
    """The required fields that a claim still lacks."""
    last = claim.supplements.order_by("id").last()
    return tuple(json.loads(claim.missing if last is None else last.missing))


def latest(claims: Iterable[int]) -> dict[int, Assessment]:
    """The latest assessment of each claim, for officers: the true finding."""
    rows = Assessment.objects.filter(among("claim", claims)).select_related("decision").order_by("id")
    return {row.claim_id: row for row in rows}


def queue() -> list[tuple[Claim, Assessment]]:
    """What officers have to work, in the order received, each with its true finding."""
    claims = list(Claim.objects.filter(case__in=cases.queue(KIND)).select_related("case").order_by("case_id"))
    found = latest(claim.pk for claim in claims)
    return [(claim, found[claim.pk]) for claim in claims]


def findings(assessment: Assessment) -> list[dict[str, object]]:
    """The findings of an assessment, as they were made then."""
    found: list[dict[str, object]] = json.loads(assessment.decision.findings)
    return found


def record_reads(claims: Iterable[Claim], *, purpose: str, by: Actor, now: datetime) -> None:
    """Records that an officer saw claims with their true findings."""
    subjects = [("case", claim.case.number) for claim in claims]
    journal.record_reads(subjects=subjects, what="claims", purpose=purpose, by=by, at=now)


def rivals(number: str) -> list[Claim]:
    """The claims, by any broker, about the consumer whom a claim is about, in the order received."""
    claim = numbered([number])[number]
    subscriber = latest([claim.pk])[claim.pk].subscriber_id
    if subscriber is None:
        return [claim]
    near = Claim.objects.filter(assessments__subscriber=subscriber).select_related("case").distinct()
    now = latest(near.values_list("id", flat=True))
    return [one for one in near.order_by("case_id") if now[one.pk].subscriber_id == subscriber]


def alerts(since: date) -> list[Alert]:
    """Brokers with many claims without anything on file, latest first."""
    return list(Alert.objects.filter(day__gte=since).order_by("-day", "npn"))


def unfounded(npns: Iterable[str], since: datetime) -> dict[str, int]:
    """How many claims without anything on file each broker made since an instant."""
    claims = Claim.objects.filter(among("npn", npns), batch__received_at__gte=since)
    own = dict(bulk.read(claims, "id", "npn"))
    counts: dict[str, int] = {}
    for id, assessment in latest(own).items():
        if assessment.disclosure == Disclosure.NOTHING:
            counts[own[id]] = counts.get(own[id], 0) + 1
    return counts
