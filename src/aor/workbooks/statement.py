"""The statement of a month as a workbook: the sums, the month, the year to date, what changed (readings, R6)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aor.workbooks import sheet as sheets
from aor.workbooks.aor_report import PUBLISHED
from aor.workbooks.sheet import Column

Row = tuple[str | date | None, ...]
ROWS = (*PUBLISHED, Column("Program Determination", most=30))
CHANGES = (
    Column("Change", most=14),
    Column("Day", "date", 14),
    Column("Enrollee Last Name", most=30),
    Column("Enrollee First Name", most=26),
    Column("Enrollee DOB", "date", 14),
    Column("Carrier", most=40),
    Column("Coverage From", "date", 16),
    Column("What Changed", most=60),
    Column("Assister ID"),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything the workbook says; the same gives the same bytes. Rows are in the order of their columns."""

    number: str
    title: str
    whose: str
    footer: str
    created: datetime
    counted: tuple[str, str]
    summary: tuple[tuple[str, ...], ...]
    month_heading: str
    month: tuple[Row, ...]
    year_to_date: tuple[Row, ...]
    changes: tuple[Row, ...]


def render(statement: Statement) -> bytes:
    """The workbook, as it is stored and hashed."""
    content = io.BytesIO()
    tables: Sequence[tuple[str, tuple[Column, ...], Sequence[Row], str, str]] = (
        ("In all", _summary(statement.counted), statement.summary, "InAll", "Nothing was sent."),
        (statement.month_heading, ROWS, statement.month, "SentInMonth", "No agent of record was sent in this month."),
        ("Year to date", ROWS, statement.year_to_date, "YearToDate", "No agent of record was sent this year."),
        ("What changed", CHANGES, statement.changes, "WhatChanged", "Nothing has changed since the last statement."),
    )
    with sheets.opened(
        content,
        title=statement.title,
        properties={"Statement number": statement.number},
        header=f"{statement.title}: {statement.whose}",
        footer=statement.footer,
        created=statement.created,
        rows=sum(len(rows) for _, _, rows, _, _ in tables),
    ) as book:
        for name, columns, rows, table, nothing in tables:
            sheets.add_table(book, name, columns, rows, table=table, nothing=nothing)
    return content.getvalue()


def _summary(counted: tuple[str, str]) -> tuple[Column, ...]:
    names = ("NPN", "Broker", "Program Determination", *counted)
    return tuple(Column(name) for name in names)
