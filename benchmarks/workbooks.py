"""The same workbook recipe by XlsxWriter's own calls, from tuples in memory: the floor of the close."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from xlsxwriter import Workbook

from aor.workbooks import aor_report, discrepancy_sheet, report_words, sheet
from benchmarks import market

type Row = tuple[Any, ...]


def rows(broker: int, count: int) -> list[Row]:
    """What one broker's ledger says."""
    first, last = "Mary", "Johnson"
    return [
        (
            date(2025, 12, 10), *market.name(i), market.birthday(i), "North Star Health", date(2026, 1, 1),
            f"{first} {last}", market.npn(broker), None, f"{broker:020d}-{i:020d}",
        )
        for i in range(count)
    ]  # fmt: skip


def render_slice(books: tuple[list[Row], ...]) -> list[bytes]:
    return [render(one) for one in books]


def render(ledger: list[Row]) -> bytes:
    """One workbook: two ledgers, an empty list, the form, the instructions."""
    content = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    book = Workbook(content, options)
    looks = {name: book.add_format(look) for name, look in sheet.LOOKS.items()}
    _ledger(book, "Sent in December 2025", ledger, looks, "SentInMonth")
    _ledger(book, aor_report.YEAR_TO_DATE, ledger, looks, "YearToDate")
    _ledger(book, aor_report.NOT_ON_REPORT, [], looks, "NotOnReport")
    _form(book, looks)
    _prose(book, looks)
    book.close()
    return content.getvalue()


def _page(book: Workbook, name: str) -> Any:
    page = book.add_worksheet(name)
    page.set_landscape()
    page.set_paper(sheet.LETTER)
    page.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.8)
    page.fit_to_pages(1, 0)
    page.set_header(f"&L&BAgent of Record Report&R{name}")
    page.set_footer("&L&8 Report&R&8 Page &P of &N")
    return page


def _ledger(book: Workbook, name: str, ledger: list[Row], looks: dict[str, Any], table: str) -> None:
    page = _page(book, name)
    columns = aor_report.LEDGER
    formats = [looks[column.kind] for column in columns]
    for at, column in enumerate(columns):
        page.set_column(at, at, column.most / 2)
        page.write_string(0, at, column.heading, looks["heading"])
    for line, row in enumerate(ledger, 1):
        for at, (value, look) in enumerate(zip(row, formats, strict=True)):
            if isinstance(value, str):
                page.write_string(line, at, value, look)
            elif value is None:
                page.write_blank(line, at, None, look)
            else:
                page.write_datetime(line, at, value, look)
    last_row, last = max(len(ledger), 1), len(columns) - 1
    headings = [{"header": column.heading, "header_format": looks["heading"]} for column in columns]
    page.add_table(0, 0, last_row, last, {"name": table, "columns": headings, "style": "Table Style Light 1"})
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.print_area(0, 0, last_row, last - 1)


def _form(book: Workbook, looks: dict[str, Any]) -> None:
    page = _page(book, discrepancy_sheet.SHEET)
    for at, column in enumerate(discrepancy_sheet.INPUTS):
        page.set_column(at, at, column.width, looks["input date" if column.is_date else "input text"])
        page.write_string(0, at, column.heading, looks["heading"])
        rule = {"validate": "list", "source": list(column.choices)} if column.choices else {"validate": "any"}
        page.data_validation(1, at, discrepancy_sheet.ROWS, at, {"input_message": column.hint, **rule})
    page.set_row(0, 62)
    page.freeze_panes(1, 0)
    page.protect("", {"format_cells": True})


def _prose(book: Workbook, looks: dict[str, Any]) -> None:
    page = _page(book, aor_report.INSTRUCTIONS)
    line = 0
    for heading, paragraphs in report_words.instructions("the marketplace"):
        page.write_string(line, 0, heading, looks["section"])
        line += 1
        for label, text in paragraphs:
            page.set_row(line, 2 * sheet.LINE_HEIGHT)
            page.write_string(line, 0, label, looks["label"])
            page.write_string(line, 1, text, looks["paragraph"])
            line += 1
