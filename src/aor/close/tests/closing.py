"""Months closed, and what one asks of a close: its sums, and the sheets of a broker."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO

import openpyxl

from aor.close import operations
from aor.close.operations import Result
from aor.close.tests.world import ANA, BY
from aor.engine import store
from aor.reports.accounting import ALL
from aor.reports.models import Report
from aor.terms.month import Month

OCTOBER, NOVEMBER, DECEMBER = Month(2026, 10), Month(2026, 11), Month(2026, 12)


def at(text: str) -> datetime:
    """An instant, noon in UTC unless told: 10-05 or 10-05 23."""
    day, _, hour = text.partition(" ")
    month, number = map(int, day.split("-"))
    return datetime(2026 if month > 2 else 2027, month, number, int(hour or 18), tzinfo=UTC)


def cell(year: int, month: int, day: int) -> datetime:
    """A date cell, as openpyxl reads it."""
    return datetime.combine(date(year, month, day), time())


def close(month: Month = OCTOBER, now: str = "", **others: object) -> Result:
    instant = at(now) if now else month.ends + timedelta(days=2)
    return operations.close(month, by=BY, now=instant, **others)  # type: ignore[arg-type]  # whatever close takes


def sums(result: Result, name: str = ALL) -> tuple[int, int, int, int, int]:
    assert result.state == "closed", result.blockers
    one = result.sums[name]
    return (one.sent, one.carried_in, one.reported, one.excepted, one.carried_out)


def sheets(npn: str = ANA, month: Month = OCTOBER) -> dict[str, list[tuple[object, ...]]]:
    """The rows of a broker's latest workbook by sheet, without headings."""
    report = Report.objects.filter(npn=npn, month=str(month)).latest("issue")
    assert report.workbook
    with store.open_document(report.workbook) as file:
        book = openpyxl.load_workbook(BytesIO(file.read()))
    return {sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book}


def names(rows: list[tuple[object, ...]], column: int = 1) -> list[object]:
    return [row[column] for row in rows if row[column] is not None]
