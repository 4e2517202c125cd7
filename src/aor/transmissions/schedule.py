"""When a carrier is served: its send days and its cutoff, in Minnesota (readings, R4). Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from aor.terms.month import Month
from aor.terms.period import ONE_DAY, ZONE, day_of

LONGEST_GAP = 8  # days: a carrier with one send day a week has one within these


def cutoff_of(day: date, cutoff: time) -> datetime:
    """The instant of a day's cutoff, UTC."""
    return datetime.combine(day, cutoff, tzinfo=ZONE).astimezone(UTC)


def latest_cutoff(send_days: frozenset[int], cutoff: time, now: datetime) -> datetime | None:
    """The latest cutoff of a send day that has passed."""
    today = day_of(now)
    for back in range(LONGEST_GAP):
        day = today - timedelta(days=back)
        if day.weekday() in send_days and (passed := cutoff_of(day, cutoff)) <= now:
            return passed
    return None


def due(
    *, send_days: frozenset[int], cutoff: time | None, known_from: datetime, last_run: datetime | None, now: datetime
) -> datetime | None:
    """The instant whose ready ones a run takes now (a cutoff, or now without one); None: no run is due.

    A run is due on a send day once its cutoff has passed, and for a send day that passed without a run since the
    last one. Nothing was missed before the carrier was first known.
    """
    today = day_of(now)
    since = last_run if last_run is not None else known_from
    if cutoff is None:
        if today.weekday() in send_days:
            return now
        day = today - ONE_DAY
        while day >= day_of(since) and (today - day).days < LONGEST_GAP:
            if day.weekday() in send_days and (last_run is None or day > day_of(last_run)):
                return now
            day -= ONE_DAY
        return None
    passed = latest_cutoff(send_days, cutoff, now)
    if passed is None:
        return None
    if day_of(passed) == today:
        return passed
    return passed if since < passed else None


def asked(*, send_days: frozenset[int], cutoff: time | None, last_run: datetime | None, now: datetime) -> datetime:
    """The same for a run that somebody asks for: today's own run if it has not gone yet, else what is ready now."""
    if cutoff is not None:
        passed = latest_cutoff(send_days, cutoff, now)
        if passed is not None and day_of(passed) == day_of(now) and (last_run is None or last_run < passed):
            return passed
    return now


def last_send_day(send_days: frozenset[int], month: Month) -> date | None:
    """The last send day of a month."""
    day = month.until - ONE_DAY
    while day >= month.first_day:
        if day.weekday() in send_days:
            return day
        day -= ONE_DAY
    return None
