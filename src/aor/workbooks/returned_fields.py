"""The cells of a returned row as the fields of a claim, with a sentence for whatever is missing or unclear."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from xlsxwriter.utility import xl_col_to_name

from aor.workbooks import discrepancy_sheet, not_mine, typed_dates
from aor.workbooks.carrier_names import CarrierNames
from aor.workbooks.returned import REQUIRED, ReturnedRow
from aor.workbooks.safety import FORMULA_STARTS

MARKETPLACES_OPENED = date(2013, 10, 1)  # no application can be older (45 CFR 155.410)
OLDEST = 120  # years
REMOVED = "[number removed]"
SOCIAL_SECURITY = re.compile(
    r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])|(?:\bssn|social security)\D{0,20}\d{9}\b", re.IGNORECASE
)
NINE_DIGITS = re.compile(r"\b\d{9}\b")
NOBODY = frozenset({"n/a", "-", "--", "?", "??", "unknown", "tbd", "none", "."})
LABELS = {
    "last_name": "the consumer's last name",
    "first_name": "the consumer's first name",
    "birth_date": "the consumer's date of birth",
    "application_or_enrollment_date": "the date the application was submitted or the enrollment was completed",
    "which_date": "which of the two dates it is, of the application or of the enrollment,",
    "carrier": "the carrier the consumer enrolled with",
}
CHOICES: dict[str, tuple[tuple[str, str], ...]] = {
    "which_date": tuple(
        zip(discrepancy_sheet.WHICH_DATES, (r"appl|submi|solicit", r"enrol|complet|inscri"), strict=True)
    ),
    "submission_method": tuple(
        zip(
            discrepancy_sheet.SUBMISSION_METHODS,
            (
                r"portal|account|web ?site",
                r"electr|e-?sign|e-?form|docusign|e-?mail|online",
                r"pdf|paper|papel|fax|scan",
            ),
            strict=True,
        )
    ),
    "application_method": tuple(
        zip(
            discrepancy_sheet.APPLICATION_METHODS,
            (r"on-? ?line|web|portal|internet|electr|linea", r"paper|papel|pdf|fax|mail"),
            strict=True,
        )
    ),
}
DATES = {
    "birth_date": "birth_date",
    "either_date": "application_or_enrollment_date",
    "application_date": "application_or_enrollment_date",
    "enrollment_date": "application_or_enrollment_date",
}
IMPLIED = dict(zip(("application_date", "enrollment_date"), discrepancy_sheet.WHICH_DATES, strict=True))

Cell = tuple[str, str]  # kind, text


@dataclass(frozen=True, slots=True)
class Known:
    """What the fields are read against; `mixed` are columns in which some day stands before its month."""

    carriers: CarrierNames
    received_on: date
    mixed: Collection[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A row to be read: its cells by column, what its columns are, and what is known of it already."""

    sheet: str
    line: int
    cells: Mapping[int, Cell]
    headings: Mapping[int, str]
    names: Mapping[int, str]
    block: int  # which row of headings it stands under, counted through the file
    epoch: int | None
    row_id: tuple[str, str] | None = None
    is_report_row: bool = False
    marks: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    fields: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    unclear: set[str] = field(default_factory=set)
    address: dict[str, str] = field(default_factory=dict)

    def keep(self, name: str, value: str, typed: str) -> None:
        self.fields[name] = value
        if value != typed:
            self.given[name] = typed

    def leave(self, heading: str, text: str) -> None:
        while heading in self.unread:
            heading += " (again)"
        self.unread[heading] = text


def tidy(text: str) -> str:
    """Text without what does not show and without Social Security numbers (readings, R11)."""
    plain = text.strip()
    if not (plain.isascii() and plain.isprintable()):
        plain = "".join(" " if one.isspace() else one for one in plain if one.isspace() or _shows(one))
    plain = " ".join(plain.split())
    if plain[:1] == "'" and plain[1:2] in FORMULA_STARTS:
        plain = plain[1:]
    return SOCIAL_SECURITY.sub(REMOVED, plain) if any(map(str.isdigit, plain)) else plain


def _shows(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Co", "Cn", "Cs")


def read(draft: Draft, known: Known) -> ReturnedRow:
    """The row as a claim."""
    reading = _Reading(problems=list(draft.problems))
    for column, (kind, text) in sorted(draft.cells.items()):
        name = draft.names.get(column, "")
        heading = draft.headings.get(column) or f"column {xl_col_to_name(column - 1)}"
        if REMOVED in text:
            reading.problems.append("a Social Security number was removed: please never send one")
        if kind in ("f", "e"):
            reading.problems.append(f"“{heading}” holds a formula or an error of the spreadsheet: type the value")
            reading.unclear.add(DATES.get(name, name))
            reading.leave(heading, text)
        elif name in DATES:
            _date(reading, draft, known, column, heading)
        else:
            READERS.get(name, _other)(reading, name, heading, text, known)
    _join_address(reading)
    missing = tuple(name for name in REQUIRED if name not in reading.fields)
    reading.problems += [f"{LABELS[name]} is missing" for name in missing if name not in reading.unclear]
    return ReturnedRow(
        draft.sheet,
        draft.line,
        reading.fields,
        reading.given,
        reading.unread,
        draft.row_id,
        draft.is_report_row,
        draft.marks,
        missing,
        tuple(dict.fromkeys(reading.problems)),
    )


def typed_day(name: str, cell: Cell, epoch: int | None, received_on: date) -> typed_dates.Typed:
    """The day of a birth, an application or an enrollment, which cannot lie after the day of receipt."""
    born = date(received_on.year - OLDEST, 1, 1)
    earliest = born if name == "birth_date" else MARKETPLACES_OPENED
    return typed_dates.read(cell[1], kind=cell[0], epoch=epoch, earliest=earliest, latest=received_on)


def _date(reading: _Reading, draft: Draft, known: Known, column: int, heading: str) -> None:
    meaning, cell = draft.names[column], draft.cells[column]
    name = DATES[meaning]
    typed = typed_day(meaning, cell, draft.epoch, known.received_on)
    day, because = typed.day or typed.day_first, typed.because
    if meaning in IMPLIED:
        reading.fields.setdefault("which_date", IMPLIED[meaning])
    if typed.day and typed.day_first and (draft.block, column) in known.mixed:
        day, because = None, typed_dates.TWO_ORDERS
    if day is None:
        reading.problems.append(f"the day under “{heading}” {because}: type it as 1980-02-29")
        reading.unclear.add(name)
        reading.leave(heading, cell[1])
    elif name in reading.fields:  # the other of the two dates; one is kept (readings, R7)
        reading.leave(heading, day.isoformat())
    else:
        reading.keep(name, day.isoformat(), cell[1])


def _text(reading: _Reading, name: str, _heading: str, text: str, _known: Known) -> None:
    if text.lower() not in NOBODY:
        reading.fields[name] = text


def _comment(reading: _Reading, name: str, _heading: str, text: str, _known: Known) -> None:
    reading.fields[name] = NINE_DIGITS.sub(REMOVED, text)


def _full_name(reading: _Reading, _name: str, heading: str, text: str, _known: Known) -> None:
    """`Smith, Ann` and `Ann Smith`; with more words nobody can say where the last name begins."""
    last, comma, first = (part.strip() for part in text.partition(","))
    if not comma:
        first, _, last = text.partition(" ")
    if first and last and ("," not in first) and (comma or " " not in last):
        reading.keep("last_name", last, text)
        reading.keep("first_name", first, text)
        return
    reading.unclear |= {"last_name", "first_name"}
    reading.problems.append(f"“{heading}” does not show which part is the last name: write it as Last, First")
    reading.leave(heading, text)


def _choice(reading: _Reading, name: str, heading: str, text: str, _known: Known) -> None:
    found = [choice for choice, pattern in CHOICES[name] if re.search(pattern, text, re.IGNORECASE)]
    exact = [choice for choice, _ in CHOICES[name] if choice.lower() == text.lower()]
    if len(exact or found) == 1:
        reading.keep(name, (exact or found)[0], text)
        return
    reading.unclear.add(name)
    choices = ", ".join(choice for choice, _ in CHOICES[name])
    reading.problems.append(f"“{heading}” says none, or more than one, of: {choices}")
    reading.leave(heading, text)


def _carrier(reading: _Reading, name: str, _heading: str, text: str, known: Known) -> None:
    if text.lower() in NOBODY:
        return
    carrier, near = known.carriers.read(text)
    reading.keep(name, carrier or text, text)
    if not carrier:
        hint = f"; it may be {' or '.join(near)}" if near else ""
        reading.problems.append(f"the carrier is not one that we know by this name{hint}")


def _address(reading: _Reading, name: str, _heading: str, text: str, _known: Known) -> None:
    reading.address[name] = text


def _join_address(reading: _Reading) -> None:
    parts = reading.address
    end = " ".join(filter(None, (parts.get("state"), parts.get("zip"))))
    joined = ", ".join(filter(None, (parts.get("address"), parts.get("city"), end)))
    if joined:
        reading.fields["address"] = joined


def _other(reading: _Reading, name: str, heading: str, text: str, _known: Known) -> None:
    if name == "ssn":
        reading.problems.append("a Social Security number was removed: please never send one")
    else:
        reading.leave(heading, text if name else NINE_DIGITS.sub(REMOVED, text))


def _nothing(_reading: _Reading, _name: str, _heading: str, _text: str, _known: Known) -> None:
    """Row ids were read before."""


def _mark(reading: _Reading, _name: str, heading: str, text: str, _known: Known) -> None:
    """Marks were read before; words that are none of them are for an officer to read."""
    if not_mine.column_says(text) is None:
        reading.leave(heading, NINE_DIGITS.sub(REMOVED, text))


READERS: dict[str, Callable[[_Reading, str, str, str, Known], None]] = {
    "last_name": _text,
    "first_name": _text,
    "comments": _comment,
    "full_name": _full_name,
    "carrier": _carrier,
    "row_id": _nothing,
    "not_my_client": _mark,
    **dict.fromkeys(CHOICES, _choice),
    **dict.fromkeys(("address", "city", "state", "zip"), _address),
}
