"""Forty rows in, forty rows out: whatever a broker did to the file, what it says is read or asked about."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from aor.workbooks import aor_report, discrepancy_return, discrepancy_sheet, returned_rows, returned_sheets, row_ids
from aor.workbooks.returned import CHANGED, COMMENTED, NOT_MY_CLIENT, REQUIRED, Returned, ReturnedRow
from aor.workbooks.safety import Limits, TableRefused
from aor.workbooks.tests.test_aor_report import HELD, HOSTILE, REPORT, line

KEY = b"key"
RECEIVED = date(2026, 11, 21)
CARRIERS = {"HealthCo": ["HC Health"], "Prairie Blue, Inc.": [], "Prairie Dental": [], "North Star Health": []}
OURS = replace(REPORT, report_id=row_ids.sign(KEY, REPORT.number, "report"))
ANN = {
    "last_name": "Lee",
    "first_name": "Ann",
    "birth_date": "1980-02-29",
    "application_or_enrollment_date": "2026-01-05",
    "which_date": "Application submitted",
    "carrier": "HealthCo",
}
ANN_TYPED = ("Lee", "Ann", date(1980, 2, 29), date(2026, 1, 5), "Application submitted", "HealthCo")

Edit = Callable[[openpyxl.Workbook], object]


def returned(content: bytes | Path) -> Returned:
    return discrepancy_return.read(content, key=KEY, carriers=CARRIERS, received_on=RECEIVED)


def saved(book: openpyxl.Workbook) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def edited(edit: Edit, report: aor_report.AorReport = OURS) -> Returned:
    book = openpyxl.load_workbook(io.BytesIO(aor_report.render(report)))
    edit(book)
    return returned(saved(book))


def table(rows: Sequence[Sequence[object]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    return book


def only(found: Returned) -> ReturnedRow:
    [row] = found.claims
    return row


def test_our_workbook_comes_back_untouched_and_claims_nothing() -> None:
    found = edited(lambda book: None)
    assert (found.claims, found.incidents, found.refused, found.notices) == ((), (), (), ())
    assert found.report_number == REPORT.number
    assert [row.row_id for row in found.rows if row.row_id] == [(REPORT.number, row) for row in "12123"]
    assert all(not sheet.notes for sheet in found.sheets)


def test_hostile_names_come_back_untouched() -> None:
    lines = tuple(line(n, last_name=name, first_name=name, carrier_name=name) for n, name in enumerate(HOSTILE))
    held = tuple(HELD._replace(last_name=name, reason=name) for name in HOSTILE)
    found = edited(lambda book: None, replace(OURS, lines_sent=lines, not_on_report=held))
    assert (found.claims, found.notices) == ((), ())
    assert len(found.rows) == len(HOSTILE) * 2 + 3


def test_an_empty_report_is_known_by_its_id() -> None:
    empty = replace(OURS, lines_sent=(), lines_year_to_date=(), not_on_report=(), carriers=())
    found = edited(lambda book: None, empty)
    assert (found.rows, found.report_number) == ((), REPORT.number)


def test_our_form_filled_in() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book[discrepancy_sheet.SHEET].append([*ANN_TYPED, "Portal", "Online", "1 Main St", "She is my client."])

    row = only(edited(fill))
    more = {
        "submission_method": "Portal",
        "application_method": "Online",
        "address": "1 Main St",
        "comments": "She is my client.",
    }
    assert row == ReturnedRow(discrepancy_sheet.SHEET, 2, ANN | more)


@pytest.mark.parametrize("at", range(3))
def test_rows_under_our_rows_are_claims(at: int) -> None:
    def add(book: openpyxl.Workbook) -> None:
        page = book.worksheets[at]
        texts = [cell.value for cell in page[1]]
        names = [
            texts.index(name) if name in texts else texts.index(f"Enrollee {name}")
            for name in ("Last Name", "First Name")
        ]
        row: list[object] = [None] * 10
        row[names[0]], row[names[1]] = "Lee", "Ann"
        page.append(row)

    found = edited(add)
    row = only(found)
    assert (row.fields, row.is_report_row) == ({"last_name": "Lee", "first_name": "Ann"}, False)
    assert row.missing == REQUIRED[2:]
    assert len(found.rows) == 7


def test_a_new_sheet_and_prose_under_our_instructions_are_read() -> None:
    def add(book: openpyxl.Workbook) -> None:
        page = book.create_sheet("mine")
        page.append(["Client", "DOB", "App date", "Carrier"])
        page.append(["Lee, Ann", "2/29/1980", "1/5/2026", "Healthco"])
        book["Instructions"].append(["Please add Mai Lee too"])

    found = edited(add)
    prose, row = found.claims
    assert row.fields == ANN
    assert row.given == {
        "last_name": "Lee, Ann",
        "first_name": "Lee, Ann",
        "birth_date": "2/29/1980",
        "application_or_enrollment_date": "1/5/2026",
        "carrier": "Healthco",
    }
    assert prose.unread == {"column A": "Please add Mai Lee too"}
    assert prose.problems[0] == returned_sheets.NO_HEADINGS


def test_a_sorted_and_filtered_report_with_moved_columns_is_still_ours() -> None:
    def move(book: openpyxl.Workbook) -> None:
        page = book.worksheets[1]
        rows = [[cell.value for cell in row] for row in page.iter_rows()]
        order = [9, 4, 3, 2, 1, 0, 8, 7, 6, 5]
        for at, row in enumerate([rows[0], *reversed(rows[1:])], 1):
            for to, place in enumerate(order, 1):
                page.cell(at, to).value = row[place]
        page.row_dimensions[3].hidden = True

    found = edited(move)
    assert found.claims == ()
    assert found.notices == ("sheet Year to date: 1 of its rows are hidden or filtered; they were read too",)
    assert [row.row_id for row in found.rows if row.sheet == "Year to date"] == [
        (REPORT.number, row) for row in "321"
    ]


@pytest.mark.parametrize("at", range(8))
def test_a_row_of_ours_that_was_typed_over_is_a_claim_and_says_so(at: int) -> None:
    def type_over(book: openpyxl.Workbook) -> None:
        cell = book.worksheets[0].cell(2, at + 1)
        cell.value = date(2001, 1, 1) if isinstance(cell.value, datetime) else "Changed"

    found = edited(type_over)
    row = only(found)
    assert (row.row_id, row.is_report_row, row.marks) == ((REPORT.number, "1"), True, (CHANGED,))
    assert row.problems[0] == returned_sheets.TYPED_OVER
    assert len(found.rows) == 6


def test_an_id_that_is_forged_or_from_elsewhere_proves_nothing() -> None:
    def forge(book: openpyxl.Workbook) -> None:
        page = book.worksheets[0]
        page["J2"] = row_ids.sign(b"other", REPORT.number, "1")

    row = only(edited(forge))
    assert (row.row_id, row.is_report_row) == (None, False)


def test_a_comment_beside_a_row_of_ours_is_a_claim() -> None:
    def comment(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["K2"] = "The day is wrong"
        book.worksheets[2]["L2"] = "I was appointed in May"

    one, two = edited(comment).claims
    assert (one.marks, one.row_id, one.unread["column K"]) == ((COMMENTED,), (REPORT.number, "1"), "The day is wrong")
    assert (two.marks, two.row_id, two.fields["last_name"]) == ((COMMENTED,), None, "Vang")


@pytest.mark.parametrize(
    ("place", "text"), [("I2", "Yes"), ("I2", " X "), ("I2", "not my client"), ("L2", "Not mine!")]
)
def test_not_my_client_is_an_incident_and_not_a_claim(place: str, text: str) -> None:
    def mark(book: openpyxl.Workbook) -> None:
        book.worksheets[0][place] = text

    found = edited(mark)
    [row] = found.incidents
    assert (row.row_id, row.marks, row.missing, row.problems) == ((REPORT.number, "1"), (NOT_MY_CLIENT,), (), ())
    assert found.claims == ()


def test_no_is_not_a_mark_and_a_mark_of_nobody_is_asked_about() -> None:
    def mark(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["I2"] = "No"
        book.worksheets[0]["I9"] = "Yes"

    found = edited(mark)
    assert found.claims == ()
    [row] = found.incidents
    assert (row.line, row.problems[0]) == (9, returned_sheets.WHICH_ROW)


def test_a_report_without_its_row_ids_claims_its_rows() -> None:
    def take_out(book: openpyxl.Workbook) -> None:
        for page in book.worksheets[:2]:
            page.delete_cols(10)

    found = edited(take_out)
    assert len(found.claims) == 5
    assert found.report_number == REPORT.number


def test_a_report_without_a_published_column_says_what_cannot_be_seen() -> None:
    found = edited(lambda book: book.worksheets[0].delete_cols(7))
    assert found.claims == ()
    assert found.notices == (discrepancy_return.UNSEEN,)


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
