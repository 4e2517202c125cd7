"""What was published, read: issues, lines as first published, and what earlier closes did with each send."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from aor.reports.accounting import Identity, Outcome, Settled
from aor.reports.compose import LINE, WITHHELD, Draft, LineFacts, WithheldFacts, ordered
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


def first_published(npns: Sequence[str], until: Month) -> dict[str, dict[Identity, LineFacts]]:
    """By broker, every entry on a latest issue of a month before `until`, as it was first published."""
    found: defaultdict[str, dict[Identity, LineFacts]] = defaultdict(dict)
    reports = latest_issues().filter(npn__in=npns, month__lt=str(until))
    for row in Line.objects.filter(report__in=reports).order_by("report__month").values_list(*LINE):
        line = LineFacts(*row)
        found[line.npn].setdefault(line.identity, line)
    return found


def drafts_of(reports: Sequence[Report]) -> dict[int, Draft]:
    """What some reports say, by their keys."""
    keys = [report.pk for report in reports]
    lines: defaultdict[int, list[LineFacts]] = defaultdict(list)
    for report, *line in Line.objects.filter(report__in=keys).values_list("report_id", *LINE):
        lines[report].append(LineFacts(*line))
    withheld: defaultdict[int, list[WithheldFacts]] = defaultdict(list)
    for report, *row in Withheld.objects.filter(report__in=keys).order_by("id").values_list("report_id", *WITHHELD):
        withheld[report].append(WithheldFacts(*row))
    return {
        report.pk: Draft(
            month=Month.parse(report.month),
            npn=report.npn,
            issue=report.issue,
            broker_name=report.broker_name,
            agency_name=report.agency_name,
            plan_years=report.plan_years,
            lines=ordered(lines[report.pk]),
            withheld=tuple(withheld[report.pk]),
            note=report.note,
        )
        for report in reports
    }


def to_date(draft: Draft, earlier: dict[Identity, LineFacts]) -> tuple[LineFacts, ...]:
    """The year to date of a report: of the current plan years what was ever published, each as it first was."""
    years = {int(year) for year in draft.plan_years.split(" and ")}
    rows = {**{line.identity: line for line in draft.lines}, **earlier}
    return ordered(line for line in rows.values() if plan_year_of(line.coverage_effective) in years)


def not_rendered() -> list[int]:
    """The keys of reports whose workbook is not stored yet, by month and broker."""
    rows = Report.objects.filter(workbook__isnull=True).order_by("month", "npn", "issue")
    return list(rows.values_list("id", flat=True))
