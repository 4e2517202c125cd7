"""The answer has a row for every case, in the look of the report, without formulas, and comes back as ours."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from aor.workbooks import aor_report, determination, discrepancy_return, discrepancy_sheet, row_ids
from aor.workbooks.determination import Determinations, Determined
from aor.workbooks.returned import CHANGED, Returned
from aor.workbooks.tests.test_aor_report import HOSTILE, REPORT

SENT = Determined(
    "D-2026-000123",
    "Already sent",
    "Your agent of record was sent to HealthCo on 2026-03-04.",
    date(2026, 11, 20),
    "Nothing.",
    {
        "last_name": "Lee",
        "first_name": "Ann",
        "birth_date": "1980-02-29",
        "application_or_enrollment_date": "2026-01-05",
        "carrier": "HealthCo",
        "comments": "She is my client.",
    },
    "Report a discrepancy",
    2,
)
OPEN = Determined(
    "D-2026-000124",
    "More information needed",
    "The birth date is unclear.",
    None,
    "Tell us.",
    {"birth_date": "3/4/70"},
)
ANSWER = Determinations(
    "A-2026-000017",
    "Ingrid Sørensen",
    "1234567",
    "Lakes & Prairie",
    "The Marketplace",
    datetime(2026, 11, 20, 20, tzinfo=UTC),
    (SENT, OPEN),
)


def page_of(content: bytes) -> Worksheet:
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def returned(content: bytes | Path) -> Returned:
    return discrepancy_return.read(content, key=b"key", carriers={"HealthCo": []}, received_on=date(2026, 11, 21))


def day(year: int, month: int, number: int) -> datetime:
    """A date cell as openpyxl gives it."""
    return datetime.combine(date(year, month, number), time())


def test_every_case_has_its_row_under_frozen_headings() -> None:
    book = openpyxl.load_workbook(io.BytesIO(determination.render(ANSWER)))
    page = book.worksheets[0]
    heading, sent, waiting = page.iter_rows(values_only=True)
    assert heading[:5] == ("Receipt", "Determination", "Reason", "Date of Determination", "What to Do")
    given = tuple(column.heading.removesuffix(" (required)") for column in discrepancy_sheet.INPUTS)
    assert heading[5:] == (*given, "Sheet You Wrote It On", "Row", "Row ID")
    assert sent[:5] == ("D-2026-000123", "Already sent", SENT.reason, day(2026, 11, 20), "Nothing.")
    assert sent[5:9] == ("Lee", "Ann", day(1980, 2, 29), day(2026, 1, 5))
    assert sent[15:17] == ("Report a discrepancy", "2")
    assert (waiting[0], waiting[3], waiting[7], waiting[16]) == ("D-2026-000124", None, "3/4/70", None)
    assert (page.freeze_panes, page.print_title_rows) == ("A2", "$1:$1")
    assert page.tables["Determinations"].ref == "A1:R3"
    assert book.properties.title == determination.TITLE
    prose = {row[0]: row[1] for row in book.worksheets[1].iter_rows(values_only=True)}
    assert (prose["Answer"], prose["Cases"]) == ("A-2026-000017", "2; determined: 1")


def test_the_same_answer_is_the_same_bytes() -> None:
    assert determination.render(ANSWER) == determination.render(ANSWER)
    assert determination.render(ANSWER) != determination.render(replace(ANSWER, answers=(SENT,)))


def test_no_case_says_so() -> None:
    content = determination.render(replace(ANSWER, answers=()))
    assert page_of(content)["A2"].value == determination.NOTHING_REPORTED
    assert returned(content).rows == ()


def test_hostile_names_stay_text() -> None:
    fields = [dict.fromkeys((column.name for column in discrepancy_sheet.INPUTS), name) for name in HOSTILE]
    answers = tuple(
        replace(SENT, receipt=name, determination=name, reason=name, what_to_do=name, sheet=name, fields=given)
        for name, given in zip(HOSTILE, fields, strict=True)
    )
    content = determination.render(replace(ANSWER, answers=answers, broker_name=HOSTILE[0], agency_name=HOSTILE[1]))
    for page in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None} <= {"s", "d"}
    assert returned(content).claims == ()


def test_an_answer_comes_back_untouched_with_new_cases_under_it_or_with_objections() -> None:
    content = determination.render(ANSWER)
    assert [row.is_report_row for row in returned(content).rows] == [True, True]
    book = openpyxl.load_workbook(io.BytesIO(content))
    page = book.worksheets[0]
    page["C2"] = "No, it was not!"
    page.append([None] * 5 + ["Vang", "Bo", date(1970, 1, 1)])
    out = io.BytesIO()
    book.save(out)
    objected, new = returned(out.getvalue()).claims
    assert (objected.line, objected.marks, objected.fields) == (2, (CHANGED,), SENT.fields)
    assert objected.unread["Receipt"] == "D-2026-000123"
    assert new.fields == {"last_name": "Vang", "first_name": "Bo", "birth_date": "1970-01-01"}


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_what_libreoffice_saves_anew_is_still_ours(tmp_path: Path) -> None:
    report = replace(REPORT, report_id=row_ids.sign(b"key", REPORT.number, "report"))
    (tmp_path / "report.xlsx").write_bytes(aor_report.render(report))
    (tmp_path / "answer.xlsx").write_bytes(determination.render(ANSWER))
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    command = ["soffice", home, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", "out"]
    subprocess.run(
        [*command, "report.xlsx", "answer.xlsx"], cwd=tmp_path, check=True, capture_output=True, timeout=120
    )
    for name, rows in (("report", 6), ("answer", 2)):
        found = returned(tmp_path / "out" / f"{name}.xlsx")
        assert (found.claims, found.notices) == ((), ())
        assert len(found.rows) == rows
