"""Two dates compared: what slipped, if it was one of the slips that people make."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

GENERATION = 10  # years apart, from which a wrong digit may as well be a parent of the same name


class Slip(StrEnum):
    """How nearly two birth dates agree, the nearest first."""

    NONE = "same"
    DAY_MONTH = "day and month exchanged"
    TRANSPOSED = "two digits exchanged"
    DIGIT = "one digit"
    CENTURY = "century"
    DECADE = "one digit of the decade"
    NEAR = "a day apart"
    TWO_PARTS = "two of year, month and day"
    YEAR = "year only"
    OTHER = "different"
    MISSING = "missing"


def compare(claimed: date | None, filed: date | None) -> Slip:
    """The first slip that makes one of the other."""
    if claimed is None or filed is None:
        return Slip.MISSING
    if claimed == filed:
        return Slip.NONE
    if (claimed.year, claimed.month, claimed.day) == (filed.year, filed.day, filed.month):
        return Slip.DAY_MONTH
    same_day = (claimed.month, claimed.day) == (filed.month, filed.day)
    apart = abs(claimed.year - filed.year)
    if same_day and apart == 100:
        return Slip.CENTURY
    return _digits(claimed, filed, apart) or _parts(claimed, filed)


def exchanged(day: date) -> date | None:
    """The date with day and month exchanged, where that is a date and another one."""
    if day.day > 12 or day.day == day.month:
        return None
    return date(day.year, day.day, day.month)


def _digits(claimed: date, filed: date, apart: int) -> Slip | None:
    a, b = (day.isoformat().replace("-", "") for day in (claimed, filed))
    wrong = [at for at in range(8) if a[at] != b[at]]
    if len(wrong) == 1:
        return Slip.DECADE if apart >= GENERATION else Slip.DIGIT
    first, last = wrong[0], wrong[-1]
    if len(wrong) == 2 and last == first + 1 and (a[first], a[last]) == (b[last], b[first]):
        return Slip.DECADE if apart >= GENERATION else Slip.TRANSPOSED
    return None


def _parts(claimed: date, filed: date) -> Slip:
    if abs((claimed - filed).days) == 1:
        return Slip.NEAR
    agreed = (claimed.year == filed.year) + (claimed.month == filed.month) + (claimed.day == filed.day)
    if agreed == 2:
        return Slip.TWO_PARTS
    return Slip.YEAR if claimed.year == filed.year else Slip.OTHER
