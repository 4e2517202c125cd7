"""Monthly statements of brokers and agencies (readings, R6): published by the close, rendered when asked for.

A statement shows the rows of the reports, grouped by broker and program determination, and what changed since the
last close. What it rests on is frozen with its hash at the close; so it can be rendered later and says the same.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched, groupby
from typing import NamedTuple

from django.db import transaction

from aor.audit import operations as journal
from aor.brokers import agencies
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.engine import bulk, faults, store
from aor.engine.among import among
from aor.notices import operations as notices
from aor.notices.operations import Message
from aor.policy import report as rules
from aor.reports import changes, compose, queries, statement_pages
from aor.reports.accounting import Identity
from aor.reports.changes import Change
from aor.reports.compose import LINE, LineFacts
from aor.reports.models import Changed, Line, Report, Statement, StatementFile, StatementReport
from aor.reports.operations import HandedOut, NoReport
from aor.reports.statement_pages import AGENCY, BROKER, Content
from aor.terms.actor import Actor
from aor.terms.month import Month
from aor.terms.period import day_of

PDF = "pdf"
AT_ONCE = 2_000
BROKERS_AT_ONCE = 100
_STATEMENT = (
    "id", "number", "month", "kind", "npn", "name", "cut", "previous_cut", "published_at", "program",
    "content_sha256",
)  # fmt: skip


# Published by the close --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Roll:
    """Whose statement it is, and the month's reports that it rolls up, ascending by broker."""

    kind: str
    npn: str
    name: str
    reports: tuple[tuple[int, str], ...]

    def number(self, month: Month) -> str:
        return f"AORS-{month}-{self.kind[0].upper()}{self.npn}"


def publish(month: Month, *, cut: datetime, previous_cut: datetime | None, now: datetime) -> int:
    """The statements of a month whose reports are published, and one notice an agency; how many are new.

    Done again it adds what is missing and changes nothing.
    """
    done = set(Statement.objects.filter(month=str(month)).values_list("number", flat=True))
    rolls = [roll for roll in _rolls(month, cut) if roll.number(month) not in done]
    if rolls and previous_cut is not None:
        _publish_changes(month, cut=cut, previous_cut=previous_cut)
    how = str(calendar.parameters(cut).on("program_determination", day_of(cut)))
    for some in batched(rolls, AT_ONCE):
        hashes = _hashes(some, month, cut)
        with transaction.atomic():
            ids = bulk.next_ids(Statement, len(some))
            bulk.load(
                Statement,
                _STATEMENT,
                (
                    (
                        id, roll.number(month), str(month), roll.kind, roll.npn, roll.name, cut, previous_cut, now,
                        how, hashes[roll.kind, roll.npn],
                    )
                    for id, roll in zip(ids, some, strict=True)
                ),
            )  # fmt: skip
            rows = ((id, key) for id, roll in zip(ids, some, strict=True) for key, _ in roll.reports)
            bulk.load(StatementReport, ("statement_id", "report_id"), rows)
            notices.queue(_messages(some, month), now=now)
        faults.reached("close:statements")
    return len(rolls)


def _publish_changes(month: Month, *, cut: datetime, previous_cut: datetime) -> None:
    """All of a broker in one transaction, so that whoever finds some of a broker finds all."""
    done = set(Changed.objects.filter(month=str(month)).order_by().values_list("npn", flat=True).distinct())
    found = [one for one in changes.since(previous_cut, cut) if one.npn not in done]
    own = [list(rows) for _, rows in groupby(found, key=lambda one: one.npn)]
    for some in batched(own, BROKERS_AT_ONCE):
        rows = ((str(month), *changes.values(one)) for part in some for one in part)
        bulk.load(Changed, ("month", *changes.COLUMNS), rows)


def _rolls(month: Month, cut: datetime) -> Iterator[Roll]:
    """The brokers with a report of the month, ascending, then the agencies of those."""
    roster = brokers.roster(known_at=cut)
    rows = bulk.read(Report.objects.filter(month=str(month), issue=1).order_by("npn"), "id", "npn", "broker_name")
    by_agency: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for id, npn, name in rows:
        yield Roll(BROKER, npn, name, ((id, npn),))
        if npn in roster and roster[npn].agency_npn:
            by_agency[roster[npn].agency_npn].append((id, npn))
    for agency, own in sorted(by_agency.items()):
        yield Roll(AGENCY, agency, roster[own[0][1]].agency_name or f"agency {agency}", tuple(own))


def _messages(rolls: Iterable[Roll], month: Month) -> Iterator[Message]:
    """Agencies are told; a broker's notice of the report tells of both."""
    of_agencies = [roll for roll in rolls if roll.kind == AGENCY]
    addresses = agencies.agency_addresses(roll.npn for roll in of_agencies)
    for roll in of_agencies:
        number = roll.number(month)
        yield Message(
            kind="statement published",
            recipient_kind="agency",
            recipient_id=roll.npn,
            address=addresses.get(roll.npn, ""),
            subject=f"Your agency's agent of record statement of {month} is ready",
            body=f"Statement {number} waits for you. Sign in to the marketplace to fetch it.",
            dedupe_key=f"statement:{number}",
        )


def _hashes(rolls: Sequence[Roll], month: Month, cut: datetime) -> dict[tuple[str, str], str]:
    """Over the reports that each statement rests on, up to the cut, and what changed."""
    npns = {npn for roll in rolls for _, npn in roll.reports}
    issues: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _issues(npns, month, cut):
        issues[row.npn].append((row.number, row.lines_sha256))
    changed: defaultdict[str, list[Change]] = defaultdict(list)
    for one in _changes(npns, month):
        changed[one.npn].append(one)
    parts = {npn: _canonical(issues[npn], changed[npn]) for npn in npns}
    return {
        (roll.kind, roll.npn): hashlib.sha256(b"\n".join(parts[npn] for _, npn in roll.reports)).hexdigest()
        for roll in rolls
    }


def _canonical(issues: Sequence[tuple[str, str]], changed: Sequence[Change]) -> bytes:
    rows = [[one.kind, one.day, *changes.values(one)[4:]] for one in changed]  # without this database's own keys
    return json.dumps([issues, rows], ensure_ascii=False, default=date.isoformat).encode()


class _Issue(NamedTuple):
    npn: str
    month: str
    id: int
    number: str
    lines_sha256: str


def _issues(npns: Iterable[str], month: Month, cut: datetime) -> list[_Issue]:
    """Of each broker's reports up to the month the issue that was the latest at the cut, ascending."""
    latest: dict[tuple[str, str], _Issue] = {}
    for some in batched(sorted(npns), AT_ONCE):
        rows = Report.objects.filter(among("npn", some), month__lte=str(month), cut__lte=cut)
        for row in bulk.read(rows.order_by("npn", "month", "issue"), *_Issue._fields):
            latest[row[:2]] = _Issue(*row)
    return list(latest.values())


def _changes(npns: Iterable[str], month: Month) -> Iterator[Change]:
    for some in batched(sorted(npns), AT_ONCE):
        rows = Changed.objects.filter(among("npn", some), month=str(month))
        for row in bulk.read(rows.order_by("npn", "kind", "day", "id"), *changes.COLUMNS):
            yield Change(*row)


# Rendered when asked for -------------------------------------------------------------------------------------------


def content(row: Statement) -> Content:
    """What was published. Raises RuntimeError where it is no longer what the hash says."""
    month = Month.parse(row.month)
    if list(unfounded([row])):
        raise RuntimeError(f"statement {row.number} no longer rests on what was published")
    reports = [one.report for one in row.rolls_up.select_related("report").order_by("report__npn")]
    drafts = queries.drafts_of(reports)
    npns = [report.npn for report in reports]
    earlier = _earlier(npns, month, row.cut)
    return Content(
        row,
        tuple(drafts[report.pk] for report in reports),
        {report.npn: compose.to_date(drafts[report.pk], earlier[report.npn]) for report in reports},
        tuple(_changes(npns, month)),
    )


def unfounded(rows: Sequence[Statement]) -> Iterator[Statement]:
    """Those of some statements of one month whose reports or changes are not what they were published with."""
    if not rows:
        return
    own: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for statement, report, npn in bulk.read(
        StatementReport.objects.filter(statement__in=rows).order_by("report__npn"),
        *("statement_id", "report_id", "report__npn"),
    ):
        own[statement].append((report, npn))
    rolls = [Roll(row.kind, row.npn, row.name, tuple(own[row.pk])) for row in rows]
    hashes = _hashes(rolls, Month.parse(rows[0].month), rows[0].cut)
    yield from (row for row in rows if hashes[row.kind, row.npn] != row.content_sha256)


def _earlier(npns: Sequence[str], month: Month, cut: datetime) -> defaultdict[str, dict[Identity, LineFacts]]:
    """By broker every entry of an earlier month as first published, as it stood at the cut."""
    issues = [row.id for row in _issues(npns, month, cut) if row.month < str(month)]
    found: defaultdict[str, dict[Identity, LineFacts]] = defaultdict(dict)
    for some in batched(issues, AT_ONCE):
        rows = Line.objects.filter(report__in=some).order_by("report__month").values_list(*LINE)
        for values in rows:
            line = LineFacts(*values)
            found[line.npn].setdefault(line.identity, line)
    return found


def render(row: Statement, form: str) -> bytes:
    """The statement as `pdf` (tagged) or `xlsx`; the same statement gives the same bytes."""
    said = content(row)
    return statement_pages.pdf(said) if form == PDF else statement_pages.workbook(said)


def stored(row: Statement, form: str) -> str:
    """The hash of the rendered statement; rendered and stored the first time."""
    file = row.files.filter(form=form).first()
    if file is None:
        sha256 = store.put(render(row, form)).sha256
        file, _ = StatementFile.objects.get_or_create(statement=row, form=form, defaults={"sha256": sha256})
    return file.sha256


def statement(month: Month, kind: str, npn: str) -> Statement | None:
    """The statement of a broker or an agency, if there is one."""
    return Statement.objects.filter(month=str(month), kind=kind, npn=npn).first()


def of_agency(npn: str) -> list[Statement]:
    """The statements of an agency, the latest month first."""
    return list(Statement.objects.filter(kind=AGENCY, npn=npn).order_by("-month"))


def of_broker(npn: str) -> list[Statement]:
    """The statements of a broker, the latest month first."""
    return list(Statement.objects.filter(kind=BROKER, npn=npn).order_by("-month"))


def hand_out(month: Month, *, kind: str, npn: str, form: str, by: Actor, purpose: str, now: datetime) -> HandedOut:
    """A statement of a broker or an agency as `pdf` or `xlsx`, read on record. Raises NoReport.

    Whose it is to fetch the door decides; a broker who may not have reports gets no statement either (readings, R5).
    """
    row = statement(month, kind, npn)
    if row is None:
        raise NoReport(f"no statement of {month} was published for {kind} {npn}")
    if kind == BROKER:
        against = rules.keeps_reports(brokers.standings([npn])[npn], day_of(now), calendar.parameters())
        if against:
            raise NoReport(f"{against}: no statement is handed out")
    if row.rolls_up.filter(report__withdrawal__isnull=False).exists():
        raise NoReport(f"{row.number} rests on a report that was withdrawn: no statement is handed out")
    sha256 = stored(row, form)
    journal.record_read(subject=("statement", row.number), what=f"statement {form}", purpose=purpose, by=by, at=now)
    with store.open_document(sha256) as file:
        return HandedOut(row.number, 1, sha256, f"AOR-statement-{month}-{kind}-{npn}.{form}", file.read())
