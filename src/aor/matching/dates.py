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
    agreed = (claimed.year == filed.year) + (claimed.month == filed.month) + (claimed.day == filed.day)
    if agreed == 2:
        return _one_part(claimed, filed)
    if abs(claimed.toordinal() - filed.toordinal()) == 1:
        return Slip.NEAR
    if claimed.year != filed.year:
        return Slip.OTHER
    return Slip.DAY_MONTH if (claimed.month, claimed.day) == (filed.day, filed.month) else Slip.YEAR


def exchanged(day: date) -> date | None:
    """The date with day and month exchanged, where that is a date and another one."""
    if day.day > 12 or day.day == day.month:
        return None
    return date(day.year, day.day, day.month)


def _one_part(claimed: date, filed: date) -> Slip:
    """Year, month or day differs, the other two agree."""
    apart = abs(claimed.year - filed.year)
    if apart == 100:
        return Slip.CENTURY
    wrong = [(a, b) for a, b in zip(claimed.isoformat(), filed.isoformat(), strict=True) if a != b]
    if len(wrong) == 1:
        return Slip.DECADE if apart >= GENERATION else Slip.DIGIT
    if len(wrong) == 2 and wrong[0] == wrong[1][::-1]:
        return Slip.DECADE if apart >= GENERATION else Slip.TRANSPOSED
    return Slip.NEAR if abs((claimed - filed).days) == 1 else Slip.TWO_PARTS
