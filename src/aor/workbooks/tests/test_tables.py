"""A table is read as what it is, in any of the ways that people save one, and bad rows keep their line."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.workbooks.safety import Limits, csv_lines, csv_safe
from aor.workbooks.tables import RefusedRow, Table, TableRefused, read_table


def saved(folder: Path, content: bytes | str, name: str = "brokers.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def workbook(folder: Path, rows: Sequence[Sequence[Any]], name: str = "brokers.xlsx") -> Path:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    book.save(folder / name)
    return folder / name


def all_of(table: Table) -> list[tuple[int, dict[str, str]]]:
    return list(table.rows)


def test_headings_and_values_are_tidied_and_lines_counted_with_blank_ones(tmp_path: Path) -> None:
    table = read_table(saved(tmp_path, "\ufeff NPN , First Name\n\n 1234567 ,\u00a0Ann\u00a0\n,,\n2345678,Bo\n"))
    assert table.columns == ("npn", "first_name")
    assert all_of(table) == [
        (3, {"npn": "1234567", "first_name": "Ann"}),
        (5, {"npn": "2345678", "first_name": "Bo"}),
    ]
    assert (table.refused, table.notices) == ([], [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_common_way_to_save_a_csv_reads_the_same(tmp_path: Path, delimiter: str, encoding: str) -> None:
    text = f'npn{delimiter}"name, full; or |"\r\n1{delimiter}"Zoë{delimiter}\nRåd"\r\n2{delimiter}Bo'
    table = read_table(saved(tmp_path, text.encode(encoding)))
    values = [(line, *row.values()) for line, row in table.rows]
    assert values == [(2, "1", f"Zoë{delimiter}\nRåd"), (4, "2", "Bo")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_line_by_which_excel_parts_values_is_no_heading(tmp_path: Path, delimiter: str) -> None:
    table = read_table(saved(tmp_path, f"sep={delimiter}\r\nnpn{delimiter}name\r\n1{delimiter}Bo\r\n"))
    assert all_of(table) == [(3, {"npn": "1", "name": "Bo"})]


def test_old_mac_line_ends_are_lines(tmp_path: Path) -> None:
    assert [line for line, _ in read_table(saved(tmp_path, "a,b\r1,2\r3,4")).rows] == [2, 3]


def test_windows_1252_is_read_and_said(tmp_path: Path) -> None:
    table = read_table(saved(tmp_path, "npn,name\n1,José\n".encode("cp1252")))
    assert all_of(table) == [(2, {"npn": "1", "name": "José"})]
    assert "Windows-1252" in table.notices[0]


def test_ragged_rows_are_filled_or_refused_with_their_line(tmp_path: Path) -> None:
    table = read_table(saved(tmp_path, 'a,b\n1\n1,2,3\n1,2,,\n1,"2"x\n4,5\n6,7\0\n'))
    assert [(line, row["b"]) for line, row in table.rows] == [(2, ""), (4, "2"), (6, "5")]
    assert table.refused == [
        RefusedRow(3, "column 3 holds a value but has no heading"),
        RefusedRow(5, "text follows a closing quotation mark"),
        RefusedRow(7, "it holds a NUL character"),
    ]


def test_a_value_under_an_unnamed_column_is_not_lost(tmp_path: Path) -> None:
    table = read_table(saved(tmp_path, "a,,c\n1,,3\n1,2,3\n"))
    assert all_of(table) == [(2, {"a": "1", "c": "3"})]
    assert table.refused == [RefusedRow(3, "column 2 holds a value but has no heading")]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("long", "because"), [(2_000_000, "takes more than"), (200_000, "a value has more than")])
def test_a_row_that_is_too_long_is_refused_alone(tmp_path: Path, long: int, because: str, newline: str) -> None:
    lines = ["a,b", "1,2", "1," + "x" * long, '3,"4', 'x"', "x" * long + ",5", "", "6,7"]
    table = read_table(saved(tmp_path, newline.join(lines)))
    assert [(line, row["a"]) for line, row in table.rows] == [(2, "1"), (4, "3"), (8, "6")]
    assert [row.line for row in table.refused] == [3, 6]
    assert all(because in row.because for row in table.refused)


def test_header_only_has_columns_and_no_rows(tmp_path: Path) -> None:
    table = read_table(saved(tmp_path, "npn,name"))
    assert (table.columns, all_of(table)) == (("npn", "name"), [])


@pytest.mark.parametrize(
    ("content", "because", "line"),
    [
        ("", "it is empty", None),
        ("\n \n,,\n", "it is empty", None),
        ("NPN,name, npn\n", "the column 'npn' is there twice", 1),
        ("npn,name\n".encode("utf-16-le"), "NUL", 1),
        ('a,b\n1,2\n"1,2\n3,4\n', "never closed", 3),
        (b"\xff\xfea", "marked as UTF-16", 1),
        (b"a,b\n\x81\xff,2\n", "not text", None),
        ("x" * 2_000_000, "takes more than", 1),
        ('a,b\n"' + "x" * 2_000_000 + "\n1,2\n", "a quotation mark may be open", 2),
        ("a,b\n" + "x" * 2_000_000 + '"\n1,2\n', "a quotation mark may be open", 2),
        ("a,b\n" + '"x\n",' * 400_000, "takes more than", 2),
        ('a,b\n"' + "x" * 200_000, "a value has more than", 2),
        (",".join(f"c{n}" for n in range(300)), "300 columns", 1),
        (b"%PDF-1.7", "PDF", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "protected workbook", None),
        (b"\xef\xbb\xbf <!DOCTYPE html><table>", "web page", None),
        ("ISA*00*", "X12", None),
        (b"\x1f\x8b\x08", "compressed", None),
    ],
)
def test_a_file_that_cannot_be_taken_says_why(
    tmp_path: Path, content: bytes | str, because: str, line: int | None
) -> None:
    with pytest.raises(TableRefused, match=because) as refusal:
        all_of(read_table(saved(tmp_path, content)))
    assert refusal.value.line == line


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(TableRefused, match="cannot be opened"):
            read_table(path)


def test_too_many_bad_rows_end_the_reading(tmp_path: Path) -> None:
    table = read_table(saved(tmp_path, "a\n" + "1,2\n" * 9), limits=Limits(refused_rows=5))
    with pytest.raises(TableRefused, match="5 rows cannot be read"):
        all_of(table)


def test_an_xlsx_reads_like_the_csv_of_its_first_sheet(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        [" NPN", "Born", "Known", "Number", "Share", "Yes", "Text", "Sum"],
        [],
        [1234567, date(1980, 2, 29), datetime.fromisoformat("2026-01-05T09:30"), 7.0, 0.5, True, "-1 = @x", None],
        ["0012", "2026-01-05", None, 10**12, 1e20, False, " \u00a0Ann ", "=1+1"],
    ]
    path = workbook(tmp_path, rows)
    table = read_table(path)
    assert [(line, list(row.values())) for line, row in table.rows] == [
        (3, ["1234567", "1980-02-29", "2026-01-05T09:30:00", "7", "0.5", "TRUE", "-1 = @x", ""]),
        (4, ["0012", "2026-01-05", "", "1000000000000", "1e+20", "FALSE", "Ann", ""]),
    ]


def test_a_workbook_with_more_sheets_says_which_was_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["npn"])
    book.create_sheet("Other")
    book.save(tmp_path / "two.xlsx")
    table = read_table(tmp_path / "two.xlsx")
    assert all_of(table) == []
    assert table.notices == ["only the first sheet, 'Sheet', was read, of 2"]


def test_the_name_of_a_file_decides_nothing(tmp_path: Path) -> None:
    path = workbook(tmp_path, [["npn"], [1]], name="wrong.csv")
    assert all_of(read_table(path)) == [(2, {"npn": "1"})]


def test_a_reader_that_stops_early_leaves_no_process(tmp_path: Path) -> None:
    table = read_table(workbook(tmp_path, [["npn"]] + [[n] for n in range(20_000)]))
    assert next(iter(table.rows)) == (2, {"npn": "0"})
    table.rows.close()


@given(st.lists(st.lists(st.text(), min_size=3, max_size=3), max_size=5))
def test_written_csv_is_read_back_and_starts_no_formula(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(rows))
    read = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert read == [[csv_safe(value) for value in row] for row in rows]
    assert not any(value.startswith(("=", "+", "-", "@", "\t", "\r")) for row in read for value in row)
