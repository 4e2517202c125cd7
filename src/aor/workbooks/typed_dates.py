"""Days as people type them: read when they say one day, and never guessed when they could say two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = (  # English from three letters on, Spanish, and its short forms
    "january enero ene",
    "february febrero",
    "march marzo",
    "april abril abr",
    "may mayo",
    "june junio",
    "july julio",
    "august agosto ago",
    "september septiembre setiembre",
    "october octubre",
    "november noviembre",
    "december diciembre dic",
)
EPOCHS = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}
FIRST_SERIAL = 2_101  # in 1905; what is less may be a year
CLOCK = re.compile(
    r"[ T,]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[ap]\.?m\.?)?( ?(z|utc|[+-]\d{2}:?\d{2}))?$", re.IGNORECASE
)
YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
NUMBERS = re.compile(r"(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*[-/. ]\s*(\d{4}|'?\d{2})")
EIGHT = re.compile(r"\d{7,8}")
SERIAL = re.compile(r"(\d{4,5})(\.\d+)?")

UNREADABLE = "is not a day we can read"
OUT_OF_RANGE = "lies outside of what is possible"
TWO_ORDERS = "could be read in two ways, month first or day first"
TWO_CENTURIES = "could be of two centuries"
COUNT_OF_DAYS = "is Excel's count of days, and the file does not say from when it counts"


@dataclass(frozen=True, slots=True)
class Typed:
    """A day, or why there is none; `day_first` is what it would be with the day before the month.

    Both `day` and `day_first` are given where the order decides and `day` is the American reading.
    """

    day: date | None = None
    day_first: date | None = None
    because: str = ""


def read(text: str, *, kind: str = "t", epoch: int | None = None, earliest: date, latest: date) -> Typed:
    """One cell; `kind` as the limited process tells it, `epoch` 1900 or 1904, None where cells have no kind.

    Bounds are inclusive. They choose between readings too: what would lie outside is not what was meant.
    """
    bare = CLOCK.sub("", " ".join(text.split())).strip().strip(",")
    if kind == "d" or YEAR_FIRST.fullmatch(bare):
        return _one_of(
            [_day(*map(int, match.groups()))] if (match := YEAR_FIRST.fullmatch(bare)) else [], earliest, latest
        )
    if EIGHT.fullmatch(bare):
        return _one_of(_eight(bare), earliest, latest)
    if match := SERIAL.fullmatch(bare):
        return _serial(int(match[1]), kind, epoch, earliest, latest)
    if match := NUMBERS.fullmatch(bare):
        return _numbers(match, earliest, latest)
    return _words(bare, earliest, latest)


def _eight(digits: str) -> list[date | None]:
    """19800229 or 02291980, whose leading zero Excel takes away; no text is both."""
    padded = digits.zfill(8)
    return [
        _day(int(padded[:4]), int(padded[4:6]), int(padded[6:])),
        _day(int(padded[4:]), int(padded[:2]), int(padded[2:4])),
    ]


def _serial(number: int, kind: str, epoch: int | None, earliest: date, latest: date) -> Typed:
    if number < FIRST_SERIAL:
        return Typed(because=UNREADABLE)
    if kind != "n" or epoch is None:
        return Typed(because=COUNT_OF_DAYS)
    return _one_of([EPOCHS[epoch] + timedelta(days=number)], earliest, latest)


def _numbers(match: re.Match[str], earliest: date, latest: date) -> Typed:
    one, two = int(match[1]), int(match[3])
    american = _in_years(match[4], one, two, earliest, latest)
    other = _in_years(match[4], two, one, earliest, latest)
    if one == two or not other:
        return _one_of(american, earliest, latest) if american else _none(_possible(match[4], one, two))
    if not american:
        only = _one_of(other, earliest, latest)
        return Typed(day_first=only.day, because=only.because)
    if len(american) > 1 or len(other) > 1:
        return Typed(because=TWO_CENTURIES)
    if match[2] == ".":  # as in 3.4.1980, which Europeans write and mean April by
        return Typed(because=TWO_ORDERS)
    return Typed(american[0], other[0])


def _possible(year: str, one: int, two: int) -> bool:
    years = _years(year)
    return any(_day(y, *pair) for y in years for pair in ((one, two), (two, one)))


def _none(possible: bool) -> Typed:
    return Typed(because=OUT_OF_RANGE if possible else UNREADABLE)


def _words(text: str, earliest: date, latest: date) -> Typed:
    """`Feb 29, 1980`, `29-feb-80`, `29 de febrero de 1980`, `Friday, February 29th 1980`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    found = re.findall(r"[a-z]+|'?\d+", plain)
    months = [number for word in found if (number := _month(word))]
    numbers = [word for word in found if word.lstrip("'").isdigit()]
    if len(months) != 1 or len(numbers) != 2:
        return Typed(because=UNREADABLE)
    first, second = numbers
    day, year = (second, first) if len(first) == 4 else (first, second)
    if len(day) > 2 or len(year.lstrip("'")) not in (2, 4):
        return Typed(because=UNREADABLE)
    chosen = _in_years(year, months[0], int(day), earliest, latest)
    if chosen:
        return _one_of(chosen, earliest, latest)
    return _none(any(_day(y, months[0], int(day)) for y in _years(year)))


def _month(word: str) -> int:
    for number, names in enumerate(MONTHS, 1):
        if word in names.split() or (len(word) >= 3 and names.startswith(word)):
            return number
    return 0


def _years(year: str) -> tuple[int, ...]:
    digits = year.lstrip("'")
    return (int(digits),) if len(digits) == 4 else (1900 + int(digits), 2000 + int(digits))


def _in_years(year: str, month: int, day: int, earliest: date, latest: date) -> list[date]:
    """The days it could be within the bounds."""
    days = (_day(one, month, day) for one in _years(year))
    return [one for one in days if one and earliest <= one <= latest]


def _one_of(days: Iterable[date | None], earliest: date, latest: date) -> Typed:
    known = [day for day in days if day]
    inside = [day for day in known if earliest <= day <= latest]
    if len(inside) == 1:
        return Typed(inside[0])
    return Typed(because=TWO_CENTURIES if inside else _none(bool(known)).because)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
