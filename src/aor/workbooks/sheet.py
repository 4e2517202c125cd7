"""The sheets of our workbooks: one look, real dates, no formulas, headings in the first row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Literal

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range
from xlsxwriter.worksheet import Worksheet

from aor.workbooks.filled import EARLIEST, Cell, FilledSheet
from aor.workbooks.safety import MAX_CELL

DATE_FORMAT = "yyyy-mm-dd"
LARGE = 20_000  # rows from which a workbook is written in flat memory, and its sheets have filters but no tables
LETTER = 1
LINE_HEIGHT = 15  # points
BUTTON = 4  # characters that the filter button takes from a heading
NARROW = 5  # below it text is not meant to be read
CAPITALS, RUNNING_TEXT = 0.9, 1.1  # characters that fit into the width of one digit
WORD = 4  # characters that wrapping leaves free at the end of a line

Prose = list[tuple[str, str, str]]  # look, label, text
Kind = Literal["text", "date", "mark", "faint"]


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and how what is under it looks; widths are in characters and grow with the values to `most`.

    A mark is for the reader to fill in, from `choices`; `hint` says what for.
    """

    heading: str
    kind: Kind = "text"
    most: float = 36
    choices: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Book:
    """A workbook being written, its formats, and the words that every page carries."""

    workbook: Workbook
    header: str
    footer: str
    large: bool
    formats: dict[str, Format]


LOOKS: dict[str, dict[str, object]] = {
    "text": {"text_wrap": True, "valign": "top", "bottom": 4, "bottom_color": "#BFBFBF"},
    "date": {"num_format": DATE_FORMAT, "align": "left", "valign": "top", "bottom": 4, "bottom_color": "#BFBFBF"},
    "mark": {"num_format": "@", "valign": "top", "bg_color": "#FFF9E5", "border": 4, "border_color": "#BFBFBF"},
    "faint": {"font_color": "#808080", "font_size": 8, "valign": "top"},
    "nothing": {"italic": True},
    "heading": {"bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3864", "text_wrap": True, "valign": "vcenter"},
    "input text": {"locked": False, "num_format": "@", "text_wrap": True, "valign": "top", "bg_color": "#FFF9E5"},
    "input date": {
        "locked": False,
        "num_format": DATE_FORMAT,
        "align": "left",
        "valign": "top",
        "bg_color": "#FFF9E5",
    },
    "title": {"bold": True, "font_size": 16, "font_color": "#1F3864"},
    "section": {"bold": True, "font_size": 12, "font_color": "#1F3864", "valign": "bottom"},
    "label": {"bold": True, "valign": "top", "text_wrap": True},
    "paragraph": {"text_wrap": True, "valign": "top"},
}
LOOKS |= {name: LOOKS[name] | {"border": 4, "border_color": "#BFBFBF"} for name in ("input text", "input date")}


@contextmanager
def opened(
    target: Path | BinaryIO,
    *,
    title: str,
    properties: dict[str, str],
    header: str,
    footer: str,
    created: datetime,
    rows: int,
) -> Iterator[Book]:
    """A workbook that is complete when the block ends. Same calls, same bytes: `created` is its only time.

    `rows` of the whole workbook decide whether it is written in flat memory; `header` and `footer` stand on
    every printed page.
    """
    large = rows > LARGE
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook = Workbook(target, options | {"constant_memory" if large else "in_memory": True})
    instant = created.astimezone(UTC).replace(tzinfo=None)
    workbook.set_properties({"title": title, "created": instant, "category": "Private data"})
    for name, value in {"Language": "en-US", **properties}.items():
        workbook.set_custom_property(name, value, "text")
    formats = {name: workbook.add_format(look) for name, look in LOOKS.items()}
    yield Book(workbook, _printable(header), _printable(footer), large, formats)
    workbook.close()


def page(book: Book, name: str, *, landscape: bool = True) -> FilledSheet:
    """An empty sheet set up to be printed: letter, as wide as the page, numbered."""
    sheet: FilledSheet = book.workbook.add_worksheet(name, FilledSheet)
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(LETTER)
    sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.8)
    sheet.fit_to_pages(1, 0)
    sheet.set_header(f"&L&B{book.header}&R{name}")
    sheet.set_footer(f"&L&8 {book.footer}&R&8 Page &P of &N")
    return sheet


def add_table(
    book: Book,
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    table: str,
    nothing: str,
    printed: int = 0,
) -> Worksheet:
    """A sheet with headings in row 1 and a named Excel table; without rows it says `nothing` in row 2.

    Faint columns belong to the table, so that they are sorted with it, but are not printed; nor is what stands
    right of the first `printed` columns, where they are given.
    """
    sheet = page(book, name)
    headings = [column.heading for column in columns]
    longest = [_longest(values) for values in zip(*rows, strict=True)] or [0] * len(columns)
    across = [_width(column, most) for column, most in zip(columns, longest, strict=True)]
    for at, width in enumerate(across):
        sheet.set_column(at, at, width)
    wrapping = [(at, width - BUTTON) for at, width in enumerate(across) if width >= NARROW]
    write_row(sheet, 0, headings, [book.formats["heading"]] * len(columns), wrapping)
    wrapping = [(at, width) for at, width in enumerate(across) if width >= NARROW and longest[at] > width * CAPITALS]
    formats = [book.formats[column.kind] for column in columns]
    if book.large:
        for line, row in enumerate(rows, 1):
            write_row(sheet, line, row, formats, wrapping)
    else:
        sheet.fill(1, rows, formats, [_height(row, wrapping) for row in rows])
    if not rows:
        sheet.write_string(1, 0, nothing, book.formats["nothing"])
    last_row, last = max(len(rows), 1), len(columns) - 1
    for at, column in enumerate(columns):
        if column.kind == "mark" and rows:
            sheet.data_validation(1, at, last_row, at, _choices(column))
    if book.large:
        sheet.autofilter(0, 0, last_row, last)
    else:
        named = [{"header": heading, "header_format": book.formats["heading"]} for heading in headings]
        look = {"name": table, "columns": named, "style": "Table Style Light 1", "title": name}
        sheet.add_named_table(last_row, len(columns), look)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.print_area(0, 0, last_row, (printed or sum(column.kind != "faint" for column in columns)) - 1)
    sheet.ignore_errors({"number_stored_as_text": xl_range(0, 0, last_row, last)})
    return sheet


def add_prose(book: Book, name: str, lines: Prose) -> None:
    """A sheet to read: labels on the left, text on the right, titles over both."""
    sheet = page(book, name, landscape=False)
    across = (24, 84)
    for at, width in enumerate(across):
        sheet.set_column(at, at, width)
    sheet.hide_gridlines(2)
    looks = (book.formats["label"], book.formats["paragraph"])
    for at, (look, label, text) in enumerate(lines):
        if look == "label":
            write_row(sheet, at, (label, text), looks, [(1, across[1])])
        else:
            sheet.set_row(at, 2 * LINE_HEIGHT)
            sheet.write_string(at, 0, label, book.formats[look])


def _choices(column: Column) -> dict[str, object]:
    error = f"Please choose from the list, or leave it empty: {', '.join(column.choices)}."
    words = {"input_title": column.heading[:32], "input_message": column.hint, "error_title": "Please check"}
    return {"validate": "list", "source": list(column.choices), "error_message": error, **words}


def write_row(
    sheet: Worksheet,
    line: int,
    row: Sequence[Cell],
    formats: Sequence[Format],
    wrapping: Iterable[tuple[int, float]],
) -> None:
    """A row as high as the longest text of its wrapping columns (index, width): not every program fits heights.

    Text stays text whatever it begins with; a day is a date cell where Excel knows it.
    """
    if height := _height(row, wrapping):
        sheet.set_row(line, height)
    for at, (value, look) in enumerate(zip(row, formats, strict=True)):
        if not value:
            sheet.write_blank(line, at, None, look)
        elif isinstance(value, str):
            sheet.write_string(line, at, value[:MAX_CELL], look)
        elif value >= EARLIEST:
            sheet.write_datetime(line, at, value, look)
        else:
            sheet.write_string(line, at, value.isoformat(), look)


def _height(row: Sequence[Cell], wrapping: Iterable[tuple[int, float]]) -> int:
    """In points, as the longest text of the wrapping columns wants it; 0 where one line is enough."""
    lines = max((_lines(row[at], width) for at, width in wrapping), default=1)
    return lines * LINE_HEIGHT if lines > 1 else 0


def _lines(value: Cell, width: float) -> int:
    """How many lines a value takes, rather one too many, in a column so many digits wide."""
    if not isinstance(value, str):
        return 1
    room = int(width * (CAPITALS if value.isupper() else RUNNING_TEXT))
    return 1 if len(value) <= room else math.ceil(len(value) / max(room - WORD, 1))


def _longest(values: Iterable[Cell]) -> int:
    return max([len(value) for value in values if isinstance(value, str)], default=0)


def _width(column: Column, longest: int) -> float:
    """As wide as the longest value or the heading, whichever is longer, but at most `most`."""
    if column.kind == "faint":
        return NARROW - 1
    return min(max(longest + 2, len(column.heading) + BUTTON), column.most)


def _printable(text: str) -> str:
    """Header text, in which Excel would read & as a command; it has 255 characters for the whole line."""
    return text[:100].replace("&", "&&")
