"""The monthly workbook of one broker (Agent of Record Report Policy; readings, R5)."""

from __future__ import annotations

import calendar
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from aor.terms.month import Month
from aor.terms.period import ZONE
from aor.workbooks import discrepancy_sheet, report_words, row_ids
from aor.workbooks import sheet as sheets
from aor.workbooks.filled import Cell
from aor.workbooks.sheet import Book, Column

INSTRUCTIONS = "Instructions"
TITLE = "Agent of Record Report, "
NOTHING_SENT = "No agent of record was sent "
NOTHING_WITHHELD = "No household of yours is missing from this report."
NOT_ON_REPORT = "Not on this report, and why"
YEAR_TO_DATE = "Year to date"
FACTS = (
    "Report number",
    "Broker",
    "Agency",
    "Marketplace",
    "Plan years",
    "As of",
    "This issue",
    "Journal head",
    "Report id",
)
PUBLISHED = (  # the policy's eight columns, to the letter and in its order
    Column("Date Sent", "date", 14),
    Column("Enrollee Last Name", most=30),
    Column("Enrollee First Name", most=26),
    Column("Enrollee DOB", "date", 14),
    Column("Medical Carrier Name", most=40),
    Column("Medical EA Eff Date", "date", 16),
    Column("Broker Name", most=30),
    Column("Assister ID"),
)
NOT_MINE = Column(
    "Not my client?", "mark", 16, ("Yes",), "Choose Yes if this consumer is not your client. Please type no names."
)
ROW_ID = Column("Row ID", "faint")
LEDGER = (*PUBLISHED, NOT_MINE, ROW_ID)
WITHHELD = (
    Column("Last Name", most=22),
    Column("First Name", most=20),
    Column("Date of Birth", "date", 14),
    Column("Carrier", most=26),
    Column("Coverage Takes Effect", "date", 16),
    Column("State", most=14),
    Column("Why It Is Not on the Report", most=44),
    Column("What Would Put It There", most=44),
    Column("Who Must Act", most=18),
)
HELD = (*WITHHELD, NOT_MINE, ROW_ID)


class ReportLine(NamedTuple):
    """One send, as published; `row_id` is signed (`row_ids`), `coverage_effective` is DTP*348."""

    row_id: str
    date_sent: date
    last_name: str
    first_name: str
    birth_date: date | None
    carrier_name: str
    coverage_effective: date
    broker_name: str
    npn: str


class HeldLine(NamedTuple):
    """An associated household that is missing from the report: held, rejected or not attributed.

    `row_id` is signed, or "" where nothing identifies the row but what it says.
    """

    last_name: str
    first_name: str
    birth_date: date | None
    carrier_name: str
    coverage_effective: date | None
    state: str
    reason: str
    cure: str
    who_must_act: str
    row_id: str = ""


@dataclass(frozen=True, slots=True)
class AorReport:
    """Everything the workbook says; the same report gives the same bytes.

    `month` is YYYY-MM, `cut` an aware instant, `journal_head` hex, `carriers` the names to choose from,
    `plan_years` as text ("2026" or "2026 and 2027"), `issue_note` why a later issue replaces an earlier one,
    `report_id` a signed id of the report itself, which also an empty one can be recognised by.
    """

    month: str
    number: str
    broker_name: str
    npn: str
    agency_name: str
    marketplace: str
    cut: datetime
    journal_head: str
    lines_sent: tuple[ReportLine, ...]
    lines_year_to_date: tuple[ReportLine, ...]
    not_on_report: tuple[HeldLine, ...]
    carriers: tuple[str, ...]
    plan_years: str
    issue_note: str = ""
    report_id: str = ""


def render(report: AorReport) -> bytes:
    """The workbook, as it is stored and hashed."""
    content = io.BytesIO()
    _write(report, content)
    return content.getvalue()


def write(report: AorReport, path: Path) -> None:
    """The same bytes, as a file. Raises OSError when it cannot be written."""
    path.write_bytes(render(report))


def _write(report: AorReport, target: BinaryIO) -> None:
    month = month_in_words(report.month)
    title = TITLE + month
    with sheets.opened(
        target,
        title=title,
        properties={"Report number": report.number, "Report id": report.report_id},
        header=f"{title}: {report.broker_name}, NPN {report.npn}",
        footer=f"Report {report.number}. As of {_cut(report)}. Journal {report.journal_head[:16]}",
        created=report.cut,
        rows=len(report.lines_sent) + len(report.lines_year_to_date) + len(report.not_on_report),
    ) as book:
        rows = {line: _sealed(line[1:], line.row_id) for line in {*report.lines_sent, *report.lines_year_to_date}}
        sent = [rows[line] for line in report.lines_sent]
        _ledger(book, f"Sent in {month}", sent, "SentInMonth", f"in {month}")
        _ledger(
            book,
            YEAR_TO_DATE,
            [rows[line] for line in report.lines_year_to_date],
            "YearToDate",
            f"for {report.plan_years} until {_cut(report)}",
        )
        sheets.add_table(
            book,
            NOT_ON_REPORT,
            HELD,
            [_sealed(line[:-1], line.row_id) for line in report.not_on_report],
            table="NotOnReport",
            nothing=NOTHING_WITHHELD,
        )
        lines, carriers = _instructions(report, title)
        discrepancy_sheet.add(book, carriers=carriers)
        sheets.add_prose(book, INSTRUCTIONS, lines)


def month_in_words(month: str) -> str:
    """`2026-10` as "October 2026"."""
    parsed = Month.parse(month)
    return f"{calendar.month_name[parsed.number]} {parsed.year}"


def _cut(report: AorReport) -> str:
    return f"{report.cut.astimezone(ZONE):%Y-%m-%d %H:%M} Minnesota time"


def _ledger(book: Book, name: str, rows: Sequence[Sequence[Cell]], table: str, when: str) -> None:
    sheets.add_table(book, name, LEDGER, rows, table=table, nothing=f"{NOTHING_SENT}{when}.")


def _sealed(cells: tuple[Cell, ...], row_id: str) -> tuple[Cell, ...]:
    """The row, the place for a mark, and the id that shows whether the row was typed over."""
    said = [cell if isinstance(cell, str) else cell.isoformat() if cell else "" for cell in cells]
    return (*cells, None, row_ids.sealed(row_id, said))


def _instructions(report: AorReport, title: str) -> tuple[sheets.Prose, str]:
    """The lines of the last sheet, and where on it the carriers' names stand."""
    said = (
        report.number,
        f"{report.broker_name}, NPN {report.npn}",
        report.agency_name,
        report.marketplace,
        report.plan_years,
        _cut(report),
        report.issue_note,
        report.journal_head,
        report.report_id,
    )
    lines: sheets.Prose = [("title", title, "")]
    lines += [("label", label, text) for label, text in zip(FACTS, said, strict=True) if text]
    for heading, paragraphs in report_words.instructions(report.marketplace):
        lines.append(("section", heading, ""))
        lines += [("label", label, text) for label, text in paragraphs]
    if not report.carriers:
        return lines, ""
    lines.append(("section", report_words.CARRIERS, ""))
    first = len(lines) + 1
    lines += [("label", "", name) for name in report.carriers]
    return lines, f"'{INSTRUCTIONS}'!$B${first}:$B${len(lines)}"
