"""The process that opens a stranger's workbook: bounded in memory and time, it may die without harm.

`python -m aor.workbooks.xlsx_rows LIMITS SHEET`: the file on standard input, JSON lines on standard output:
`[line, [text, ...]]` a row, `{"notice": text}`, `{"refused": text, "line": n}`, and "end" last.
Whatever it cannot read lets it crash, which `tables` tells as a sentence.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime, time
from typing import BinaryIO
from zipfile import ZipFile

import openpyxl
from openpyxl.utils.escape import unescape

from aor.workbooks import limited
from aor.workbooks.safety import MAX_CELL, MAX_COLUMNS, MAX_ROWS, Limits, TableRefused, guard


def main() -> None:
    """Reads standard input under limits given as JSON; an empty name of a sheet is the first."""
    limited.tell(lambda file, limits, size: messages(file, sys.argv[2], limits, size=size))


def messages(file: BinaryIO, name: str, limits: Limits, *, size: int) -> Iterator[object]:
    """What is sent to the reader, in order. Raises TableRefused, and whatever openpyxl does."""
    with ZipFile(file) as archive:
        guard(archive, limits, size=size)
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    if not book.worksheets:
        raise TableRefused("it has no sheet with cells")
    found = [sheet for sheet in book.worksheets if name in ("", sheet.title)]
    if not found:
        raise TableRefused(f"it has no sheet {name!r}")
    sheet = found[0]
    if len(found) > 1:
        yield {"notice": f"only the first sheet, {sheet.title!r}, was read, of {len(found)}"}
    sheet.reset_dimensions()  # the sender's word, which pads every row to 16,384 columns when false
    for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if line > MAX_ROWS:
            raise TableRefused(f"it has more than {MAX_ROWS} rows", line)
        if cells:
            yield [line, texts(cells, line)]


def texts(cells: tuple[object, ...], line: int) -> list[str]:
    """The cells as text, without the empty ones at the end. Raises TableRefused past what Excel allows."""
    row = ["" if cell is None else text_of(cell) for cell in cells]
    while row and not row[-1]:
        row.pop()
    if len(row) > MAX_COLUMNS:
        raise TableRefused(f"it has {len(row)} columns; {MAX_COLUMNS} are the most", line)
    if any(len(text) > MAX_CELL for text in row):
        raise TableRefused(f"a cell holds more than {MAX_CELL} characters", line)
    return row


def text_of(cell: object) -> str:
    """One value: days and instants in ISO, whole numbers without a point, the rest as it is."""
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, str) and "_x" in cell:  # how the format writes what XML cannot, half a character included
        return unescape(cell).encode(errors="replace").decode()
    return str(cell)


if __name__ == "__main__":
    main()
