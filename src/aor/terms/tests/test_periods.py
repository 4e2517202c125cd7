"""Periods of days and months, at their edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from aor.terms.month import Month
from aor.terms.period import (
    Period,
    day_of,
    end_of,
    end_of_plan_year,
    first_of_next_month,
    from_inclusive,
    merged,
    plan_year_of,
    start_of,
)

FEB_1, FEB_2, MAR_1 = date(2026, 2, 1), date(2026, 2, 2), date(2026, 3, 1)


@pytest.mark.parametrize("until", [FEB_1, date(2026, 1, 31)])
def test_no_period_is_empty(until: date) -> None:
    with pytest.raises(ValueError, match="would be empty"):
        Period(FEB_1, until)


def test_the_first_day_is_in_and_the_until_is_not() -> None:
    period = Period(FEB_1, MAR_1)
    assert FEB_1 in period
    assert MAR_1 not in period
    assert period.last_day == date(2026, 2, 28)
    assert date.max in Period(FEB_1)
    assert Period(FEB_1).last_day is None


def test_touching_periods_share_no_day_and_merge_into_one() -> None:
    left, right = Period(FEB_1, FEB_2), Period(FEB_2, MAR_1)
    assert left.intersect(right) is None
    assert left.intersect(Period(FEB_1)) == left == Period(FEB_1).intersect(left)
    assert not left.overlaps(right)
    assert merged([right, left]) == [Period(FEB_1, MAR_1)]
    assert merged([Period(FEB_1), right]) == [Period(FEB_1)]
    assert merged([left, Period(MAR_1)]) == [left, Period(MAR_1)]


def test_the_borders_words_are_inclusive() -> None:
    assert from_inclusive(FEB_1, FEB_1) == Period(FEB_1, FEB_2)
    assert from_inclusive(FEB_1, None) == Period(FEB_1)


def test_a_minnesota_day_may_have_23_or_25_hours() -> None:
    assert end_of(date(2026, 3, 8)) - start_of(date(2026, 3, 8)) == timedelta(hours=23)
    assert end_of(date(2026, 11, 1)) - start_of(date(2026, 11, 1)) == timedelta(hours=25)


def test_late_evening_in_minnesota_is_the_next_day_in_utc() -> None:
    assert day_of(datetime(2026, 2, 1, 5, 59, tzinfo=UTC)) == date(2026, 1, 31)
    assert day_of(datetime(2026, 2, 1, 6, 0, tzinfo=UTC)) == FEB_1


def test_years_turn() -> None:
    assert first_of_next_month(date(2026, 12, 1)) == first_of_next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert plan_year_of(date(2026, 12, 31)) == 2026
    assert end_of_plan_year(date(2026, 12, 31)) == date(2027, 1, 1)
    assert Month(2026, 12).next == Month(2027, 1)


@pytest.mark.parametrize("text", ["", "2026", "2026-1", "26-01", "2026-13", "0001-01", "2026/01", "abcd-ef"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a month is YYYY-MM"):
        Month.parse(text)


def test_a_month_holds_its_days_and_instants() -> None:
    february = Month.parse(" 2026-02 ")
    assert str(february) == "2026-02"
    assert february.period == Period(FEB_1, MAR_1)
    assert FEB_1 in february
    assert MAR_1 not in february
    assert february.begins in february
    assert february.ends not in february
    assert sorted([february.next, february]) == [february, Month.of(MAR_1)]
