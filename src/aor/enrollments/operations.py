"""Enrollments changed: staged, accepted, folded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from aor.engine import bulk
from aor.engine.among import among
from aor.enrollments.lifecycle import EnrollmentState, EventFacts, states
from aor.enrollments.models import Enrollment, EnrollmentFile, Event, Interchange

# The order in which `stage` takes the columns of an event.
EVENT_COLUMNS = (
    "file_id", "sent_at", "sent_day", "isa08", "isa13", "st02", "issuer_id", "kind", "hios_issuer_id", "policy_id",
    "subscriber_id", "member_id", "plan_id", "coverage_kind", "start", "until", "requested_on", "application_id",
    "last_name", "first_name", "middle_name", "birth_date", "sex", "address", "phone", "email", "broker_npn",
    "broker_name", "reason",
)  # fmt: skip
# Rows staged and never accepted hold up the sealing of later ones.
ABANDONED_AFTER = timedelta(days=1)
_STATE_COLUMNS = EnrollmentState._fields[2:]  # carrier and policy come first


def begin_file(*, sha256: str, name: str, now: datetime) -> EnrollmentFile:
    """A file being staged; what interrupted tries left behind, with the same bytes or a day ago, is swept."""
    sweep(sha256=sha256)
    abandoned = EnrollmentFile.objects.filter(accepted_at=None, received_at__lt=now - ABANDONED_AFTER)
    for left in abandoned.values_list("sha256", flat=True):
        sweep(sha256=left)
    return EnrollmentFile.objects.create(sha256=sha256, name=name[:255], received_at=now)


def sweep(*, sha256: str) -> None:
    """Removes staged rows of a file that was never accepted."""
    for file in EnrollmentFile.objects.filter(sha256=sha256, accepted_at__isnull=True):
        Event.objects.filter(file=file).delete()
        Interchange.objects.filter(file=file).delete()
        file.delete()


def followed_file(*, sha256: str, name: str, sets: int, now: datetime) -> EnrollmentFile:
    """A file that is taken in one transaction with its events and with what follows of them."""
    return EnrollmentFile.objects.create(
        sha256=sha256,
        stripped=sha256,
        name=name[:255],
        received_at=now,
        accepted_at=now,
        folded_at=now,
        sets=sets,
    )


def stage(*, rows: Iterable[Sequence[Any]], columns: Sequence[str] = EVENT_COLUMNS) -> int:
    """Loads events (columns `EVENT_COLUMNS`) of a file that nobody sees as accepted yet."""
    return bulk.load(Event, columns, rows)


def accept_file(
    file: EnrollmentFile, *, numbers: Iterable[tuple[str, str, str]], sets: int, stripped: str, now: datetime
) -> None:
    """All events are in: from here on they count."""
    bulk.load(Interchange, ["file_id", "isa06", "isa08", "isa13"], [(file.id, *number) for number in numbers])
    EnrollmentFile.objects.filter(id=file.id).update(accepted_at=now, sets=sets, stripped=stripped)


def folded(file: EnrollmentFile, *, now: datetime) -> None:
    """Once: whoever else followed it at the same time may have said so first."""
    EnrollmentFile.objects.filter(id=file.id, folded_at=None).update(folded_at=now)


def fold(*, events: Sequence[EventFacts], subscribers: Mapping[str, int]) -> set[int]:
    """Brings the enrollments of some policies to what all their events say; the subscriber rows touched.

    `events` are by policy; `subscribers` maps every exchange subscriber id of theirs to its row.
    """
    known = {
        (row[1], row[0]): row[2:]
        for row in bulk.read(
            Enrollment.objects.filter(among("policy_id", (event.policy_id for event in events))),
            "hios_issuer_id",
            "policy_id",
            "id",
            *_STATE_COLUMNS,
        )
    }
    new: list[tuple[Any, ...]] = []
    changed: list[tuple[Any, ...]] = []
    touched: set[int] = set()
    for _, own in groupby(events, key=attrgetter("policy_id")):
        for state in states(own):
            values = _values(state, subscribers)
            before = known.get((state.policy_id, state.hios_issuer_id))
            if before is None:
                new.append((state.hios_issuer_id, state.policy_id, *values))
            elif before[1:] != values:
                changed.append((before[0], *values))
                touched.add(before[1])
            else:
                continue
            touched.add(values[0])
    bulk.load(Enrollment, ["hios_issuer_id", "policy_id", *_STATE_COLUMNS], new)
    bulk.update(Enrollment, "id", _STATE_COLUMNS, changed)
    return touched


def _values(state: EnrollmentState, subscribers: Mapping[str, int]) -> tuple[Any, ...]:
    return (subscribers[state.subscriber_id], *state[3:])
