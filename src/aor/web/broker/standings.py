"""How every enrollment of a book stands, remembered for a minute: counts and the filter by state rest on it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.core.cache import cache

from aor.acts import queries as acts
from aor.acts import readiness
from aor.terms.period import day_of
from aor.transmissions import book

MINUTE = 60
SOON = timedelta(days=60)
RISK = "risk"


def states(npn: str, *, now: datetime) -> dict[int, str]:
    """The state of each enrollment that a broker may see, by its row; at most a minute old."""
    key = f"book:{npn}"
    known = cache.get(key)
    if known is None:
        ids = list(acts.enrollments_open_to([npn], now=now).values_list("id", flat=True))
        known = {id: line.state for id, line in book.lines(ids, [npn], now=now).items()}
        cache.set(key, known, MINUTE)
    return dict(known)


def counts(npn: str, *, now: datetime) -> Counter[str]:
    """How many enrollments stand how."""
    return Counter(states(npn, now=now).values())


def at_risk(npn: str, *, now: datetime) -> list[int]:
    """Those whose agent of record rests on what is missing or ends within 60 days; at most a minute old."""
    key = f"risk:{npn}"
    known = cache.get(key)
    if known is None:
        today = day_of(now)
        known = readiness.resting(npn, on=today, until=today + SOON)
        cache.set(key, known, MINUTE)
    return sorted(states(npn, now=now).keys() & set(known))


def forget(npn: str) -> None:
    """After an act of this broker the next page counts anew."""
    cache.delete_many([f"book:{npn}", f"risk:{npn}"])
