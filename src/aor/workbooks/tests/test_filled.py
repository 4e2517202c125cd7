"""Rows written at once are the bytes that XlsxWriter writes cell by cell."""

from __future__ import annotations

import io
from datetime import date
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xlsxwriter import Workbook

from aor.workbooks import sheet
from aor.workbooks.filled import Cell, FilledSheet
from aor.workbooks.safety import MAX_CELL

LOOKS: tuple[dict[str, object], ...] = ({"text_wrap": True}, {"num_format": "yyyy-mm-dd"}, {"bold": True})
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "=1+1",
        " both ends ",
        "<r>x</r>",
        "_x0041_",
        "a\nb\r\tc",
        "\x00\x1f\x7f",
        "&<>\"'",
        "\ufffe",
        "İ\u0301",
        "#%s %",
    ]
)
DAYS = st.dates(date(1880, 1, 1), date(2199, 12, 31)) | st.sampled_from(
    [date(1899, 12, 31), date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1)]
)
ROWS = st.lists(st.tuples(*[TEXTS | DAYS | st.none()] * len(LOOKS)), max_size=40)


def parts(rows: list[tuple[Cell, ...]], heights: list[int], *, at_once: bool) -> dict[str, bytes]:
    content = io.BytesIO()
    book = Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    looks = [book.add_format(look) for look in LOOKS]
    page = book.add_worksheet("Rows", FilledSheet)
    sheet.write_row(page, 0, ["One", "Two", "Three"], looks, ())
    table: dict[str, object] = {"columns": [{"header": name} for name in ("One", "Two", "Three")]}
    if at_once:
        page.fill(1, rows, looks, heights)
        page.add_named_table(max(len(rows), 1), 3, table)
    else:
        for line, (row, height) in enumerate(zip(rows, heights, strict=True), 1):
            if height:
                page.set_row(line, height)
            sheet.write_row(page, line, row, looks, ())
        page.add_table(0, 0, max(len(rows), 1), 2, table)
    book.close()
    with ZipFile(content) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}


@given(rows=ROWS, tall=st.sampled_from([0, 2, 3]))
def test_rows_written_at_once_are_the_bytes_of_their_cells(rows: list[tuple[Cell, ...]], tall: int) -> None:
    heights = [sheet.LINE_HEIGHT * tall if at % 3 == 0 else 0 for at in range(len(rows))]
    assert parts(rows, heights, at_once=True) == parts(rows, heights, at_once=False)


@pytest.mark.parametrize("text", ["x" * (MAX_CELL + 1), "\U0001f600" * MAX_CELL, "x" * MAX_CELL])
def test_a_text_that_no_cell_takes_is_cut_as_excel_counts(text: str) -> None:
    rows: list[tuple[Cell, ...]] = [(text, None, text)]
    assert parts(rows, [0], at_once=True) == parts(rows, [0], at_once=False)
