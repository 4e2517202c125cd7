"""One cell: text in, value out; raises ValueError with a sentence for the person who sent the file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from aor.carriers.queries import DAILY, WEEKDAYS, send_days
from aor.terms.identifiers import HiosIssuerId, NaicCompanyCode
from aor.terms.npn import Npn
from aor.terms.period import YEARS, ZONE, end_of, start_of

type Parser = Callable[[str], Any]

# Nine digits with their hyphens: never kept, never quoted (readings, R11).
SOCIAL_SECURITY = re.compile(r"(?<!\d)\d{3}[- ]\d{2}[- ]\d{4}(?!\d)")
NEVER = 9999
_DAY = re.compile(r"(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})/(\d{1,2})/(\d{4}))(?:[T ]00:00(?::00)?)?")
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]{2,}")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::00)?")
_EIN = re.compile(r"\d{2}-?\d{7}")


def text(limit: int) -> Parser:
    """Words of up to `limit` characters, white space made single."""

    def parse(cell: str) -> str:
        if not (cell.isascii() and cell.isprintable()):
            cell = " ".join(cell.split())
            if any(unicodedata.category(character) in ("Cc", "Cs") for character in cell):
                raise ValueError("it holds a control character")
        elif "  " in cell:
            cell = " ".join(cell.split())
        if len(cell) > limit:
            raise ValueError(f"it has {len(cell)} characters; {limit} are the most")
        return cell

    return parse


def choice(*words: str) -> Parser:
    """One of the words, in any case."""

    def parse(cell: str) -> str:
        word = cell.lower()
        if word not in words:
            raise ValueError(f"it is {' or '.join(words)}, not {cell!r}")
        return word

    return parse


def number(least: int, most: int) -> Parser:
    """A whole number within bounds."""

    def parse(cell: str) -> int:
        if not (cell.isascii() and cell.isdigit() and least <= int(cell[:9]) <= most and len(cell) < 9):
            raise ValueError(f"it is a whole number from {least} to {most}, not {cell!r}")
        return int(cell)

    return parse


plan_year = number(2014, 2099)


@lru_cache(maxsize=16_384)
def npn(cell: str) -> str:
    return str(Npn.parse(cell))


def hios_issuer_id(cell: str) -> str:
    return str(HiosIssuerId(cell))


def naic_company_code(cell: str) -> str:
    return str(NaicCompanyCode(cell))


def yes_no(cell: str) -> bool:
    if cell.upper() not in ("Y", "N"):
        raise ValueError(f"it is Y or N, not {cell!r}")
    return cell.upper() == "Y"


@lru_cache(maxsize=16_384)
def day(cell: str) -> date:
    """YYYY-MM-DD, or MM/DD/YYYY."""
    found = _DAY.fullmatch(cell)
    if found is None:
        raise ValueError(f"a day is YYYY-MM-DD, not {cell!r}")
    year, month, number_, us_month, us_day, us_year = found.groups()
    try:
        result = date(int(year or us_year), int(month or us_month), int(number_ or us_day))
    except ValueError:
        raise ValueError(f"there is no such day: {cell!r}") from None
    if result.year not in YEARS:
        raise ValueError(f"the year of {cell!r} cannot be")
    return result


def last_day(cell: str) -> date | None:
    """A day; 9999-12-31, as some systems write what does not end, is none."""
    return None if cell.startswith(str(NEVER)) or cell.endswith(f"/{NEVER}") else day(cell)


def confirmed(cell: str) -> datetime:
    """An instant; a bare day is from its first instant, so open at its end (interfaces, days)."""
    return start_of(day(cell)) if _DAY.fullmatch(cell) else _instant(cell)


def ended(cell: str) -> datetime:
    """An instant; a bare day is its last, so not open at its end (interfaces, days)."""
    return end_of(day(cell)) - timedelta(microseconds=1) if _DAY.fullmatch(cell) else _instant(cell)


def _instant(cell: str) -> datetime:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"an instant is YYYY-MM-DDTHH:MM:SS, with or without zone, not {cell!r}") from None
    if moment.year not in YEARS[1:]:
        raise ValueError(f"the year of {cell!r} cannot be")
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZONE)).astimezone(UTC)


def state(cell: str) -> str:
    """Two letters."""
    upper = "MN" if cell.lower() == "minnesota" else cell.upper()
    if not (len(upper) == 2 and upper.isascii() and upper.isalpha()):
        raise ValueError(f"a state has two letters, not {cell!r}")
    return upper


def coverages(cell: str) -> str:
    """HLT, DEN or HLT;DEN."""
    words = {word.strip().upper() for word in cell.split(";")}
    if not words <= {"HLT", "DEN"}:
        raise ValueError(f"coverages are HLT, DEN or HLT;DEN, not {cell!r}")
    return ";".join(word for word in ("HLT", "DEN") if word in words)


def run_days(cell: str) -> str:
    """`daily`, or two-letter days by semicolon, in the order of the week."""
    days = send_days(cell)
    return DAILY if len(days) == len(WEEKDAYS) else ";".join(WEEKDAYS[one] for one in sorted(days))


def clock(cell: str) -> str:
    """HH:MM."""
    found = _CLOCK.fullmatch(cell)
    if found is None:
        raise ValueError(f"a time of day is HH:MM, not {cell!r}")
    return f"{int(found[1]):02d}:{found[2]}"


def employer_number(cell: str) -> str:
    """A federal employer number: nine digits, with or without its hyphen."""
    if not _EIN.fullmatch(cell):
        raise ValueError("a federal employer number has nine digits, dd-ddddddd")
    return cell.replace("-", "")


def email(cell: str) -> str:
    """An address; it is never quoted."""
    if len(cell) > 254 or not _EMAIL.fullmatch(cell):
        raise ValueError("it is not an e-mail address")
    return cell


def mailbox(cell: str) -> str:
    """A folder, or sftp://user@host[:port]/path without a password."""
    if len(cell) > 300 or not cell.isprintable():
        raise ValueError("a mailbox address has up to 300 printable characters")
    if "://" not in cell:
        return cell
    try:
        parts = urlsplit(cell)
        whole = parts.scheme == "sftp" and bool(parts.hostname) and bool(parts.username) and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("a mailbox is a folder, or sftp://user@host/path")
    if parts.password is not None:
        raise ValueError("a mailbox address holds no password: keys are kept elsewhere")
    return cell
