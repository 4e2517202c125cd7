"""A file of the broker's own, in whatever form: every row that says something is read or asked about."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from aor.workbooks import aor_report, discrepancy_return, discrepancy_sheet, returned_rows, returned_sheets
from aor.workbooks.safety import Limits, TableRefused
from aor.workbooks.tests.returns import (
    ANN,
    ANN_TYPED,
    CARRIERS,
    KEY,
    OURS,
    RECEIVED,
    only,
    returned,
    saved,
    table,
)
from aor.workbooks.tests.test_aor_report import REPORT

HEADINGS: dict[str, tuple[Sequence[Sequence[object]], int]] = {
    "short": ([("Last", "First", "DOB", "App date", "Carrier")], 0),
    "misspelled": ([("Lastname", "Frist name", "Date of brith", "Aplication date", "Carier")], 0),
    "extra words": (
        [
            (
                "Client's last name (as on card)",
                "Their first name",
                "Date of birth - required!",
                "When was the application submitted?",
                "Which insurance company",
            )
        ],
        0,
    ),
    "Spanish": (
        [("Apellidos", "Nombre", "Fecha de nacimiento", "Fecha de la solicitud", "Compañía de seguros")],
        0,
    ),
    "Hmong and English": ([("Lub xeem", "First name", "Hnub yug", "Application submitted on", "Tuam txhab")], 0),
    "Somali": (
        [("Magaca dambe", "Magaca hore", "Taariikhda dhalashada", "Taariikhda codsiga", "Shirkadda caymiska")],
        0,
    ),
    "row 7": (
        [("Discrepancies",), (), ("NPN", "1234567"), (), (), (), ("Last", "First", "DOB", "App date", "Carrier")],
        2,
    ),
    "two rows": (
        [("Consumer", None, None, "Application", "Enrolled with"), ("Last", "First", "Born", "Date", "Carrier")],
        0,
    ),
    "two rows, the upper not enough": (
        [("Person", None, None, "Application", "Coverage"), ("Last", "First", "Born", "Date", "Carrier")],
        0,
    ),
    "twice, in two languages": (
        [
            ("Last", "First", "DOB", "App date", "Carrier"),
            ("Apellido", "Nombre", "Nacimiento", "Fecha solicitud", "Aseguradora"),
        ],
        0,
    ),
}


@pytest.mark.parametrize("name", HEADINGS)
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 2, 0, 3, 1)], ids=["as is", "moved"])
def test_headings_are_found_however_they_were_typed(name: str, order: Sequence[int]) -> None:
    rows, notes = HEADINGS[name]
    if name.startswith("two rows"):
        order = (0, 1, 2, 3, 4)  # what stands over several columns cannot be moved
    person = (*ANN_TYPED[:4], "HealthCo")
    moved = [[row[at] for at in order] if len(row) == 5 else row for row in (*rows, person)]
    blank = [[*row[:2], None, *row[2:]] for row in moved]
    found = returned(saved(table(blank)))
    assert only(found).fields == ANN
    assert len(found.sheets[0].notes) == notes


def test_headings_that_come_again_further_down_hold_from_there_on() -> None:
    found = returned(
        saved(
            table(
                [
                    ("Last Name", "First Name", "DOB"),
                    ("Vang", "Bo", date(1970, 1, 1)),
                    (),
                    ("DOB", "First Name", "Last Name", "Application date", "Carrier"),
                    (date(1980, 2, 29), "Ann", "Lee", date(2026, 1, 5), "HealthCo"),
                ]
            )
        )
    )
    assert [row.fields for row in found.claims] == [
        {"last_name": "Vang", "first_name": "Bo", "birth_date": "1970-01-01"},
        ANN,
    ]
    assert found.sheets[0].heading_lines == (1, 4)


def test_a_merged_title_is_a_note_and_the_understanding_is_shown() -> None:
    book = table([("My consumers of October",), ("Surname", "Given name", "Birthday", "Favourite colour")])
    page = book.worksheets[0]
    page.merge_cells("A1:D1")
    page.append(["Lee", "Ann", date(1980, 2, 29), "blue"])
    found = returned(saved(book))
    [sheet] = found.sheets
    assert sheet.notes == ((1, "My consumers of October"),)
    assert [(one.text, one.name) for one in sheet.headings] == [
        ("Surname", "last_name"),
        ("Given name", "first_name"),
        ("Birthday", "birth_date"),
        ("Favourite colour", ""),
    ]
    assert only(found).unread == {"Favourite colour": "blue"}


def test_a_hidden_sheet_is_read_and_said() -> None:
    book = table([("Last", "First", "DOB"), ANN_TYPED[:3]])
    book.create_sheet("front")
    book.worksheets[0].sheet_state = "veryHidden"
    found = returned(saved(book))
    assert len(found.claims) == 1
    assert found.notices == ("the sheet Sheet is hidden; it was read too",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_csv_with_headings_is_read(encoding: str, delimiter: str, tmp_path: Path) -> None:
    rows = [
        ["My list"],
        ["First", "Last", "Born", "Carrier", "Enrolled on"],
        ["Zoë", "Råd", "2/29/1980", "Healthco", "2026-01-05"],
    ]
    path = tmp_path / "list.csv"
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    found = returned(path)
    assert only(found).fields == ANN | {
        "last_name": "Råd",
        "first_name": "Zoë",
        "which_date": "Enrollment completed",
    }
    assert [one.startswith("read as Windows-1252") for one in found.notices] == [True] * (encoding == "cp1252")


def test_our_report_saved_as_csv_is_still_ours() -> None:
    page = openpyxl.load_workbook(io.BytesIO(aor_report.render(OURS))).worksheets[0]
    american = [
        [f"{v.month}/{v.day}/{v.year}" if isinstance(v, datetime) else v or "" for v in row] for row in page.values
    ]
    text = "\n".join(",".join(f'"{value}"' for value in row) for row in american)
    found = returned(text.encode())
    assert found.claims == ()
    assert [row.row_id for row in found.rows] == [(REPORT.number, "1"), (REPORT.number, "2")]


def test_a_bad_record_of_a_csv_is_refused_alone() -> None:
    found = returned(b'Last,First,DOB\nLee,Ann,1980-02-29\n"a"b,c,d\nVang,Bo,1970-01-01\n')
    assert [row.line for row in found.claims] == [2, 4]
    assert [(row.line, row.because) for row in found.refused] == [(3, "text follows a closing quotation mark")]


def test_days_of_the_1904_calendar_and_counts_of_days_are_read() -> None:
    for epoch, serial in ((None, 29280), (CALENDAR_MAC_1904, 27818)):
        book = openpyxl.Workbook()
        if epoch:
            book.epoch = epoch
        page = book.worksheets[0]
        page.append(["Last", "First", "DOB"])
        page.append(["Lee", "Ann", date(1980, 2, 29)])
        page.append(["Lee", "Ann", serial])
        found = returned(saved(book))
        assert [row.fields["birth_date"] for row in found.claims] == ["1980-02-29"] * 2


def test_a_day_first_in_a_column_makes_its_other_days_doubtful() -> None:
    rows = [
        ("Last", "First", "DOB"),
        ("Lee", "Ann", "29/2/1980"),
        ("Vang", "Bo", "3/4/1970"),
        ("Xiong", "Mai", "4/4/1970"),
    ]
    one, two, three = returned(saved(table(rows))).claims
    assert (one.fields["birth_date"], three.fields["birth_date"]) == ("1980-02-29", "1970-04-04")
    assert "birth_date" not in two.fields
    assert two.unread == {"DOB": "3/4/1970"}
    assert two.problems[0] == (
        "the day under “DOB” could be read in two ways, month first or day first: type it as 1980-02-29"
    )


@pytest.mark.parametrize(
    ("typed", "carrier", "says"),
    [
        ("healthco", "HealthCo", ""),
        ("Health Co.", "HealthCo", ""),
        ("HC Health", "HealthCo", ""),
        ("Prairie Blue", "Prairie Blue, Inc.", ""),
        ("PRARIE BLUE", "Prairie Blue, Inc.", ""),
        ("North Star", "North Star Health", ""),
        ("Prairie", "Prairie", "; it may be Prairie Blue, Inc. or Prairie Dental"),
        ("Acme", "Acme", ""),
    ],
)
def test_carriers_are_known_by_what_brokers_call_them(typed: str, carrier: str, says: str) -> None:
    row = only(returned(saved(table([("Last", "First", "Carrier"), ("Lee", "Ann", typed)]))))
    assert row.fields["carrier"] == carrier
    unknown = [problem for problem in row.problems if problem.startswith("the carrier is not one")]
    assert unknown == ([f"the carrier is not one that we know by this name{says}"] if carrier == typed else [])


def test_which_part_of_a_name_is_the_last_is_not_guessed() -> None:
    rows = [
        ("Consumer name", "DOB"),
        ("Lee, Ann Marie", "1/1/1980"),
        ("Ann Lee", "1/1/1980"),
        ("Mai Lee Xiong", "1/1/1980"),
    ]
    names = [
        (row.fields.get("last_name"), row.fields.get("first_name")) for row in returned(saved(table(rows))).claims
    ]
    assert names == [("Lee", "Ann Marie"), ("Lee", "Ann"), (None, None)]


def test_social_security_numbers_do_not_pass() -> None:
    book = table(
        [
            ("Last", "First", "DOB", "SSN", "Comments", "Other"),
            ("Lee", "Ann", "1/1/1980", "123456789", "her number is 123-45-6789", "123 45 6789"),
            ("Vang", "Bo", "1/1/1980", None, "ssn: 123456789", None),
        ]
    )
    book.create_sheet("loose").append(["Mai Lee 123-45-6789", "123456789"])
    found = returned(saved(book))
    assert "6789" not in repr(found)
    assert all("a Social Security number was removed: please never send one" in row.problems for row in found.claims)


def test_a_formula_without_a_value_is_asked_about_and_not_lost() -> None:
    row = only(returned(saved(table([("Last", "First", "DOB"), ("=A9", "Ann", "1/1/1980")]))))
    assert row.unread == {"Last": "=A9"}
    assert row.problems[0] == "“Last” holds a formula or an error of the spreadsheet: type the value"


def test_address_in_parts_and_both_dates() -> None:
    rows = [
        ("Last", "First", "DOB", "Street", "City", "State", "Zip", "App date", "Enrolled date"),
        ("Lee", "Ann", "1/1/1980", "1 Main St", "Duluth", "MN", "55802", "1/5/2026", "1/9/2026"),
    ]
    row = only(returned(saved(table(rows))))
    assert row.fields["address"] == "1 Main St, Duluth, MN 55802"
    assert (row.fields["application_or_enrollment_date"], row.fields["which_date"]) == (
        "2026-01-05",
        "Application submitted",
    )
    assert row.unread == {"Enrolled date": "2026-01-09"}


def test_too_many_cases_are_refused_before_they_fill_the_memory() -> None:
    rows = b"Last,First,DOB\n" + b"Lee,Ann,1980-01-01\n" * (returned_sheets.MOST_CLAIMS + 1)
    with pytest.raises(TableRefused, match="more than 5000 cases"):
        returned(rows)


def test_a_file_that_is_no_file_is_refused(tmp_path: Path) -> None:
    for source in (tmp_path, tmp_path / "none.xlsx", b""):
        with pytest.raises(TableRefused):
            returned(source)


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs")), min_size=1, max_size=12
)
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), WORDS, st.dates(date(1910, 1, 1), date(2026, 1, 1)), st.integers(0, 10**7), st.booleans()
)
ROWS = st.lists(st.lists(VALUES, max_size=14), max_size=8)
TOPS: tuple[Sequence[str], ...] = (
    (),
    tuple(column.heading for column in discrepancy_sheet.INPUTS),
    tuple(column.heading for column in aor_report.LEDGER),
    ("Carrier", "", "DOB", "Name of client"),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(ROWS, st.sampled_from(TOPS), ROWS), min_size=1, max_size=3))
def test_no_row_that_says_something_is_lost(
    sheets: list[tuple[list[list[Any]], Sequence[str], list[list[Any]]]],
) -> None:
    book = openpyxl.Workbook()
    expected: dict[tuple[str, int], int] = {}
    for number, (above, top, rows) in enumerate(sheets):
        page = book.create_sheet(f"new {number}")
        for at, row in enumerate([*above, list(top), *rows], 1):
            for column, value in enumerate(row, 1):
                cell = page.cell(at, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"
            said = sum(value not in (None, "") for value in row)
            if said and row != list(top):
                expected[page.title, at] = said
    content = saved(book)
    told = returned_rows.messages(io.BytesIO(content), Limits(), len(content))
    found = discrepancy_return.understood(told, key=KEY, carriers=CARRIERS, received_on=RECEIVED)
    rows_out = {(row.sheet, row.line) for row in found.claims + found.incidents}
    notes = {(sheet.name, at) for sheet in found.sheets for at, _ in sheet.notes}
    assert rows_out | notes == expected.keys()
    assert all(expected[note] <= 2 for note in notes)  # titles above the headings, which the preview shows
    assert all(row.problems for row in found.claims if row.missing)
