"""A calendar month in Minnesota, the unit of the report and of the close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from aor.terms.period import Period, day_of, end_of, first_of_next_month, start_of


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """`Month(2026, 10)`, written 2026-10."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (1900 <= self.year <= 9998 and 1 <= self.number <= 12):
            raise ValueError(f"a month is YYYY-MM, not {self.year}-{self.number}")

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From YYYY-MM. Raises ValueError."""
        year, dash, number = text.strip().partition("-")
        if not (dash and len(year) == 4 and len(number) == 2 and (year + number).isdigit()):
            raise ValueError(f"a month is YYYY-MM, not {text!r}")
        return cls(int(year), int(number))

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def until(self) -> date:
        """The first day of the next month."""
        return first_of_next_month(self.first_day)

    @property
    def period(self) -> Period:
        return Period(self.first_day, self.until)

    @property
    def begins(self) -> datetime:
        """Its first instant, UTC."""
        return start_of(self.first_day)

    @property
    def ends(self) -> datetime:
        """The first instant after it, UTC."""
        return end_of(date.fromordinal(self.until.toordinal() - 1))

    @property
    def next(self) -> Month:
        return Month.of(self.until)

    def __contains__(self, moment: date | datetime) -> bool:
        day = day_of(moment) if isinstance(moment, datetime) else moment
        return self.first_day <= day < self.until
