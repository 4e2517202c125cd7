"""Business days: the state's holidays on the days they are observed, and counting that adds up."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.calendar import queries as calendar
from aor.policy import business_days
from aor.policy.parameters import Dated, Parameters

TABLE = tomllib.loads(Path(calendar.OURS).read_text())["holidays"]["values"]
PARAMETERS = Parameters({"holidays": tuple(Dated(one["since"], one["value"]) for one in TABLE)}, {}, "test")
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    "day",
    ["2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07", "2026-10-12",
     "2026-11-11", "2026-11-26", "2026-11-27", "2026-12-25", "2027-12-24", "2027-12-31", "2028-01-17", "2023-01-02"],
)  # fmt: skip
def test_holidays_are_no_business_days(day: str) -> None:
    assert not business_days.is_business_day(date.fromisoformat(day), PARAMETERS)


@pytest.mark.parametrize("day", ["2026-01-02", "2026-07-06", "2020-06-19", "2026-05-26", "2026-11-25", "2028-01-03"])
def test_other_days_of_the_week_are(day: str) -> None:
    assert business_days.is_business_day(date.fromisoformat(day), PARAMETERS)


def test_a_weekend_is_passed_over() -> None:
    friday = date(2026, 11, 20)
    assert business_days.after(friday, 1, PARAMETERS) == date(2026, 11, 23)
    assert business_days.after(friday, 4, PARAMETERS) == date(2026, 11, 30)  # Thanksgiving and its Friday
    assert business_days.before(date(2026, 11, 30), 4, PARAMETERS) == friday
    assert business_days.after(friday, 0, PARAMETERS) == friday


@given(DAYS, st.integers(0, 60))
def test_counting_back_gives_what_was_added(day: date, count: int) -> None:
    later = business_days.after(day, count, PARAMETERS)
    one = timedelta(days=1)
    assert business_days.between(day + one, later + one, PARAMETERS) == count
    assert count == 0 or business_days.is_business_day(later, PARAMETERS)
