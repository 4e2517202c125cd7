"""Slips in dates, each under its name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.matching import dates
from aor.matching.dates import Slip

DAYS = st.dates(date(1900, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("claimed", "filed", "slip"),
    [
        ("1980-02-29", "1980-02-29", Slip.NONE),
        ("1980-03-04", "1980-04-03", Slip.DAY_MONTH),
        ("1980-03-12", "1980-03-21", Slip.TRANSPOSED),
        ("1980-03-12", "1980-03-13", Slip.DIGIT),
        ("1980-03-12", "1981-03-12", Slip.DIGIT),
        ("2062-03-12", "1962-03-12", Slip.CENTURY),
        ("1961-03-12", "1981-03-12", Slip.DECADE),
        ("1969-03-12", "1996-03-12", Slip.DECADE),
        ("1980-03-09", "1980-03-10", Slip.NEAR),
        ("1980-03-31", "1980-04-01", Slip.NEAR),
        ("1979-12-31", "1980-01-01", Slip.NEAR),
        ("1980-03-12", "1980-12-12", Slip.TWO_PARTS),
        ("1980-03-12", "1980-06-30", Slip.YEAR),
        ("1980-03-12", "1975-06-12", Slip.OTHER),
    ],
)
def test_slips(claimed: str, filed: str, slip: Slip) -> None:
    assert dates.compare(date.fromisoformat(claimed), date.fromisoformat(filed)) is slip


def test_a_date_that_was_not_given_is_missing() -> None:
    assert dates.compare(None, date(1980, 3, 12)) is Slip.MISSING
    assert dates.compare(date(1980, 3, 12), None) is Slip.MISSING


@given(DAYS, DAYS)
def test_a_slip_is_the_same_from_both_sides(a: date, b: date) -> None:
    assert dates.compare(a, b) is dates.compare(b, a)


@given(DAYS)
def test_day_and_month_exchanged_twice_is_the_day(day: date) -> None:
    other = dates.exchanged(day)
    if other is None:
        assert day.day > 12 or day.day == day.month
    else:
        assert dates.exchanged(other) == day
        assert dates.compare(day, other) in (Slip.DAY_MONTH, Slip.NEAR)
