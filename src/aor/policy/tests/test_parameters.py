"""Parameters are dated: the value in force on the day counts."""

from __future__ import annotations

from datetime import date

import pytest

from aor.policy.parameters import Dated, Parameters
from aor.terms.period import Period

PARAMETERS = Parameters(
    values={
        "decline_days": (Dated(date(2020, 1, 1), 14), Dated(date(2026, 7, 1), 10)),
        "words": (Dated(date(2020, 1, 1), ["health"]),),
        "open_enrollment_start": (Dated(date(2000, 1, 1), "11-01"), Dated(date(2027, 1, 1), "10-15")),
    },
    open_enrollment={2026: Period(date(2025, 10, 20), date(2026, 1, 16))},
    version="test",
)


@pytest.mark.parametrize(
    ("day", "value"),
    [(date(1900, 1, 1), 14), (date(2020, 1, 1), 14), (date(2026, 6, 30), 14), (date(2026, 7, 1), 10)],
)
def test_the_value_in_force_on_the_day_counts_and_before_all_of_them_the_first(day: date, value: int) -> None:
    assert PARAMETERS.number("decline_days", day) == value


def test_words_are_a_list() -> None:
    assert PARAMETERS.words("words", date(2026, 1, 1)) == ["health"]


def test_an_unknown_parameter_is_told() -> None:
    with pytest.raises(KeyError, match="other"):
        PARAMETERS.on("other", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("plan_year", "start"),
    [(2025, date(2024, 11, 1)), (2026, date(2025, 10, 20)), (2027, date(2026, 11, 1)), (2028, date(2027, 10, 15))],
)
def test_open_enrollment_starts_as_imported_else_as_the_parameter_says(plan_year: int, start: date) -> None:
    assert PARAMETERS.open_enrollment_start(plan_year) == start
    assert PARAMETERS.open_enrollment_start(plan_year) == start
