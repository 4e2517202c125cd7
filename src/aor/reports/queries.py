"""What was published, read: issues, lines as first published, and what earlier closes did with each send."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from aor.engine import bulk
from aor.reports import compose
from aor.reports.accounting import Identity, Outcome, Settled
from aor.reports.compose import LINE, WITHHELD, Draft, Issue, LineFacts
from aor.reports.models import Accounted, Line, Removed, Report, Withdrawal, Withheld
from aor.terms.month import Month
from aor.terms.period import plan_year_of

CHUNK = 5_000


class PublishedLine(NamedTuple):
    """A line of a latest issue: its report's key, and whether it stands on the month's sheet."""

    report: int
    on_month: bool
    identity: Identity
    date_sent: date


def latest_issues() -> QuerySet[Report]:
    """Of every broker's report of every month the latest issue."""
    later = Report.objects.filter(month=OuterRef("month"), npn=OuterRef("npn"), issue__gt=OuterRef("issue"))
    return Report.objects.filter(~Exists(later))


def latest(month: Month, npn: str) -> Report | None:
    """The latest issue of a broker's report of a month."""
    return Report.objects.filter(month=str(month), npn=npn).order_by("-issue").first()


def of_broker(npn: str) -> list[Report]:
    """Every issue of a broker's reports, the latest first."""
    return list(Report.objects.filter(npn=npn).order_by("-month", "-issue"))


def carrying(identities: Iterable[Identity]) -> list[Report]:
    """Every issue that shows one of some entries: among its own lines, or by the year to date of a later month."""
    found: dict[int, Report] = {}
    for enrollment, npn, day in identities:
        lines = Line.objects.filter(enrollment=enrollment, npn=npn, effective_from=day).order_by("report__month")
        first = lines.values_list("report__month", "coverage_effective").first()
        if first is None:
            continue
        year = str(plan_year_of(first[1]))
        later = Q(npn=npn, month__gt=first[0], plan_years__contains=year)
        own = lines.order_by().values("report")
        found.update({row.pk: row for row in Report.objects.filter(Q(pk__in=own) | later)})
    return sorted(found.values(), key=lambda row: (row.month, row.npn, row.issue))


def withdrawn(reports: Iterable[int]) -> set[int]:
    """Of some issues, by their keys, those that nobody may fetch any more."""
    return set(Withdrawal.objects.filter(report__in=list(reports)).values_list("report_id", flat=True))


def removed(cut: datetime) -> frozenset[Identity]:
    """The entries that reports show no more, as known at the cut."""
    return frozenset(Removed.objects.filter(at__lte=cut).values_list("enrollment_id", "npn", "effective_from"))


def removed_for(because: str) -> frozenset[Identity]:
    """The entries that reports show no more for one incident."""
    return frozenset(Removed.objects.filter(because=because).values_list("enrollment_id", "npn", "effective_from"))


def published(before: Month) -> Iterator[PublishedLine]:
    """Every line of the latest issues of earlier months."""
    lines = Line.objects.filter(report__in=latest_issues().filter(month__lt=str(before)))
    columns = ("report_id", "on_month", "enrollment_id", "npn", "effective_from", "date_sent")
    for report, on_month, enrollment, npn, day, sent in lines.values_list(*columns).iterator(chunk_size=CHUNK):
        yield PublishedLine(report, on_month, (enrollment, npn, day), sent)


def settled(before: Month) -> dict[Identity, Settled]:
    """What the latest close before a month did with each send."""
    columns = ("enrollment_id", "npn", "effective_from", "date_sent", "outcome")
    rows = Accounted.objects.filter(month__lt=str(before)).order_by("month").values_list(*columns)
    return {
        (enrollment, npn, day): Settled(sent, Outcome(outcome))
        for enrollment, npn, day, sent, outcome in rows.iterator(chunk_size=CHUNK)
    }


def earlier_lines(npns: Sequence[str], until: Month) -> dict[str, list[tuple[Any, ...]]]:
    """By broker, the rows of LINE on the latest issues of months before `until`, ascending by month."""
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    reports = latest_issues().filter(npn__in=npns, month__lt=str(until))
    lines = Line.objects.filter(report__in=reports).order_by("report__month")
    for npn, *row in bulk.read(lines, "npn", *LINE):
        found[npn].append(tuple(row))
    return found


def first_published(npns: Sequence[str], until: Month) -> dict[str, dict[Identity, LineFacts]]:
    """By broker, every entry on a latest issue of a month before `until`, as it was first published."""
    return {npn: compose.first_published(rows) for npn, rows in earlier_lines(npns, until).items()}


def issues(reports: Sequence[Report]) -> dict[int, Issue]:
    """Some issues with their rows, by their keys."""
    found = {
        row.pk: Issue(
            row.month, row.npn, row.issue, row.broker_name, row.agency_name, row.plan_years, row.note, [], []
        )
        for row in reports
    }
    for report, *line in bulk.read(Line.objects.filter(report__in=list(found)), "report_id", *LINE):
        found[report].lines.append(tuple(line))
    withheld = Withheld.objects.filter(report__in=list(found)).order_by("id")
    for report, *row in bulk.read(withheld, "report_id", *WITHHELD):
        found[report].withheld.append(tuple(row))
    return found


def drafts_of(reports: Sequence[Report]) -> dict[int, Draft]:
    """What some reports say, by their keys."""
    return {key: compose.draft(issue) for key, issue in issues(reports).items()}


def not_rendered() -> list[int]:
    """The keys of reports whose workbook is not stored yet, by month and broker."""
    rows = Report.objects.filter(workbook__isnull=True).order_by("month", "npn", "issue")
    return list(rows.values_list("id", flat=True))
