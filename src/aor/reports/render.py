"""Workbooks of what was published, in slices, by processes of their own where there are many: workers only render."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, NamedTuple

from aor.engine import slices
from aor.engine.slices import Pool
from aor.reports import compose
from aor.reports.accounting import Identity
from aor.reports.compose import Issue, LineFacts
from aor.workbooks import aor_report, row_ids
from aor.workbooks.aor_report import AorReport, HeldLine, ReportLine

FEW = 150  # the processes cost about as long to start as so many workbooks to render


class Book(NamedTuple):
    """What one workbook is made from; `earlier` are the rows of LINE on earlier months, ascending by month."""

    cut: datetime
    journal_head: str
    issue: Issue
    earlier: list[tuple[Any, ...]]


class Shelf(NamedTuple):
    """Some workbooks to render, and what they share: the key of row ids, names to choose carriers from."""

    key: bytes
    marketplace: str
    carriers: tuple[str, ...]
    books: list[Book]


def press(count: int) -> AbstractContextManager[Pool]:
    """What renders about `count` workbooks; its processes start at once, and end with the block."""
    return slices.workers(1 if count <= FEW else os.cpu_count() or 1)


def render_all(shelves: Iterable[Shelf], on: Pool) -> Iterator[list[bytes]]:
    """The workbooks of each shelf, in order."""
    return slices.run(render_shelf, shelves, on)


def render_shelf(shelf: Shelf) -> list[bytes]:
    return [aor_report.render(_workbook(shelf, book)) for book in shelf.books]


def _workbook(shelf: Shelf, book: Book) -> AorReport:
    """What a workbook says, with signed row ids."""
    draft = compose.draft(book.issue)
    number = draft.number
    to_date = compose.to_date(draft, compose.first_published(book.earlier))
    on_month = [line for line in draft.lines if line.on_month]
    named = {line.identity for line in (*on_month, *to_date)}  # most lines are on both sheets
    ids = {identity: _row_id(shelf.key, number, identity) for identity in named}
    return AorReport(
        month=book.issue.month,
        number=number,
        broker_name=draft.broker_name,
        npn=draft.npn,
        agency_name=draft.agency_name,
        marketplace=shelf.marketplace,
        cut=book.cut,
        journal_head=book.journal_head,
        lines_sent=tuple(_row(ids, line) for line in on_month),
        lines_year_to_date=tuple(_row(ids, line) for line in to_date),
        not_on_report=tuple(HeldLine(*compose.withheld_values(row)[1:]) for row in draft.withheld),
        carriers=shelf.carriers,
        plan_years=draft.plan_years,
        issue_note=draft.note,
        report_id=row_ids.sign(shelf.key, number, "report"),
    )


def _row_id(key: bytes, number: str, identity: Identity) -> str:
    """Signed; it names an entry of the record, never a person."""
    enrollment, _, day = identity
    return row_ids.sign(key, number, f"{enrollment}-{day.isoformat().replace('-', '')}")


def _row(ids: Mapping[Identity, str], line: LineFacts) -> ReportLine:
    return ReportLine(
        row_id=ids[line.identity],
        date_sent=line.date_sent,
        last_name=line.last_name,
        first_name=line.first_name,
        birth_date=line.birth_date,
        carrier_name=line.carrier_name,
        coverage_effective=line.coverage_effective,
        broker_name=line.broker_name,
        npn=line.npn,
    )
