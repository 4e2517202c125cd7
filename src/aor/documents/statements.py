"""The statement of a month for a broker or an agency as a tagged PDF (readings, R6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aor.documents import render

ROW = (
    "Date Sent",
    "Enrollee Last Name",
    "Enrollee First Name",
    "Enrollee DOB",
    "Medical Carrier Name",
    "Medical EA Eff Date",
    "Broker Name",
    "Assister ID",
)
CHANGE = (
    "Day",
    "Enrollee Last Name",
    "Enrollee First Name",
    "Enrollee DOB",
    "Carrier",
    "Coverage From",
    "What changed",
)
SUMMARY = ("NPN", "Broker", "Program determination")

Row = tuple[str | date | None, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading; `nothing` is said where there are none."""

    heading: str
    rows: tuple[Row, ...]
    nothing: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A list of the statement: of the month, or of the year to date."""

    heading: str
    groups: tuple[Group, ...]
    nothing: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Everything the statement says; the same statement gives the same bytes. `summary` rows end in two counts."""

    title: str
    marketplace: str
    facts: tuple[tuple[str, str], ...]
    footer: str
    counted: tuple[str, str]
    summary: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    sections: tuple[Section, ...]
    changes_heading: str
    changes: tuple[Group, ...]


def pdf(statement: Statement, *, at: datetime) -> bytes:
    """The statement, letter size and landscape, what changed on a page of its own."""
    data = {
        "title": statement.title,
        "marketplace": statement.marketplace,
        "language": "en",
        "facts": [list(fact) for fact in statement.facts],
        "footer": statement.footer,
        "summary": {
            "heading": "In all",
            "columns": [*SUMMARY, *statement.counted],
            "rows": [list(row) for row in statement.summary],
        },
        "notes": list(statement.notes),
        "columns": list(ROW),
        "sections": [
            {"heading": one.heading, "nothing": one.nothing, "groups": _groups(one.groups)}
            for one in statement.sections
        ],
        "changes": {
            "heading": statement.changes_heading,
            "columns": list(CHANGE),
            "groups": _groups(statement.changes),
        },
    }
    return render.pdf("statement", data, at=at)


def _groups(groups: Sequence[Group]) -> list[dict[str, object]]:
    return [
        {"heading": one.heading, "nothing": one.nothing, "rows": [[_cell(cell) for cell in row] for row in one.rows]}
        for one in groups
    ]


def _cell(cell: str | date | None) -> str:
    return "" if cell is None else cell if isinstance(cell, str) else cell.isoformat()
