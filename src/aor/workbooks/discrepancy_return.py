"""Reads what a broker returned: our workbook with rows added anywhere, or any table with headings (readings, R7)."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

from aor.engine.opened import opened
from aor.workbooks import limited, returned_fields
from aor.workbooks.carrier_names import CarrierNames
from aor.workbooks.returned import Heading, Returned, ReturnedRow, SheetRead
from aor.workbooks.returned_fields import Draft, Known
from aor.workbooks.returned_sheets import Sheet
from aor.workbooks.safety import DEFAULT_LIMITS, MEGABYTE, Limits, TableRefused
from aor.workbooks.tables import RefusedRow

__all__ = ["Heading", "RefusedRow", "Returned", "ReturnedRow", "SheetRead", "TableRefused", "read", "understood"]

MOST_BYTES = 20 * MEGABYTE
UNSEEN = "columns of the report were taken out or renamed, so we cannot see whether its rows were typed over"
HIDDEN = "the sheet {} is hidden; it was read too"


def read(
    source: Path | bytes,
    *,
    key: bytes,
    carriers: Mapping[str, Iterable[str]],
    received_on: date,
    limits: Limits = DEFAULT_LIMITS,
) -> Returned:
    """Every row of every sheet that says something, in memory that the file cannot choose.

    `key` signs our row ids (`row_ids`); `carriers` are the names we know, each with its aliases; days after
    `received_on`, a day in Minnesota, are not believed. Raises TableRefused, and nothing else, for the whole file.
    """
    with opened(source, refused=TableRefused) as file, contextlib.closing(_messages(file, limits)) as told:
        return understood(told, key=key, carriers=carriers, received_on=received_on, limits=limits)


def understood(
    told: Iterable[Any],
    *,
    key: bytes,
    carriers: Mapping[str, Iterable[str]],
    received_on: date,
    limits: Limits = DEFAULT_LIMITS,
) -> Returned:
    """What the messages of `returned_rows` say, as `read` returns it. Raises TableRefused."""
    sheets: list[Sheet] = []
    refused: list[RefusedRow] = []
    notices: list[str] = []
    for message in told:
        if isinstance(message, list):
            sheets[-1].take(message[0], {column: (kind, text) for column, kind, text in message[1]})
        elif "sheet" in message:
            blocks = sheets[-1].blocks if sheets else 0
            sheets.append(Sheet(message["sheet"], message["hidden"], message["epoch"], key, blocks))
        elif "bad" in message:
            refused.append(RefusedRow(message["line"], message["bad"]))
        else:
            where = f"sheet {sheets[-1].name}: " if sheets[-1].name else ""
            notices.append(where + message["notice"])
        if len(refused) >= limits.refused_rows:
            raise TableRefused(f"{len(refused)} rows cannot be read; the last: {refused[-1].because}")
    return _returned(sheets, refused, notices, CarrierNames(carriers), received_on)


def _messages(file: BinaryIO, limits: Limits) -> Generator[Any]:
    size = file.seek(0, 2)
    file.seek(0)
    if size > MOST_BYTES:
        raise TableRefused(
            f"it is larger than {MOST_BYTES // MEGABYTE} MB: send only the rows to add, as a file of their own"
        )
    yield from limited.messages("aor.workbooks.returned_rows", file, limits)


def _returned(
    sheets: list[Sheet], refused: list[RefusedRow], notices: list[str], carriers: CarrierNames, received_on: date
) -> Returned:
    read = tuple(sheet.end() for sheet in sheets)
    drafts = [draft for sheet in sheets for draft in sheet.drafts]
    known = Known(carriers, received_on, _mixed(drafts, received_on))
    numbers = Counter(number for sheet in sheets for number in sheet.numbers)
    notices += [HIDDEN.format(sheet.name) for sheet in sheets if sheet.hidden and sheet.drafts]
    if any(sheet.unseen_changes for sheet in sheets):
        notices.append(UNSEEN)
    if len(numbers) > 1:
        notices.append(f"it holds rows of {len(numbers)} of our reports: {', '.join(sorted(numbers))}")
    rows = tuple(_row(draft, known) for draft in drafts)
    number = numbers.most_common(1)[0][0] if numbers else ""
    return Returned(rows, read, tuple(refused), tuple(notices), number, tuple(sorted(numbers)))


def _row(draft: Draft, known: Known) -> ReturnedRow:
    if draft.is_report_row and not draft.marks:
        return ReturnedRow(draft.sheet, draft.line, row_id=draft.row_id, is_report_row=True)
    row = returned_fields.read(draft, known)
    if row.is_incident and row.is_report_row:  # nothing more is asked of whoever reports it (readings, R9)
        return replace(row, missing=(), problems=())
    return row


def _mixed(drafts: list[Draft], received_on: date) -> frozenset[tuple[int, int]]:
    """The columns in which at least one day can only be read with the day before the month.

    In such a column no other day of that form can be believed to be American.
    """
    found: set[tuple[int, int]] = set()
    for draft in drafts:
        for column, cell in draft.cells.items():
            name = draft.names.get(column, "")
            if name in returned_fields.DATES and (draft.block, column) not in found:
                typed = returned_fields.typed_day(name, cell, draft.epoch, received_on)
                if typed.day is None and typed.day_first:
                    found.add((draft.block, column))
    return frozenset(found)
