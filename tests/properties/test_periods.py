"""Periods are sets of days: intersecting, overlapping and merging agree with the sets."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aor.terms.month import Month
from aor.terms.period import (
    ONE_DAY,
    ZONE,
    Period,
    day_of,
    end_of,
    first_of_next_month,
    from_inclusive,
    merged,
    min_until,
    start_of,
)

FIRST = date(2026, 2, 20)
WINDOW = [FIRST + timedelta(days=n) for n in range(30)]


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start, length = draw(st.integers(0, 28)), draw(st.one_of(st.none(), st.integers(1, 15)))
    first = FIRST + timedelta(days=start)
    return Period(first, None if length is None else first + timedelta(days=length))


def days(period: Period | None) -> set[date]:
    return set() if period is None else {day for day in WINDOW if day in period}


def endless(period: Period) -> bool:
    return period.until is None


@given(periods(), periods())
def test_intersection_and_overlap_are_of_the_days(one: Period, other: Period) -> None:
    both = one.intersect(other)
    assert both == other.intersect(one)
    assert days(both) == days(one) & days(other)
    assert (both is not None) == one.overlaps(other) == other.overlaps(one)


@given(st.lists(periods(), max_size=6))
def test_merging_keeps_the_days_in_as_few_periods_as_can_be(some: list[Period]) -> None:
    result = merged(some)
    assert set().union(*map(days, result)) == set().union(*map(days, some))
    assert any(map(endless, result)) == any(map(endless, some))
    assert all(left.until is not None and left.until < right.start for left, right in pairwise(result))
    assert merged(reversed(result)) == result


@given(periods())
def test_inclusive_days_go_out_and_come_back(period: Period) -> None:
    assert from_inclusive(period.start, period.last_day) == period
    assert period.last_day is None or period.last_day in period


@given(st.one_of(st.none(), st.dates()), st.one_of(st.none(), st.dates()))
def test_the_earlier_end_wins_and_none_is_no_end(a: date | None, b: date | None) -> None:
    assert min_until(a, b) == min_until(b, a) == min((end for end in (a, b) if end), default=None)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_a_day_begins_at_midnight_in_minnesota_and_lasts_to_the_next(day: date) -> None:
    begins, ends = start_of(day), end_of(day)
    assert begins.astimezone(ZONE).hour == 0
    assert timedelta(hours=23) <= ends - begins <= timedelta(hours=25)
    assert day_of(begins) == day == day_of(ends - timedelta(microseconds=1))
    assert day_of(ends) == day + ONE_DAY


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)))
def test_the_first_of_the_next_month_is_the_next_first(day: date) -> None:
    after = (day + timedelta(days=n) for n in range(1, 32))
    assert first_of_next_month(day) == next(one for one in after if one.day == 1)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  # bounds are naive
def test_an_instant_lies_in_the_month_of_its_minnesota_day(instant: datetime) -> None:
    month = Month.of(day_of(instant))
    assert instant in month
    assert month.begins <= instant < month.ends
    assert instant not in month.next
    assert Month.parse(str(month)) == month
    assert day_of(instant) in month.period
