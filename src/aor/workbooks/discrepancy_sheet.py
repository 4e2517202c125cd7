"""The sheet on which a broker reports a discrepancy (Report Policy, Broker Procedure; readings, R7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from xlsxwriter.worksheet import Worksheet

from aor.workbooks import sheet as sheets
from aor.workbooks.sheet import Book

SHEET = "Report a discrepancy"
ROWS = 1_000  # with drop-down lists; further rows may be typed all the same
WHICH_DATES = ("Application submitted", "Enrollment completed")
SUBMISSION_METHODS = ("Portal", "Electronic", "PDF")
APPLICATION_METHODS = ("Online", "Paper")
CARRIERS = "carriers"  # stands for the list that the report brings along


@dataclass(frozen=True, slots=True)
class Input:
    """A column to fill in: its stable name, its heading, how to fill it, and what may be chosen."""

    name: str
    heading: str
    width: int
    hint: str
    choices: tuple[str, ...] = ()
    is_date: bool = False


INPUTS = (
    Input("last_name", "Consumer's last name (required)", 22, "As on the application."),
    Input("first_name", "Consumer's first name (required)", 20, "As on the application."),
    Input(
        "birth_date", "Consumer's date of birth (required)", 20, "For example 1980-02-29 or 2/29/1980.", is_date=True
    ),
    Input(
        "application_or_enrollment_date",
        "Date the application was submitted or the enrollment was completed (required)",
        24,
        "Either date will do. Say in the next column which of the two it is.",
        is_date=True,
    ),
    Input("which_date", "Which of the two dates is it? (required)", 22, "Choose from the list.", WHICH_DATES),
    Input("carrier", "Carrier the consumer enrolled with (required)", 30, "Choose from the list.", (CARRIERS,)),
    Input("submission_method", "Method of AOR submission", 16, "Choose from the list.", SUBMISSION_METHODS),
    Input("application_method", "Method of application, if known", 16, "Choose from the list.", APPLICATION_METHODS),
    Input("address", "Consumer's address, if known", 32, "Street, city, state and ZIP code."),
    Input("comments", "Comments", 40, "Why you believe you should be the agent of record."),
)


def add(book: Book, *, carriers: str) -> Worksheet:
    """An empty form, protected without a password but for its input columns.

    `carriers` is the range of the carriers' names, such as `'Instructions'!$B$40:$B$44`, or "".
    """
    page = sheets.page(book, SHEET)
    for at, column in enumerate(INPUTS):
        look = book.formats["input date" if column.is_date else "input text"]
        page.set_column(at, at, column.width, look)
        page.write_string(0, at, column.heading, book.formats["heading"])
        page.data_validation(1, at, ROWS, at, _validation(column, carriers))
    page.set_row(0, 62)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    allowed = ("format_cells", "format_columns", "format_rows", "insert_rows", "delete_rows", "sort", "autofilter")
    page.protect("", dict.fromkeys(allowed, True))
    return page


def _validation(column: Input, carriers: str) -> dict[str, object]:
    words: dict[str, object] = {
        "input_title": column.name.replace("_", " ").capitalize()[:32],
        "input_message": column.hint,
        "error_title": "Please check",
    }
    if column.is_date:
        error = "Please type a date, for example 2026-10-31 or 10/31/2026."
        rule = {"validate": "date", "criteria": ">=", "value": date(1900, 1, 1), "error_message": error}
        return words | rule
    if column.choices == (CARRIERS,):
        if not carriers:
            return words | {"validate": "any"}
        # a warning only: a consumer may have enrolled with a carrier that has left since
        error = "This carrier is not in the list. Keep it all the same?"
        return words | {"validate": "list", "source": f"={carriers}", "error_type": "warning", "error_message": error}
    if column.choices:
        error = f"Please choose from the list: {', '.join(column.choices)}."
        return words | {"validate": "list", "source": list(column.choices), "error_message": error}
    return words | {"validate": "any"}
