"""Business days: Monday to Friday without the state's holidays, which are a parameter."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

from aor.policy.parameters import Parameters
from aor.terms.period import ONE_DAY

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SATURDAY, _SUNDAY = 5, 6


def is_business_day(day: date, parameters: Parameters) -> bool:
    """Whether the marketplace works on a Minnesota day."""
    if day.weekday() >= _SATURDAY:
        return False
    # New Year's Day of the coming year may be observed on this year's last Friday.
    words = tuple(parameters.words("holidays", day))
    return day not in _holidays(words, day.year) and day not in _holidays(words, day.year + 1)


def after(day: date, count: int, parameters: Parameters) -> date:
    """The `count`-th business day after a day; none is the day itself."""
    while count > 0:
        day += ONE_DAY
        count -= is_business_day(day, parameters)
    return day


def before(day: date, count: int, parameters: Parameters) -> date:
    """The `count`-th business day before a day."""
    while count > 0:
        day -= ONE_DAY
        count -= is_business_day(day, parameters)
    return day


def between(start: date, until: date, parameters: Parameters) -> int:
    """How many business days lie from `start` up to, not with, `until`."""
    days = (start + timedelta(days=n) for n in range((until - start).days))
    return sum(is_business_day(day, parameters) for day in days)


@lru_cache(maxsize=64)
def _holidays(words: tuple[str, ...], year: int) -> frozenset[date]:
    return frozenset(_holiday(word, year) for word in words)


def _holiday(words: str, year: int) -> date:
    """The day on which a holiday of a year is observed: `12-25`, `01 mon 3`, `05 mon last`, `11 thu 4 +1`."""
    if "-" in words:
        day = date.fromisoformat(f"{year:04d}-{words}")
        return day + timedelta(days={_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0))
    month, weekday, which, *later = words.split()
    first = date(year, int(month), 1)
    days = (_WEEKDAYS.index(weekday) - first.weekday()) % 7
    length = monthrange(year, first.month)[1]
    days += (length - 1 - days) // 7 * 7 if which == "last" else 7 * (int(which) - 1)
    return first + timedelta(days=days + sum(map(int, later)))
