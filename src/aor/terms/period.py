"""Half-open periods of days. A day is a day in Minnesota."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Chicago")
ONE_DAY = timedelta(days=1)
# A day of another year is a slip of the pen or a computer's "never", and no reckoning with it could end well.
YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start` up to, not with, `until`; `until` None is open. Raises ValueError when empty."""

    start: date
    until: date | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.start:
            raise ValueError(f"a period from {self.start} cannot end before {self.until}: it would be empty")

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.until is None or day < self.until)

    @property
    def last_day(self) -> date | None:
        """The last day that counts, for the border (X12, workbooks), which speaks inclusively."""
        return None if self.until is None else self.until - ONE_DAY

    def intersect(self, other: Period) -> Period | None:
        """The days both have, or None."""
        start = max(self.start, other.start)
        until = min_until(self.until, other.until)
        return None if until is not None and until <= start else Period(start, until)

    def overlaps(self, other: Period) -> bool:
        return (other.until is None or self.start < other.until) and (self.until is None or other.start < self.until)


def min_until(a: date | None, b: date | None) -> date | None:
    """The earlier of two ends, where None is no end."""
    if a is None:
        return b
    return a if b is None else min(a, b)


def merged(periods: Iterable[Period]) -> list[Period]:
    """The same days as few, ascending, disjoint periods; touching ones join."""
    result: list[Period] = []
    for period in sorted(periods, key=lambda p: (p.start, p.until or date.max)):
        if result and (result[-1].until is None or period.start <= result[-1].until):
            last = result[-1]
            until = None if last.until is None or period.until is None else max(last.until, period.until)
            result[-1] = Period(last.start, until)
        else:
            result.append(period)
    return result


def from_inclusive(start: date, last: date | None) -> Period:
    """The period of the border's words: `last` is the last day that counts."""
    return Period(start, None if last is None else last + ONE_DAY)


def day_of(instant: datetime) -> date:
    """The Minnesota day of an aware instant."""
    return instant.astimezone(ZONE).date()


def start_of(day: date) -> datetime:
    """The first instant of a Minnesota day, in UTC."""
    return datetime.combine(day, time(), tzinfo=ZONE).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The first instant after a Minnesota day, in UTC (a day has 23 or 25 hours twice a year)."""
    return start_of(day + ONE_DAY)


def first_of_next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def plan_year_of(coverage_start: date) -> int:
    """Plan year = year of the coverage start (readings, Words)."""
    return coverage_start.year


def end_of_plan_year(coverage_start: date) -> date:
    """The first day that coverage no longer counts when no end was told (readings, Words)."""
    return date(coverage_start.year + 1, 1, 1)
