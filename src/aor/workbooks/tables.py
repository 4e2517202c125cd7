"""A table that somebody sent, CSV or the first sheet of an xlsx, as rows of text."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from aor.workbooks import csv_rows, limited
from aor.workbooks.safety import DEFAULT_LIMITS, MAX_COLUMNS, Limits, TableRefused, refuse_foreign

__all__ = ["RefusedRow", "Table", "TableRefused", "read_table"]

Record = tuple[int, list[str]]
Records = Generator[Record, None, None]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that could not be read, and why."""

    line: int
    because: str


@dataclass(frozen=True, slots=True)
class Table:
    """Column names and a single-use stream of rows.

    `rows` yields (line, {column: text}); line 1 is the first of the file, a quoted CSV record has the line it
    begins on, an xlsx row its number in the sheet. Every column is in every row, "" where the file has
    nothing. `refused` (rows left out of `rows`) and `notices` are complete when `rows` is exhausted, which
    may itself raise TableRefused.
    """

    columns: tuple[str, ...]
    rows: Generator[tuple[int, dict[str, str]]]
    refused: list[RefusedRow] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_table(path: Path, *, sheet: str = "", limits: Limits = DEFAULT_LIMITS) -> Table:
    """Opens a CSV or xlsx by what it is, not by its name, in memory that does not grow with it.

    `sheet` names the sheet of a workbook to read; without it the first. Headings are stripped, lower-cased,
    spaces made underscores. Raises TableRefused, and nothing else.
    """
    notices: list[str] = []
    refused: list[RefusedRow] = []
    records = _records(path, sheet, limits, notices, refused)
    try:
        names = _names(records)
    except TableRefused:
        records.close()
        raise
    rows = _rows(records, names, refused, limits)
    return Table(tuple(filter(None, names)), rows, refused, notices)


def _names(records: Records) -> list[str]:
    """The heading row as column names; an unnamed column is ""."""
    line, cells = next((record for record in records if _says(record[1])), (0, []))
    if not cells:
        raise TableRefused("it is empty: the first row must name the columns")
    names = [re.sub(r"\s+", "_", cell.replace("\ufeff", "").strip().lower()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise TableRefused(f"it has {len(names)} columns; {MAX_COLUMNS} are the most", line)
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise TableRefused(f"the column {twice[0]!r} is there twice", line)
    if any("\0" in name for name in names):
        raise TableRefused("the headings hold NUL characters, so this is not text in UTF-8", line)
    return names


def _says(cells: list[str]) -> bool:
    """Whether a record holds more than blanks, or the line that tells Excel how values are parted (`sep=;`)."""
    return any(map(str.strip, cells)) and [cell.strip().lower() for cell in cells] != ["sep=", ""]


def _rows(
    records: Records, names: list[str], refused: list[RefusedRow], limits: Limits
) -> Generator[tuple[int, dict[str, str]]]:
    with contextlib.closing(records):
        for line, cells in records:
            values = [cell.replace("\u00a0", " ").strip() for cell in cells]
            if not any(values):
                continue
            if because := _unreadable(names, values):
                _refuse(refused, line, because, limits)
                continue
            values += [""] * (len(names) - len(values))
            yield line, {name: value for name, value in zip(names, values, strict=False) if name}


def _unreadable(names: list[str], values: list[str]) -> str:
    """Why a row cannot be told apart into the columns; "" when it can."""
    if len(values) > len(names) or "" in names:
        for column, value in enumerate(values, 1):
            if value and (column > len(names) or not names[column - 1]):
                return f"column {column} holds a value but has no heading"
    if any("\0" in value for value in values):
        return "it holds a NUL character"
    return ""


def _refuse(refused: list[RefusedRow], line: int, because: str, limits: Limits) -> None:
    refused.append(RefusedRow(line, because))
    if len(refused) >= limits.refused_rows:
        raise TableRefused(f"{len(refused)} rows cannot be read; the last: {because}", line)


def _records(path: Path, sheet: str, limits: Limits, notices: list[str], refused: list[RefusedRow]) -> Records:
    """The file's records, whatever kind it is; the file is open as long as the generator lives."""
    try:
        with path.open("rb") as file:
            start = file.read(512)
            refuse_foreign(start)
            file.seek(0)
            if start.startswith(b"PK"):
                yield from _xlsx_records(file, sheet, limits, notices)
            else:
                encoding = csv_rows.encoding_of(file, start, notices)
                yield from csv_rows.records(
                    file, encoding, limits, lambda line, because: _refuse(refused, line, because, limits)
                )
    except OSError as error:
        raise TableRefused(f"it cannot be opened: {error.strerror or 'reading failed'}") from None


def _xlsx_records(file: BinaryIO, sheet: str, limits: Limits, notices: list[str]) -> Records:
    """Rows as the limited process tells them."""
    with contextlib.closing(limited.messages("aor.workbooks.xlsx_rows", file, limits, sheet)) as told:
        for message in told:
            if isinstance(message, list):
                yield message[0], message[1]
            else:
                notices.append(message["notice"])
