"""When a clock of a case runs out: what was allowed, and the times it stood still. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from aor.policy import business_days
from aor.policy.parameters import Parameters
from aor.terms.period import day_of, end_of


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    BUSINESS_DAYS = "business days"


@dataclass(frozen=True, slots=True)
class Allowance:
    """How long something may take. Days run to their end; the day on which the clock starts does not count."""

    amount: int
    unit: Unit


def due_at(
    started_at: datetime, allowed: Allowance, stops: Iterable[tuple[datetime, datetime]], parameters: Parameters
) -> datetime:
    """The instant at which the time is over; each stop (from, until) puts it off by the units that it lasted."""
    if allowed.unit is Unit.HOURS:
        stood = sum((until - since for since, until in stops), timedelta())
        return started_at + timedelta(hours=allowed.amount) + stood
    days = [(day_of(since), day_of(until)) for since, until in stops]
    return end_of(_last_day(day_of(started_at), allowed, days, parameters))


def _last_day(start: date, allowed: Allowance, stops: list[tuple[date, date]], parameters: Parameters) -> date:
    if allowed.unit is Unit.DAYS:
        return start + timedelta(days=allowed.amount + sum((until - since).days for since, until in stops))
    stood = sum(business_days.between(since, until, parameters) for since, until in stops)
    return business_days.after(start, allowed.amount + stood, parameters)
