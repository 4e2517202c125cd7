"""The process that opens what a broker returned: every sheet of it, and every cell that says something.

`python -m aor.workbooks.returned_rows LIMITS`: the file on standard input, JSON lines on standard output:
`{"sheet": name, "hidden": bool, "epoch": 1900, 1904 or null}` before its rows, `[line, [[column, kind, text], ...]]`
a row, `{"notice": text}`, `{"bad": text, "line": n}` for a row that cannot be read, and as `limited` says.
Kinds: t text, d a day, n a number, f a formula without a value, e an error of the spreadsheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from zipfile import ZipFile

import openpyxl
from openpyxl.worksheet._reader import DATA_TAG, FORMULA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.functions import iterparse

from aor.workbooks import csv_rows, limited
from aor.workbooks.safety import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Limits, TableRefused, guard, refuse_foreign
from aor.workbooks.xlsx_rows import text_of

MAX_SHEETS = 60
NO_ROWS = "a sheet has no rows that we can read; if it was saved as Strict Open XML, save it as Excel workbook (xlsx)"
LEADING = 20  # lines of a CSV that are looked at for its delimiter: titles may stand above the headings
KINDS = {"d": "d", "n": "n", "f": "f", "e": "e"}

Cells = list[tuple[int, str, str]]


def messages(file: BinaryIO, limits: Limits, size: int) -> Iterator[object]:
    """What the file says, in order. Raises TableRefused, and whatever openpyxl does."""
    start = file.read(512)
    file.seek(0)
    refuse_foreign(start)
    if not start:
        raise TableRefused("it is empty")
    if start.startswith(b"PK"):
        yield from _workbook(file, limits, size)
    else:
        yield from _csv(file, start, limits)


def _csv(file: BinaryIO, start: bytes, limits: Limits) -> Iterator[object]:
    notices: list[str] = []
    bad: list[object] = []
    if start.count(0) > len(start) // 8 and not start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise TableRefused("it is not text in UTF-8, UTF-16 or Windows-1252: save it as CSV UTF-8")
    encoding = csv_rows.encoding_of(file, start, notices)
    yield {"sheet": "", "hidden": False, "epoch": None}
    yield from ({"notice": notice} for notice in notices)

    def refuse(line: int, because: str) -> None:
        bad.append({"bad": because, "line": line})

    for line, values in csv_rows.records(file, encoding, limits, refuse, sniff=LEADING):
        yield from bad
        bad.clear()
        cells: Cells = [(at, "t", value) for at, value in enumerate(values, 1) if value.strip()]
        yield _row(line, cells)
    yield from bad


def _workbook(file: BinaryIO, limits: Limits, size: int) -> Iterator[object]:
    with ZipFile(file) as archive:
        guard(archive, limits, size=size)
    book: Any = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    if not book.worksheets:
        raise TableRefused("it has no sheet with cells")
    if len(book.worksheets) > MAX_SHEETS:
        raise TableRefused(f"it has {len(book.worksheets)} sheets; {MAX_SHEETS} are the most")
    for sheet in book.worksheets:
        hidden = sheet.sheet_state != "visible"
        yield {"sheet": sheet.title, "hidden": hidden, "epoch": 1904 if book.epoch.year == 1904 else 1900}
        with sheet._get_source() as source:
            yield from _sheet_rows(source, sheet._shared_strings, book)


class _Parser(WorkSheetParser):
    """Tells a formula that nobody has calculated from an empty cell."""

    def parse_cell(self, element: Any) -> dict[Any, Any]:
        cell: dict[Any, Any] = super().parse_cell(element)
        if cell["value"] is None and (formula := element.find(FORMULA_TAG)) is not None:
            cell["value"], cell["data_type"] = f"={formula.text or ''}", "f"
        return cell


def _sheet_rows(source: Any, strings: Any, book: Any) -> Iterator[object]:
    """Rows as they stand, whatever their numbers: openpyxl's own walk drops one whose number was there before."""
    parser = _Parser(
        source,
        strings,
        data_only=True,
        epoch=book.epoch,
        date_formats=book._date_formats,
        timedelta_formats=book._timedelta_formats,
    )
    hidden = 0
    for _, element in iterparse(source):
        if element.tag == DATA_TAG:
            if hidden:
                yield {"notice": f"{hidden} of its rows are hidden or filtered; they were read too"}
            return
        if element.tag != ROW_TAG:
            continue
        out_of_sight = element.get("hidden") in ("1", "true")
        line, cells = parser.parse_row(element)
        parser.row_dimensions.clear()
        element.clear()
        if line > MAX_ROWS:
            raise TableRefused(f"it has more than {MAX_ROWS} rows", line)
        said = _said(cells)
        if said:
            hidden += out_of_sight
            yield _row(line, said)
    raise TableRefused(NO_ROWS)  # nothing says that it is empty, so that it must not be taken for empty


def _said(cells: list[dict[Any, Any]]) -> Cells:
    found = ((cell["column"], cell["value"], cell["data_type"]) for cell in cells if cell["value"] is not None)
    said = ((column, KINDS.get(kind, "t"), text_of(value)) for column, value, kind in found)
    return [cell for cell in said if cell[2].strip()]


def _row(line: int, cells: Cells) -> object:
    """Raises TableRefused past what Excel allows."""
    if cells and max(column for column, _, _ in cells) > MAX_COLUMNS:
        raise TableRefused(f"it has {max(cells)[0]} columns; {MAX_COLUMNS} are the most", line)
    if any(len(text) > MAX_CELL for _, _, text in cells):
        raise TableRefused(f"a cell holds more than {MAX_CELL} characters", line)
    return [line, cells]


if __name__ == "__main__":
    limited.tell(messages)
