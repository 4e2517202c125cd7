"""When things happen in the demo: its months, and the hours of its batches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from aor.terms.month import Month
from aor.terms.period import ZONE

FIRST_MONTH = Month(2025, 9)
GO_LIVE = FIRST_MONTH.first_day
BATCH_DAYS = (7, 16, 25)  # on which the eligibility system sends enrollments to the carriers
ROSTER_DAYS = (7, 25)  # on which rosters come; households and associations come with every batch
RUN_DAYS = (16,)  # on which agents of record go, beside each carrier's last send day of the month
FIRST_ANSWER = date(2026, 1, 12)  # of the carrier that was asked what to do without appointment data
BATCH_HOUR = time(5, 0)  # six in the morning in the Eastern time that the files speak


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour of a Minnesota day, UTC."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE).astimezone(UTC)


def months(count: int) -> list[Month]:
    """The demo's months from its first."""
    result = [FIRST_MONTH]
    while len(result) < count:
        result.append(result[-1].next)
    return result


def open_enrollments(first_year: int, last_year: int) -> Iterator[dict[str, str]]:
    """As the `calendar` import takes them: 1 November to 15 January."""
    for year in range(first_year, last_year + 1):
        yield {
            "plan_year": str(year),
            "open_enrollment_start": f"{year - 1}-11-01",
            "open_enrollment_end": f"{year}-01-15",
        }


def batch_after(instant: datetime) -> datetime:
    """The first batch of enrollment files that can still hold what was asked for at an instant."""
    day = instant.astimezone(ZONE).date()
    while day.day not in BATCH_DAYS or datetime.combine(day, BATCH_HOUR, tzinfo=ZONE) <= instant:
        day += timedelta(days=1)
    return datetime.combine(day, BATCH_HOUR, tzinfo=ZONE).astimezone(UTC)


def last_send_day(month: Month, send_days: str) -> date:
    """The last day of a month on which a carrier with these send days gets a run."""
    names = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    wanted = names if send_days == "daily" else send_days.split(";")
    day = month.until - timedelta(days=1)
    while names[day.weekday()] not in wanted:
        day -= timedelta(days=1)
    return day
