"""What a broker returned, as facts: every row that says something, and what was understood of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aor.workbooks.tables import RefusedRow

NOT_MY_CLIENT = "not my client"  # the broker says that the consumer is not theirs (Report Policy, procedure 2)
CHANGED = "changed"  # a row of ours that no longer says what we published
COMMENTED = "commented"  # a row of ours beside which something was written

REQUIRED = ("last_name", "first_name", "birth_date", "application_or_enrollment_date", "which_date", "carrier")


@dataclass(frozen=True, slots=True)
class ReturnedRow:
    """A row that says something; `sheet` is "" in a CSV, `line` its number in the sheet or file.

    `fields` by the stable names of `discrepancy_sheet.INPUTS`: days in ISO, carriers and choices as we write them.
    `given` holds what was typed where we read something else, `unread` what we took for none of them, by heading.
    `row_id` is (report number, row) where its signature holds; a row of ours that was not touched has no fields.
    `missing` names the required fields without a value; `problems` are sentences that quote nothing personal.
    """

    sheet: str
    line: int
    fields: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    row_id: tuple[str, str] | None = None
    is_report_row: bool = False
    marks: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_incident(self) -> bool:
        """Says that a consumer should not be on the report (readings, R9)."""
        return NOT_MY_CLIENT in self.marks

    @property
    def is_claim(self) -> bool:
        """Is to have a receipt: all that is neither an untouched row of ours nor an incident (readings, R7)."""
        return not self.is_incident and (not self.is_report_row or bool(self.marks))


@dataclass(frozen=True, slots=True)
class Heading:
    """A column, its heading as typed, what it was taken for ("" for nothing) and how sure that is, 0 to 1."""

    column: int
    text: str
    name: str
    sure: float


@dataclass(frozen=True, slots=True)
class SheetRead:
    """What was understood of one sheet; `notes` are (line, text) taken for titles, not for consumers."""

    name: str
    hidden: bool
    heading_lines: tuple[int, ...]
    headings: tuple[Heading, ...]
    notes: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """A returned file; `refused` are rows that could not be read, `notices` sentences about the file.

    `report_number` is that of our report it was made from, "" when it shows none; `report_numbers` all of them.
    """

    rows: tuple[ReturnedRow, ...]
    sheets: tuple[SheetRead, ...]
    refused: tuple[RefusedRow, ...]
    notices: tuple[str, ...]
    report_number: str
    report_numbers: tuple[str, ...]

    @property
    def claims(self) -> tuple[ReturnedRow, ...]:
        """The rows that each get a receipt, in their order."""
        return tuple(row for row in self.rows if row.is_claim)

    @property
    def incidents(self) -> tuple[ReturnedRow, ...]:
        """The rows that say that a consumer should not be on the report."""
        return tuple(row for row in self.rows if row.is_incident)
