"""How every enrollment of a book stands, remembered for a minute: counts and the filter by state rest on it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.core.cache import cache

from aor.acts import queries as acts
from aor.transmissions import book

MINUTE = 60


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


def forget(npn: str) -> None:
    """After an act of this broker the next page counts anew."""
    cache.delete(f"book:{npn}")
