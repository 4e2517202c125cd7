"""What of a returned workbook is ours: the tables whose rows we sealed, and the prose beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from aor.workbooks import aor_report, determination, headings, report_words
from aor.workbooks.headings import Meaning
from aor.workbooks.sheet import Column

CARRIERS = report_words.CARRIERS
TITLES = (aor_report.TITLE, determination.TITLE)
EMPTY = (aor_report.NOTHING_SENT, aor_report.NOTHING_WITHHELD, determination.NOTHING_REPORTED)
FACTS = frozenset({*aor_report.FACTS, *determination.FACTS})


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of ours whose rows are sealed: its columns in their order, and where days are."""

    headings: tuple[str, ...]
    names: Mapping[int, str]  # what a column of it is for a claim; those left out are ours alone
    days: frozenset[int]


def _layout(columns: tuple[Column, ...], names: Mapping[str, str]) -> Layout:
    days = frozenset(at for at, column in enumerate(columns) if column.kind == "date")
    by_place = {at: names[column.heading] for at, column in enumerate(columns) if column.heading in names}
    return Layout(tuple(column.heading for column in columns), by_place, days)


_FORM = {column.heading: headings.meaning(column.heading).name for column in determination.GIVEN}
LEDGER = tuple(headings.meaning(column.heading).name for column in aor_report.PUBLISHED)
LAYOUTS = (
    _layout(
        aor_report.WITHHELD,
        {"Last Name": "last_name", "First Name": "first_name", "Date of Birth": "birth_date", "Carrier": "carrier"},
    ),
    _layout(determination.SEALED, _FORM),
)
LEDGER_DAYS = frozenset(at for at, column in enumerate(aor_report.PUBLISHED) if column.kind == "date")


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings in force: texts and meanings by column, and the columns of a table of ours in its order."""

    texts: dict[int, str]
    meanings: dict[int, Meaning]
    places: tuple[int, ...] = ()
    days: frozenset[int] = frozenset()


def in_layout(heads: Headings) -> Headings:
    """The same headings, seen as those of a table of ours when they are."""
    columns = {text.lower(): at for at, text in reversed(heads.texts.items())}
    for layout in LAYOUTS:
        if all(heading.lower() in columns for heading in layout.headings):
            places = tuple(columns[heading.lower()] for heading in layout.headings)
            own = {at: Meaning(layout.names.get(place, ""), 1) for place, at in enumerate(places)}
            return replace(heads, meanings=heads.meanings | own, places=places, days=layout.days)
    by_name = {one.name: at for at, one in heads.meanings.items()}
    if all(name in by_name for name in LEDGER):
        return replace(heads, places=tuple(by_name[name] for name in LEDGER), days=LEDGER_DAYS)
    return heads


def is_prose(label: str, text: str) -> bool:
    """Whether a line of two cells is one of our instructions."""
    return label in FACTS or bool(_PROSE.fullmatch(f"{label}|{text}"))


def _prose() -> re.Pattern[str]:
    """Every line we write, label and text; the marketplace and the month may be any."""
    any_name = "\0"
    sections = report_words.instructions(any_name)
    lines = [(heading, "") for heading, _ in sections] + [line for _, lines in sections for line in lines]
    lines += [*determination.WORDS, (determination.HOW, ""), (determination.TITLE, "")]
    patterns = (re.escape(f"{label}|{text}").replace(any_name, ".{1,200}?") for label, text in lines)
    return re.compile("|".join([*patterns, re.escape(aor_report.TITLE) + r"[^|]{1,40}\|"]))


_PROSE = _prose()
