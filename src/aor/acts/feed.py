"""Enrollments that the eligibility system tells of, also before they went to the carrier (readings, R4).

They become the same events as those of an 834, so everything that follows is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from aor.acts import settle
from aor.associations.operations import ConsentGiven as ConsentGiven  # a consumer's consent there comes through here
from aor.audit import operations as journal
from aor.engine import locks, store
from aor.enrollments import operations, queries
from aor.enrollments.lifecycle import ADD, END
from aor.policy.decision import Finding
from aor.record import operations as record
from aor.record.queries import Surroundings
from aor.terms.actor import Actor
from aor.terms.period import day_of

CITES = "Agent of Record Report Policy, Procedure for Sending, 1"
FEED = "FEED"  # in place of the interchange's receiver
_COLUMNS = (*operations.EVENT_COLUMNS, "unsent")


@dataclass(frozen=True, slots=True)
class Told:
    """One subscriber's coverage as the eligibility system tells it; `until` is the first day that no longer counts.

    `sent_at` is when it went to the carrier, None while it has not. `npn` is whom it named then.
    """

    kind: str
    hios_issuer_id: str
    policy_id: str
    subscriber_id: str
    member_id: str
    plan_id: str
    coverage_kind: str
    start: date | None
    until: date | None
    requested_on: date | None
    application_id: str
    last_name: str
    first_name: str
    middle_name: str
    birth_date: date | None
    sex: str
    address: str
    phone: str
    email: str
    sent_at: datetime | None
    npn: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one of the enrollments told, by its place (from 0) and field."""

    place: int
    field: str
    because: str


@dataclass(frozen=True, slots=True)
class Received:
    """`wrong` is empty where the feed was taken, whole; else nothing was."""

    enrollments: int = 0
    findings: tuple[Finding, ...] = ()
    wrong: tuple[Wrong, ...] = ()


@transaction.atomic(savepoint=False)
def receive(told: Sequence[Told], *, content: bytes, source: str, by: Actor, now: datetime) -> Received:
    """Takes a feed whole, or refuses it whole; the same content twice changes nothing. Raises Backdated."""
    sha256 = hashlib.sha256(content).hexdigest()
    before = queries.accepted_as(sha256)
    if before is not None:
        because = f"already received as {before.name}; nothing changed"
        return Received(findings=(Finding("SAME_FILE", True, because, CITES),))
    wrong = tuple(_wrong(told))
    if wrong:
        result = Received(wrong=wrong)
        _journal(sha256, result, by=by, now=now)
        return result
    name = f"feed of {source} at {now.isoformat(timespec='seconds')}"
    policies, around, result = sorted({one.policy_id for one in told}), Surroundings.known(), Received(len(told))
    with locks.shared("writers"):
        record.refuse_backdated(queries.households_of(policies), parameters=around.parameters, now=now)
        store.put(content)
        file = operations.followed_file(sha256=sha256, name=name, sets=len(told), now=now)
        operations.stage(rows=_rows(file.pk, told, now), columns=_COLUMNS)
        _journal(sha256, result, by=by, now=now)
        settle.told(policies, around=around, cause=f"enrollment file {file.pk}", now=now)
    return result


def _journal(sha256: str, result: Received, *, by: Actor, now: datetime) -> None:
    journal.write(
        verb="enrollments.refused" if result.wrong else "enrollments.received",
        subject=("enrollment file", sha256),
        by=by,
        at=now,
        details={"enrollments": result.enrollments, "findings": [one.because for one in result.wrong[:20]]},
    )


def _wrong(told: Iterable[Told]) -> Iterator[Wrong]:
    for place, one in enumerate(told):
        for field, because in _faults(one):
            yield Wrong(place, field, because)


def _faults(one: Told) -> Iterator[tuple[str, str]]:
    needed: dict[str, dict[str, object]] = {
        ADD: {"start": one.start, "plan_id": one.plan_id, "coverage": one.coverage_kind, "last_name": one.last_name},
        END: {"until": one.until},
    }
    for field, value in needed.get(one.kind, {}).items():
        if not value:
            yield field, f"is missing: it belongs to {one.kind}"
    if one.plan_id and not one.plan_id.startswith(one.hios_issuer_id):
        yield "plan_id", "does not begin with the carrier's HIOS issuer id"
    if one.kind == ADD and one.start and one.until and one.until <= one.start:
        yield "until", "is not after start: it is the first day that no longer counts"
    if one.npn and one.sent_at is None:
        yield "npn", "says whom the carrier was told of: it stands only with sent_to_carrier_at"


def _rows(file: int, told: Iterable[Told], now: datetime) -> Iterator[tuple[object, ...]]:
    """Events in the order of `_COLUMNS`; what was not sent yet is ordered by the instant at which it was told."""
    for number, one in enumerate(told, start=1):
        at = one.sent_at or now
        yield (
            file, at, day_of(at), FEED, "", f"{number:09d}", "", one.kind, one.hios_issuer_id, one.policy_id,
            one.subscriber_id, one.member_id, one.plan_id, one.coverage_kind, one.start, one.until, one.requested_on,
            one.application_id, one.last_name, one.first_name, one.middle_name, one.birth_date, one.sex, one.address,
            one.phone, one.email, one.npn, "", "", True if one.sent_at is None else None,
        )  # fmt: skip
