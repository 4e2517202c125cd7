"""The answer to a returned workbook: the same columns, with the determination of each case (Report Policy; R7)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from aor.terms.period import ZONE
from aor.workbooks import discrepancy_sheet, row_ids
from aor.workbooks import sheet as sheets
from aor.workbooks.filled import Cell
from aor.workbooks.sheet import Book, Column

SHEET = "Determinations"
INSTRUCTIONS = "Instructions"
HOW = "How to read it"
NOTHING_REPORTED = "You have reported no case."
FACTS = ("Answer", "Broker", "Agency", "Marketplace", "As of", "Cases")
TITLE = "Determinations on reported discrepancies"
ANSWER = (
    Column("Receipt", most=18),
    Column("Determination", most=24),
    Column("Reason", most=44),
    Column("Date of Determination", "date", 18),
    Column("What to Do", most=38),
)
GIVEN = tuple(
    Column(one.heading.removesuffix(" (required)"), "date" if one.is_date else "text", min(one.width, 22))
    for one in discrepancy_sheet.INPUTS
)
PRINTED = len(ANSWER) + 6  # what the policy requires of a case; the rest would make the print too small to read
WHERE = (Column("Sheet You Wrote It On", most=24), Column("Row", most=8))
SEALED = (*ANSWER, *GIVEN, *WHERE)
COLUMNS = (*SEALED, Column("Row ID", "faint"))
WORDS = (
    ("Each row", "One row for every case you reported, in the order in which we received them. None is left out."),
    ("Receipt", "The number of the case. Please name it when you ask about the case."),
    ("Determination", "What we decided. A row without a date is still in review, or waits for something from you."),
    (
        "What to Do",
        "Your next step, if there is one: for instance what to send us, or how to ask for another review.",
    ),
    (
        "If you do not agree",
        "Sign in and open the case by its receipt: there you can ask for another review.",
    ),
    (
        "New cases",
        "You may add them under the others, or on a sheet of their own, and return this file where you fetched it. "
        "Never send it by ordinary email.",
    ),
    (
        "Your duty of privacy",
        "This file holds private data. Brokers are responsible for complying with data privacy and security per the "
        "broker agreement in the “Notice of Monitored Performance” document, and Minnesota Rules, part 7700.0800.",
    ),
)


@dataclass(frozen=True, slots=True)
class Determined:
    """One case: `fields` by the stable names of `discrepancy_sheet.INPUTS`, days in ISO, as the broker gave them.

    `determined_on` is None while the case is open; `sheet` and `line` say where the broker wrote it, 0 for nowhere.
    """

    receipt: str
    determination: str
    reason: str
    determined_on: date | None
    what_to_do: str
    fields: Mapping[str, str]
    sheet: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Determinations:
    """Everything the workbook says; the same determinations give the same bytes. `written_at` is an aware instant."""

    number: str
    broker_name: str
    npn: str
    agency_name: str
    marketplace: str
    written_at: datetime
    answers: tuple[Determined, ...]


def render(answer: Determinations) -> bytes:
    """The workbook."""
    content = io.BytesIO()
    written = f"{answer.written_at.astimezone(ZONE):%Y-%m-%d %H:%M} Minnesota time"
    with sheets.opened(
        content,
        title=TITLE,
        properties={"Answer number": answer.number},
        header=f"{TITLE}: {answer.broker_name}, NPN {answer.npn}",
        footer=f"Answer {answer.number}. As of {written}",
        created=answer.written_at,
        rows=len(answer.answers),
    ) as book:
        sheets.add_table(
            book,
            SHEET,
            COLUMNS,
            [_row(one) for one in answer.answers],
            table="Determinations",
            nothing=NOTHING_REPORTED,
            printed=PRINTED,
        )
        said = (
            answer.number,
            f"{answer.broker_name}, NPN {answer.npn}",
            answer.agency_name,
            answer.marketplace,
            written,
            f"{len(answer.answers)}; determined: {_decided(answer)}",
        )
        _instructions(book, said)
    return content.getvalue()


def _decided(answer: Determinations) -> int:
    return sum(one.determined_on is not None for one in answer.answers)


def _row(one: Determined) -> tuple[Cell, ...]:
    cells: tuple[Cell, ...] = (
        one.receipt,
        one.determination,
        one.reason,
        one.determined_on,
        one.what_to_do,
        *(_given(column, one.fields.get(column.name, "")) for column in discrepancy_sheet.INPUTS),
        one.sheet,
        str(one.line or ""),
    )
    said = [cell if isinstance(cell, str) else cell.isoformat() if cell else "" for cell in cells]
    return (*cells, row_ids.sealed("", said))


def _given(column: discrepancy_sheet.Input, value: str) -> Cell:
    """A day as a day where it is one; what could not be read stays as the broker wrote it."""
    if not column.is_date:
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return value


def _instructions(book: Book, said: tuple[str, ...]) -> None:
    """The second sheet, headed like the report's."""
    lines = [("title", TITLE, "")]
    lines += [("label", label, text) for label, text in zip(FACTS, said, strict=True) if text]
    lines.append(("section", HOW, ""))
    sheets.add_prose(book, INSTRUCTIONS, [*lines, *(("label", label, text) for label, text in WORDS)])
