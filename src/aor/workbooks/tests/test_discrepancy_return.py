"""Forty rows in, forty rows out: whatever a broker did to the file, what it says is read or asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import openpyxl
import pytest

from aor.workbooks import discrepancy_return, discrepancy_sheet, returned_sheets, row_ids
from aor.workbooks.returned import CHANGED, COMMENTED, NOT_MY_CLIENT, REQUIRED, ReturnedRow
from aor.workbooks.tests.returns import (
    ANN,
    ANN_TYPED,
    OURS,
    edited,
    only,
)
from aor.workbooks.tests.test_aor_report import HELD, HOSTILE, REPORT, line


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
    ("place", "text"),
    [
        ("I2", "Yes"),
        ("I2", " X "),
        ("I2", "not my client"),
        ("L2", "Not mine!"),
        ("I2", "not mine, never heard"),
        ("I2", "isn’t my client"),
        ("I2", "Yes, she left in May"),
        ("I2", "I don't know him"),
    ],
)
def test_not_my_client_is_an_incident_and_not_a_claim(place: str, text: str) -> None:
    def mark(book: openpyxl.Workbook) -> None:
        book.worksheets[0][place] = text

    found = edited(mark)
    [row] = found.incidents
    assert (row.row_id, row.marks, row.missing, row.problems) == ((REPORT.number, "1"), (NOT_MY_CLIENT,), (), ())
    assert found.claims == ()


def test_unclear_words_under_not_my_client_reach_an_officer_with_or_without_a_row_id() -> None:
    def mark(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["I2"] = "no longer my client"
        book.worksheets[0]["I3"] = "yes, she is mine"
        book.worksheets[0]["J3"] = None

    one, two = edited(mark).claims
    assert (one.marks, one.unread["Not my client?"]) == ((COMMENTED,), "no longer my client")
    assert two.unread["Not my client?"] == "yes, she is mine"


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
