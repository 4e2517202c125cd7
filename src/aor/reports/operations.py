"""Reports published, corrected, and their workbooks stored. Callers bound the transactions; nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.conf import settings
from django.db import transaction

from aor.audit import keys
from aor.audit import operations as journal
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.carriers import queries as carriers
from aor.engine import bulk, faults, store
from aor.notices import operations as notices
from aor.notices.operations import Message
from aor.policy import report as rules
from aor.reports import compose, queries, render
from aor.reports.accounting import Account, Identity
from aor.reports.compose import Draft, LineFacts
from aor.reports.models import Accounted, Line, Removed, Report, Withdrawal, Withheld
from aor.terms.actor import Actor
from aor.terms.month import Month
from aor.terms.period import day_of
from aor.workbooks import row_ids
from aor.workbooks.aor_report import AorReport, HeldLine, ReportLine

AT_ONCE = 50  # workbooks rendered, or new issues published, before the next are read

_REPORT = (
    "id", "number", "month", "npn", "issue", "broker_name", "agency_name", "cut", "published_at", "journal_head",
    "plan_years", "lines_sha256", "note",
)  # fmt: skip
_ACCOUNTED = (
    "month", "enrollment_id", "npn", "effective_from", "hios_issuer_id", "date_sent", "carried_in", "outcome",
    "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edition:
    """What the reports of one close share."""

    cut: datetime
    journal_head: str
    now: datetime


def publish(drafts: Sequence[Draft], *, addresses: Mapping[str, str], edition: Edition) -> None:
    """Enters reports with their lines, and queues one notice a broker. Only inside a transaction.

    `addresses` are those of the brokers who are told.
    """
    ids = bulk.next_ids(Report, len(drafts))
    numbered = list(zip(ids, drafts, strict=True))
    bulk.load(
        Report,
        _REPORT,
        (
            (
                key, draft.number, str(draft.month), draft.npn, draft.issue, draft.broker_name, draft.agency_name,
                edition.cut, edition.now, edition.journal_head, draft.plan_years, draft.lines_sha256, draft.note,
            )
            for key, draft in numbered
        ),
    )  # fmt: skip
    lines = ((key, *compose.line_values(line)) for key, draft in numbered for line in draft.lines)
    bulk.load(Line, ("report_id", *compose.LINE), lines)
    rows = ((key, *compose.withheld_values(row)) for key, draft in numbered for row in draft.withheld)
    bulk.load(Withheld, ("report_id", *compose.WITHHELD), rows)
    told = [draft for draft in drafts if draft.npn in addresses]
    notices.queue((_message(draft, addresses[draft.npn]) for draft in told), now=edition.now)


def enter(accounts: Iterable[Account], *, month: Month) -> None:
    """Enters what the close of a month did with each send. Only inside a transaction."""
    bulk.load(
        Accounted,
        _ACCOUNTED,
        (
            (
                str(month), *one.send.identity, one.send.hios_issuer_id, one.send.date_sent, one.carried_in,
                one.outcome.value, one.reason,
            )
            for one in accounts
        ),
    )  # fmt: skip


def correct(gone: Mapping[int, frozenset[Identity]], *, addresses: Mapping[str, str], edition: Edition) -> int:
    """Publishes a new issue, without them, of every report with withdrawn rows; returns how many."""
    for keys_ in batched(sorted(gone), AT_ONCE):
        with transaction.atomic():
            rows = list(Report.objects.filter(id__in=keys_).order_by("month", "npn"))
            before = queries.drafts_of(rows)
            drafts = [
                compose.reissue(before[key], [line for line in before[key].lines if line.identity in gone[key]])
                for key in (row.pk for row in rows)
            ]
            publish(drafts, addresses=addresses, edition=edition)
        faults.reached("close:correct")
    return len(gone)


def withdraw(reports: Iterable[Report], *, because: str, now: datetime) -> list[Report]:
    """Nobody fetches these issues any more; those that were not withdrawn before. Only inside a transaction."""
    wanted = {report.pk: report for report in reports}
    known = queries.withdrawn(wanted)
    rows = [report for key, report in wanted.items() if key not in known]
    bulk.load(Withdrawal, ("report_id", "at", "because"), [(row.pk, now, because) for row in rows])
    return rows


def remove(entries: Iterable[Identity], *, because: str, now: datetime) -> None:
    """No report shows these entries from now on. Only inside a transaction."""
    Removed.objects.bulk_create(
        [
            Removed(enrollment_id=one[0], npn=one[1], effective_from=one[2], at=now, because=because)
            for one in entries
        ],
        ignore_conflicts=True,
    )


def reissue(reports: Sequence[Report], gone: frozenset[Identity], *, note: str, now: datetime) -> list[str]:
    """A new issue of each report without some entries; the new numbers. Only inside a transaction."""
    drafts = queries.drafts_of(reports)
    addresses = brokers.report_addresses({report.npn for report in reports})
    numbers = []
    for report in reports:
        draft = compose.without(drafts[report.pk], gone, note)
        publish([draft], addresses=addresses, edition=Edition(report.cut, report.journal_head, now))
        numbers.append(draft.number)
    return numbers


def render_missing(progress: Callable[[str], None]) -> int:
    """Renders and stores every workbook that is not stored yet; returns how many."""
    waiting = queries.not_rendered()
    done = 0
    slices = list(batched(waiting, AT_ONCE))
    books = render.render_all((tuple(_workbooks(part)) for part in slices), count=len(waiting))
    for part, rendered in zip(slices, books, strict=True):
        stored = [(key, store.put(content).sha256) for key, content in zip(part, rendered, strict=True)]
        bulk.update(Report, "id", ("workbook",), stored)
        done += len(stored)
        progress(f"{done} of {len(waiting)} workbooks")
        faults.reached("close:render")
    return done


def _workbooks(part: Sequence[int]) -> Iterator[AorReport]:
    """What the workbooks of some reports say, with signed row ids."""
    key = keys.of_row_ids(in_use=Report.objects.filter(workbook__isnull=False).exists())
    reports = {row.pk: row for row in Report.objects.filter(id__in=part)}
    drafts = queries.drafts_of(list(reports.values()))
    names = tuple(sorted({one.name for one in carriers.trading_partners().values()}))
    for month in sorted({draft.month for draft in drafts.values()}):
        of_month = [draft.npn for draft in drafts.values() if draft.month == month]
        earlier = queries.first_published(of_month, month)
        for pk in part:
            if drafts[pk].month == month:
                yield _workbook(reports[pk], drafts[pk], earlier.get(drafts[pk].npn, {}), names, key)


def _workbook(
    report: Report, draft: Draft, earlier: dict[Identity, LineFacts], carrier_names: tuple[str, ...], key: bytes
) -> AorReport:
    signed: dict[Identity, str] = {}  # most lines are on both sheets

    def rows(lines: Iterable[LineFacts]) -> tuple[ReportLine, ...]:
        return tuple(_row(line, signed.get(line.identity) or sign(line)) for line in lines)

    def sign(line: LineFacts) -> str:
        signed[line.identity] = row_id = row_ids.sign(key, report.number, _name(line))
        return row_id

    return AorReport(
        month=report.month,
        number=report.number,
        broker_name=report.broker_name,
        npn=report.npn,
        agency_name=report.agency_name,
        marketplace=getattr(settings, "AOR_MARKETPLACE", "the marketplace"),
        cut=report.cut,
        journal_head=report.journal_head,
        lines_sent=rows(line for line in draft.lines if line.on_month),
        lines_year_to_date=rows(queries.to_date(draft, earlier)),
        not_on_report=tuple(HeldLine(*compose.withheld_values(row)[1:]) for row in draft.withheld),
        carriers=carrier_names,
        plan_years=report.plan_years,
        issue_note=report.note,
        report_id=row_ids.sign(key, report.number, "report"),
    )


def _name(line: LineFacts) -> str:
    """Names an entry of the record, never a person."""
    return f"{line.enrollment}-{line.effective_from.isoformat().replace('-', '')}"


def _row(line: LineFacts, row_id: str) -> ReportLine:
    return ReportLine(
        row_id=row_id,
        date_sent=line.date_sent,
        last_name=line.last_name,
        first_name=line.first_name,
        birth_date=line.birth_date,
        carrier_name=line.carrier_name,
        coverage_effective=line.coverage_effective,
        broker_name=line.broker_name,
        npn=line.npn,
    )


def _message(draft: Draft, address: str) -> Message:
    """A report waits: no personal data; the workbook is fetched after sign-in (readings, R5)."""
    corrected = " A corrected issue replaces the one you may have fetched: delete that one." if draft.note else ""
    return Message(
        kind="report published",
        recipient_kind="broker",
        recipient_id=draft.npn,
        address=address,
        subject=f"Your agent of record report of {draft.month} is ready",
        body=f"Report {draft.number} waits for you. Sign in to the marketplace to fetch it.{corrected}",
        dedupe_key=f"report:{draft.number}",
    )


class NoReport(Exception):
    """There is no report to hand out; the words can be shown."""


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A published workbook: its stored bytes, and a file name with month and NPN."""

    number: str
    issue: int
    sha256: str
    name: str
    content: bytes


def hand_out(month: Month, npn: str, *, by: Actor, purpose: str, now: datetime) -> HandedOut:
    """The latest issue of a broker's report of a month, read on record. Raises NoReport."""
    if not Report.objects.filter(month=str(month)).exists():
        raise NoReport(f"no report of {month} was published")
    report = queries.latest(month, npn)
    if report is None:
        raise NoReport(f"no report of {month} was published for NPN {npn}")
    if queries.withdrawn([report.pk]):
        raise NoReport(f"{report.number} is withdrawn; a corrected issue will follow")
    if report.workbook is None:
        raise NoReport(f"the workbook of {report.number} is not rendered yet: run aor close {month} again")
    against = rules.keeps_reports(brokers.standings([npn])[npn], day_of(now), calendar.parameters())
    if against:
        raise NoReport(f"{against}: no report is handed out")
    journal.record_read(subject=("report", report.number), what="report workbook", purpose=purpose, by=by, at=now)
    issue = f"-issue-{report.issue}" if report.issue > 1 else ""
    with store.open_document(report.workbook) as file:
        name = f"AOR-report-{month}-{npn}{issue}.xlsx"
        return HandedOut(report.number, report.issue, report.workbook, name, file.read())
