"""What a page lists, as a file: the same columns and rows, xlsx or CSV, with no formula in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from tempfile import TemporaryFile

from xlsxwriter import Workbook

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
ROWS_AT_ONCE = 500

type Cell = str | int | date | None


def csv_chunks(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """UTF-8 with a byte-order mark, so that Excel reads it as such; a leading formula sign gets an apostrophe."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_plain(column) for column in columns])
    yield b"\xef\xbb\xbf"
    for number, row in enumerate(rows, start=1):
        writer.writerow([_plain(cell) for cell in row])
        if number % ROWS_AT_ONCE == 0:
            yield _drained(buffer)
    yield _drained(buffer)


def xlsx_chunks(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """One sheet in flat memory: headings frozen, days as date cells, text always as text."""
    with TemporaryFile() as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with Workbook(file, options) as book:
            book.set_properties({"title": title})
            sheet = book.add_worksheet(title[:31])
            heading, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(columns) - 1, 20)
            sheet.write_row(0, 0, columns, heading)
            for number, row in enumerate(rows, start=1):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, place, cell, day)
                    elif isinstance(cell, int):
                        sheet.write_number(number, place, cell)
                    else:
                        sheet.write_string(number, place, cell or "")
        file.seek(0)
        while chunk := file.read(1 << 16):
            yield chunk


def _plain(cell: Cell) -> str:
    text = "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


def _drained(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content
