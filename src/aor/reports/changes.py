"""What a broker gained, lost, saw end or corrected between two closes: the record at one cut beside the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import batched
from operator import attrgetter

from django.db.models import Q

from aor.carriers import queries as carriers
from aor.engine import bulk
from aor.engine.among import among
from aor.enrollments.models import Enrollment
from aor.record.models import Entry
from aor.reports.models import Line, Report

AT_ONCE = 4_000


class Kind(StrEnum):
    GAINED = "gained"
    LOST = "lost"
    ENDED = "ended"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Coverage:
    """An enrollment as it stands: whose, with which carrier; `cancelled` was never in force."""

    last_name: str
    first_name: str
    birth_date: date | None
    carrier_name: str
    start: date
    until: date
    cancelled: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the page of changes."""

    npn: str
    kind: str
    day: date
    enrollment: int
    last_name: str
    first_name: str
    birth_date: date | None
    carrier_name: str
    coverage_effective: date
    words: str


COLUMNS = ("npn", "kind", "day", "enrollment_id", *list(Change.__slots__)[4:])
values = attrgetter(*Change.__slots__)
Days = tuple[date, date]  # the first day, and the first that no longer counts


def compare(before: Days | None, after: Days | None, coverage: Coverage) -> tuple[Kind, date, str] | None:
    """What became of one broker's days of one enrollment, in words for that broker; None: nothing."""
    ended = timedelta(1)
    if after is None:
        if before is None:
            return None
        if coverage.cancelled:
            return Kind.ENDED, before[0], "the coverage was cancelled and never in force"
        return Kind.LOST, before[0], f"you are not agent of record from {before[0]}"
    if before is None:
        return Kind.GAINED, after[0], f"you are agent of record from {after[0]}"
    if after[0] != before[0]:
        return Kind.CORRECTED, after[0], f"you are agent of record from {after[0]}, not from {before[0]}"
    if after[1] > before[1]:
        return Kind.CORRECTED, after[1] - ended, f"you are agent of record until {after[1] - ended} again"
    if after[1] < before[1]:
        if after[1] == coverage.until:
            return Kind.ENDED, after[1] - ended, f"the coverage ends on {after[1] - ended}"
        return Kind.LOST, after[1] - ended, f"you are agent of record until {after[1] - ended}"
    return None


def since(previous: datetime, cut: datetime) -> list[Change]:
    """Every change of the record that became known between two cuts, and rows withdrawn from earlier reports."""
    return sorted([*_of_record(previous, cut), *_withdrawn(cut)], key=values)


def _of_record(previous: datetime, cut: datetime) -> Iterator[Change]:
    news = Q(known_from__gt=previous, known_from__lte=cut) | Q(known_until__gt=previous, known_until__lte=cut)
    touched = sorted(id for (id,) in bulk.read(Entry.objects.filter(news).order_by().distinct(), "enrollment_id"))
    names = {hios: one.name for hios, one in carriers.trading_partners(cut).items()}
    for some in batched(touched, AT_ONCE):
        before, after = _days(some, previous), _days(some, cut)
        covered = _coverage(some, names)
        for enrollment, npn in sorted(before.keys() | after.keys()):
            coverage = covered[enrollment]
            found = compare(before.get((enrollment, npn)), after.get((enrollment, npn)), coverage)
            if found is not None:
                yield _change(npn, enrollment, coverage, *found)


def _days(enrollments: Sequence[int], known_at: datetime) -> dict[tuple[int, str], Days]:
    """From the first to the last day on which a broker was agent of record, as known at an instant."""
    rows = Entry.objects.known_at(known_at).filter(among("enrollment", enrollments), in_standing=True)
    found: dict[tuple[int, str], Days] = {}
    for enrollment, npn, start, until in bulk.read(rows, "enrollment_id", "npn", "effective_from", "effective_until"):
        first, last = found.get((enrollment, npn), (start, until))
        found[enrollment, npn] = (min(first, start), max(last, until))
    return found


def _coverage(enrollments: Iterable[int], names: Mapping[str, str]) -> dict[int, Coverage]:
    rows = bulk.read(
        Enrollment.objects.filter(among("id", enrollments)),
        *("id", "hios_issuer_id", "last_name", "first_name", "birth_date", "start", "until", "cancelled"),
    )
    return {
        id: Coverage(last, first, born, names.get(hios) or carriers.unknown(hios).name, start, until, cancelled)
        for id, hios, last, first, born, start, until, cancelled in rows
    }


def _withdrawn(cut: datetime) -> Iterator[Change]:
    """Rows that earlier reports no longer have, because their carrier rejected them after publication."""
    reissued = {(row.month, row.npn, row.issue): row.pk for row in Report.objects.filter(cut=cut, issue__gt=1)}
    earlier = {
        (row.month, row.npn, row.issue + 1): row.pk
        for row in Report.objects.filter(npn__in={npn for _, npn, _ in reissued})
    }
    pairs = {earlier[key]: new for key, new in reissued.items() if key in earlier}
    kept: defaultdict[int, set[tuple[int, date]]] = defaultdict(set)
    left = Line.objects.filter(report__in=pairs.values()).values_list("report_id", "enrollment_id", "effective_from")
    for report, enrollment, day in left:
        kept[report].add((enrollment, day))
    for line in Line.objects.filter(report__in=pairs).select_related("report").order_by("pk"):
        if (line.enrollment_id, line.effective_from) not in kept[pairs[line.report_id]]:
            yield Change(
                npn=line.npn,
                kind=Kind.CORRECTED,
                day=line.date_sent,
                enrollment=line.enrollment_id,
                last_name=line.last_name,
                first_name=line.first_name,
                birth_date=line.birth_date,
                carrier_name=line.carrier_name,
                coverage_effective=line.coverage_effective,
                words=f"taken from the report of {line.report.month}: the carrier rejected it after publication",
            )


def _change(npn: str, enrollment: int, coverage: Coverage, kind: Kind, day: date, words: str) -> Change:
    return Change(
        npn, kind, day, enrollment, coverage.last_name, coverage.first_name, coverage.birth_date,
        coverage.carrier_name, coverage.start, words,
    )  # fmt: skip
