"""The monthly workbook has the published columns to the letter, real dates, no formulas, and the same bytes twice."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from aor.workbooks import aor_report, discrepancy_sheet, row_ids, sheet
from aor.workbooks.aor_report import AorReport, HeldLine, ReportLine
from aor.workbooks.tables import read_table

HOSTILE = [
    prefix + body
    for prefix in ("=", "+", "-", "@", "\t=", "\r=", "'=", " =", "&", "{=")
    for body in (
        "1+1",
        'HYPERLINK("http://x.test","y")',
        "cmd|' /C calc'!A0",
        "SUM(A1:A9)",
        "http://x.test/",
        "mailto:a@x.test",
        "_x003D_1",
        "123",
        "<b>&amp;</b>",
        "Ødegård 😀\u202e",
        "a" * 300,
        "A1",
        "#REF!",
        "1E5",
        "2026-01-01",
        "TRUE",
        "'",
        '"',
        "]]>",
        "{1;2}",
    )
]


def line(row: int = 1, **changes: object) -> ReportLine:
    made = ReportLine(
        row_ids.sign(b"key", "AOR-2026-10-1234567-1", str(row)),
        date(2026, 10, 7),
        "Ødegård",
        "Ann",
        date(1980, 2, 29),
        "Prairie Blue, Inc.",
        date(2026, 11, 1),
        "Ingrid Sørensen",
        "1234567",
    )
    return made._replace(**changes)  # type: ignore[arg-type]  # any column


HELD = HeldLine(
    "Vang", "Bo", None, "HealthCo", date(2026, 11, 1), "held", "not appointed by HealthCo", "Ask HealthCo", "You"
)
REPORT = AorReport(
    month="2026-10",
    number="AOR-2026-10-1234567-1",
    broker_name="Ingrid Sørensen",
    npn="1234567",
    agency_name="Lakes & Prairie",
    marketplace="The Marketplace",
    cut=datetime(2026, 11, 2, 23, tzinfo=UTC),
    journal_head="9f86d081884c7d65" * 4,
    lines_sent=(line(1), line(2, birth_date=None)),
    lines_year_to_date=(line(1), line(2), line(3)),
    not_on_report=(HELD,),
    carriers=("HealthCo", "Prairie Blue, Inc."),
    plan_years="2026",
    issue_note="Issue 2 replaces issue 1: a row was rejected after publication.",
)
EMPTY = replace(REPORT, lines_sent=(), lines_year_to_date=(), not_on_report=(), carriers=())


def reopened(report: AorReport) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(aor_report.render(report)))


def values(page: Worksheet) -> list[tuple[object, ...]]:
    return list(page.iter_rows(values_only=True))


def test_the_sheets_come_in_order_and_the_first_is_open() -> None:
    book = reopened(REPORT)
    assert book.sheetnames == [
        "Sent in October 2026",
        "Year to date",
        "Not on this report, and why",
        "Report a discrepancy",
        "Instructions",
    ]
    assert book.active is book.worksheets[0]
    assert book.properties.title == "Agent of Record Report, October 2026"
    with ZipFile(io.BytesIO(aor_report.render(REPORT))) as archive:
        assert REPORT.number.encode() in archive.read("docProps/custom.xml")


@pytest.mark.parametrize("at", [0, 1])
def test_the_eight_published_columns_stand_first_to_the_letter(at: int) -> None:
    page = reopened(REPORT).worksheets[at]
    heading, first, *_ = values(page)
    assert heading == (
        "Date Sent",
        "Enrollee Last Name",
        "Enrollee First Name",
        "Enrollee DOB",
        "Medical Carrier Name",
        "Medical EA Eff Date",
        "Broker Name",
        "Assister ID",
        "Not my client?",
        "Row ID",
    )
    assert first[1:3] == ("Ødegård", "Ann")
    assert first[6:8] == ("Ingrid Sørensen", "1234567")
    assert first[8] is None
    assert row_ids.verify(b"key", str(first[9])) == (REPORT.number, "1")


def test_days_are_date_cells_and_unknown_ones_blank() -> None:
    page = reopened(REPORT).worksheets[0]
    for column, day in (("A", date(2026, 10, 7)), ("D", date(1980, 2, 29)), ("F", date(2026, 11, 1))):
        cell = page[f"{column}2"]
        assert (cell.is_date, cell.number_format, cell.value.date()) == (True, "yyyy-mm-dd", day)
    assert page["D3"].value is None


def test_a_day_before_excel_is_text() -> None:
    page = reopened(replace(REPORT, lines_sent=(line(birth_date=date(1899, 12, 31)),))).worksheets[0]
    assert page["D2"].value == "1899-12-31"


def test_sheets_have_named_tables_frozen_headings_and_a_print_setup() -> None:
    book = reopened(REPORT)
    assert [table for page in book.worksheets for table in page.tables] == [
        "SentInMonth",
        "YearToDate",
        "NotOnReport",
    ]
    assert book.worksheets[1].tables["YearToDate"].ref == "A1:J4"
    for page in book.worksheets[:4]:
        assert page.freeze_panes == "A2"
        assert page.print_title_rows == "$1:$1"
        assert (page.page_setup.orientation, page.page_setup.fitToHeight) == ("landscape", 0)
        assert REPORT.number in str(page.oddFooter)
    assert book.worksheets[0].print_area.endswith("$A$1:$I$3")  # the row ids are not printed


def test_empty_sheets_say_so_in_a_row_of_their_table() -> None:
    book = reopened(EMPTY)
    assert [page["A2"].value for page in book.worksheets[:3]] == [
        "No agent of record was sent in October 2026.",
        "No agent of record was sent for 2026 until 2026-11-02 17:00 Minnesota time.",
        "No household of yours is missing from this report.",
    ]
    assert book.worksheets[0].tables["SentInMonth"].ref == "A1:J2"


def test_what_is_held_says_why_and_who_must_act() -> None:
    page = reopened(REPORT).worksheets[2]
    assert values(page)[1][5:9] == ("held", "not appointed by HealthCo", "Ask HealthCo", "You")


def test_a_row_is_marked_without_typing_and_shows_when_it_was_typed_over() -> None:
    page = reopened(REPORT).worksheets[0]
    [rule] = page.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)) == ('"Yes"', "I2:I3")
    said = ["2026-10-07", "Ødegård", "Ann", "1980-02-29", "Prairie Blue, Inc.", "2026-11-01", "Ingrid Sørensen"]
    sealed = str(page["J2"].value)
    assert row_ids.intact(sealed, [*said, "1234567"]) is True
    assert row_ids.intact(sealed, [*(f" {text}\u200b" for text in said), "1234567"]) is True
    for at in range(8):
        changed = [*said, "1234567"]
        changed[at] += "x"
        assert row_ids.intact(sealed, changed) is False


def test_the_form_is_protected_but_for_its_input_columns() -> None:
    page = reopened(REPORT)[discrepancy_sheet.SHEET]
    assert page.protection.sheet
    assert page.protection.password is None
    assert not page.protection.insertRows  # not forbidden
    headings = values(page)[0]
    assert headings == tuple(column.heading for column in discrepancy_sheet.INPUTS)
    assert all(cell.protection.locked for cell in page[1])
    spans = [span for span in page.column_dimensions.values() if not span.protection.locked]
    unlocked = sorted(at for span in spans for at in range(span.min or 0, (span.max or 0) + 1))
    assert unlocked == list(range(1, len(headings) + 1))
    assert [text.endswith("(required)") for text in map(str, headings)] == [True] * 6 + [False] * 4


def test_the_form_offers_lists_and_the_carriers_of_the_report() -> None:
    book = reopened(REPORT)
    rules = {
        str(rule.sqref).split(":")[0]: rule for rule in book[discrepancy_sheet.SHEET].data_validations.dataValidation
    }
    assert rules["E2"].formula1 == '"Application submitted,Enrollment completed"'
    assert rules["G2"].formula1 == '"Portal,Electronic,PDF"'
    assert rules["H2"].formula1 == '"Online,Paper"'
    assert (rules["C2"].type, rules["D2"].type) == ("date", "date")
    where = rules["F2"].formula1.split("!")[1].replace("$", "")
    assert [cell[0].value for cell in book["Instructions"][where]] == list(REPORT.carriers)
    assert str(rules["F2"].sqref) == "F2:F1001"


def test_without_carriers_any_may_be_typed() -> None:
    rules = reopened(EMPTY)[discrepancy_sheet.SHEET].data_validations.dataValidation
    assert not [rule for rule in rules if "F2" in str(rule.sqref) and rule.type == "list"]


def test_the_instructions_name_the_report_and_the_rule() -> None:
    text = "\n".join(str(cell) for row in values(reopened(REPORT)["Instructions"]) for cell in row if cell)
    for words in (
        REPORT.number,
        REPORT.journal_head,
        "2026-11-02 17:00 Minnesota time",
        REPORT.issue_note,
        "Minnesota Rules, part 7700.0800",
        "not a payment",
        "Delete this file",
    ):
        assert words in text


@pytest.mark.parametrize("rows", [1, sheet.LARGE // len(HOSTILE) + 1], ids=["tables", "flat memory"])
def test_hostile_names_stay_text(rows: int) -> None:
    assert len(HOSTILE) == 200
    lines = tuple(line(last_name=name, first_name=name, carrier_name=name, broker_name=name) for name in HOSTILE)
    held = tuple(HELD._replace(last_name=name, reason=name) for name in HOSTILE)
    report = replace(
        REPORT,
        lines_sent=lines * rows,
        not_on_report=held,
        broker_name=HOSTILE[0],
        agency_name=HOSTILE[1],
        carriers=tuple(HOSTILE),
    )
    content = aor_report.render(report)
    with ZipFile(io.BytesIO(content)) as archive:
        pages = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(pages) == 5
        assert not any(b"<f>" in page or b"<hyperlink" in page for page in pages)
    if rows == 1:
        page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        assert [cell.value for cell in page["B"][1:]] == [name.replace("\r", "_x000D_") for name in HOSTILE]
        assert {cell.data_type for cell in page["B"][1:]} == {"s"}


def test_the_same_report_is_the_same_bytes_and_another_is_not(tmp_path: Path) -> None:
    first = aor_report.render(REPORT)
    aor_report.write(REPORT, tmp_path / "report.xlsx")
    assert (tmp_path / "report.xlsx").read_bytes() == first
    assert aor_report.render(replace(REPORT, journal_head="0" * 64)) != first
    assert reopened(REPORT).properties.created == REPORT.cut.replace(tzinfo=None)  # its only time


def test_our_own_workbook_is_read_back_sheet_by_sheet(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    aor_report.write(REPORT, path)
    table = read_table(path)
    assert [row["assister_id"] for _, row in table.rows] == ["1234567", "1234567"]
    assert table.notices == ["only the first sheet, 'Sent in October 2026', was read, of 5"]
    form = read_table(path, sheet=discrepancy_sheet.SHEET)
    assert (list(form.rows), form.notices) == ([], [])
    assert len(form.columns) == len(discrepancy_sheet.INPUTS)


def test_a_long_value_makes_its_row_high_enough() -> None:
    long = "The carrier has no appointment of yours on file. " * 4
    page = reopened(replace(REPORT, not_on_report=(HELD._replace(reason=long),))).worksheets[2]
    assert page.row_dimensions[2].height >= 4 * sheet.LINE_HEIGHT
