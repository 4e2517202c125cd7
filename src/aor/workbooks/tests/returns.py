"""A broker returns a file: ours, edited, or one of their own."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl

from aor.workbooks import aor_report, discrepancy_return, row_ids
from aor.workbooks.returned import Returned, ReturnedRow
from aor.workbooks.tests.test_aor_report import REPORT

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
