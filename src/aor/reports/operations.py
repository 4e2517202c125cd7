"""Reports published, corrected, and their workbooks stored. Callers bound the transactions; nothing is changed."""

from __future__ import annotations

from collections import deque
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
from aor.engine.slices import Pool
from aor.notices import operations as notices
from aor.notices.operations import Message
from aor.policy import report as rules
from aor.reports import compose, queries, render
from aor.reports.accounting import Account, Identity
from aor.reports.compose import Draft
from aor.reports.models import Accounted, Line, Removed, Report, Withdrawal, Withheld
from aor.terms.actor import Actor
from aor.terms.month import Month
from aor.terms.period import day_of

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


def publish(drafts: Sequence[Draft], *, addresses: Mapping[str, str], edition: Edition) -> list[int]:
    """Enters reports with their lines, and queues one notice a broker; their keys. Only inside a transaction.

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
    return list(ids)


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


type OneAhead = tuple[int, store.Aside]
"""The key of a report, and its workbook, set aside until the month is certified."""


def render_ahead(published: Iterable[list[int]], *, press: Pool) -> list[OneAhead]:
    """Renders reports while more are published, some at a time.

    Nobody sees one before it is handed to `keep`. Only under the lock of the close.
    """
    under_way: deque[list[int]] = deque()
    ahead: list[OneAhead] = []

    def shelves() -> Iterator[render.Shelf]:
        for part in filter(None, published):
            under_way.append(part)
            yield _published(part)

    for rendered in render.render_all(shelves(), press):
        ahead += zip(under_way.popleft(), store.set_aside(rendered), strict=True)
    return ahead


def forget_ahead() -> None:
    """Takes away what was rendered ahead and not kept. Only under the lock of the close."""
    store.clear_asides()


def keep(ahead: Sequence[OneAhead], progress: Callable[[str], None]) -> None:
    """Stores what was rendered ahead: brokers may fetch it from now on."""
    for done, some in enumerate(batched(ahead, AT_ONCE)):
        _stored([key for key, _ in some], store.keep(aside for _, aside in some))
        progress(f"{done * AT_ONCE + len(some)} of {len(ahead)} workbooks")


def render_missing(progress: Callable[[str], None]) -> int:
    """Renders and stores every workbook that is not stored yet; returns how many."""
    waiting = queries.not_rendered()
    done = 0
    parts = list(batched(waiting, AT_ONCE))
    with render.press(len(waiting)) as press:
        for part, rendered in zip(parts, render.render_all(map(_published, parts), press), strict=True):
            _stored(part, store.put_all(rendered))
            done += len(part)
            progress(f"{done} of {len(waiting)} workbooks")
    return done


def _stored(reports: Sequence[int], workbooks: Sequence[store.Document]) -> None:
    bulk.update(Report, "id", ("workbook",), [(key, one.sha256) for key, one in zip(reports, workbooks, strict=True)])
    faults.reached("close:render")


def _published(part: Sequence[int]) -> render.Shelf:
    """Some issues, as what their workbooks are made from."""
    reports = {row.pk: row for row in Report.objects.filter(id__in=part)}
    issues = queries.issues(list(reports.values()))
    earlier = {
        month: queries.earlier_lines([row.npn for row in reports.values() if row.month == month], Month.parse(month))
        for month in {row.month for row in reports.values()}
    }
    return render.Shelf(
        key=keys.of_row_ids(in_use=Report.objects.filter(workbook__isnull=False).exists()),
        marketplace=getattr(settings, "AOR_MARKETPLACE", "the marketplace"),
        carriers=tuple(sorted({one.name for one in carriers.trading_partners().values()})),
        books=[
            render.Book(row.cut, row.journal_head, issues[key], earlier[row.month].get(row.npn, []))
            for key, row in ((key, reports[key]) for key in part)
        ],
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
