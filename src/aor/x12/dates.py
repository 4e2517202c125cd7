"""Days and times as X12 writes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from aor.terms.period import YEARS

# Data element 623: T is a zone's own switching time, S its standard, D its daylight time; Z and AK occur.
_PLACES = {
    "A": ("America/Anchorage", -9),
    "C": ("America/Chicago", -6),
    "E": ("America/New_York", -5),
    "H": ("Pacific/Honolulu", -10),
    "M": ("America/Denver", -7),
    "P": ("America/Los_Angeles", -8),
    "T": ("America/Halifax", -4),
}


def _zones() -> dict[str, tzinfo]:
    zones: dict[str, tzinfo] = {"UT": UTC, "GM": UTC, "Z": UTC}
    for letter, (place, hours) in _PLACES.items():
        zones[letter + "T"] = ZoneInfo(place)
        zones[letter + "S"] = timezone(timedelta(hours=hours))
        zones[letter + "D"] = timezone(timedelta(hours=hours + 1))
    for hours in range(1, 13):
        zones[f"{hours:02d}"] = timezone(timedelta(hours=hours))
        zones[f"{25 - hours:02d}"] = timezone(timedelta(hours=-hours))
    # No zone, or "local time", is the marketplace's own: Minnesota.
    zones |= {"": ZoneInfo("America/Chicago"), "LT": ZoneInfo("America/Chicago"), "AK": zones["AT"]}
    return zones


ZONES = _zones()
NO_END = "99991231"


@lru_cache(maxsize=8192)
def day(text: str) -> date | None:
    """CCYYMMDD as a day, None when there is no such day, or none of the years that people live in."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        found = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return found if found.year in YEARS else None


def short_day(text: str) -> date | None:
    """YYMMDD of this century (ISA09), None when there is no such day."""
    return day("20" + text) if len(text) == 6 else None


@lru_cache(maxsize=8192)
def clock(text: str) -> time | None:
    """HHMM, HHMMSS, HHMMSSD or HHMMSSDD, None when there is no such time."""
    if len(text) not in (4, 6, 7, 8) or not (text.isascii() and text.isdigit()):
        return None
    try:
        return time(int(text[:2]), int(text[2:4]), int(text[4:6] or 0), int(text[6:].ljust(6, "0")))
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def instant(day_text: str, clock_text: str, zone: str) -> datetime | None:
    """The instant in UTC of a day, a time and a zone of data element 623; None when one of them cannot be."""
    on, at, where = day(day_text), clock(clock_text), ZONES.get(zone)
    if on is None or at is None or where is None:
        return None
    return datetime.combine(on, at, tzinfo=where).astimezone(UTC)
