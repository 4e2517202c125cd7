"""Timelines compared: what is known against what was decided, what a carrier was told against what is so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from aor.terms.period import Period


class Point(NamedTuple):
    """From `day` on the agent of record is `npn`; "" is nobody."""

    day: date
    npn: str


def points(entries: Iterable[tuple[str, Period]], coverage: Period) -> list[Point]:
    """Entries (npn, days), disjoint, as change points inside the coverage; its own end is none."""
    result: list[Point] = []
    for npn, days in sorted(entries, key=lambda entry: entry[1].start):
        if result and result[-1].day == days.start:
            result.pop()  # nobody, for no day: the next entry begins where the last ended
        result.append(Point(days.start, npn))
        if days.until is not None and days.until in coverage:
            result.append(Point(days.until, ""))
    return result


def to_tell(so: Sequence[Point], told: Mapping[date, str], coverage: Period) -> list[Point]:
    """The fewest changes, ascending, that bring a carrier from what it was told to what is so (R4, events).

    `told` maps a day to the NPN told for it ("" for a removal); a later day stands until it is told anew.
    """
    wanted = {point.day: point.npn for point in so}
    is_so = now_told = ""
    result: list[Point] = []
    for day in sorted({coverage.start, *wanted, *told}):
        if coverage.until is not None and day >= coverage.until:
            break
        now_told = told.get(day, now_told)
        if day >= coverage.start:
            is_so = wanted.get(day, is_so)
            if now_told != is_so:
                result.append(Point(day, is_so))
                now_told = is_so
    return result
