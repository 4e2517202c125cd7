"""The fields of documents: strict, so that what is refused is refused for what was written."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, WithJsonSchema

from aor.terms.period import YEARS

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


class Document(BaseModel):
    """A field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _day(given: Any) -> date:
    if not isinstance(given, str) or not _DAY.fullmatch(given):
        raise ValueError("a day is written 2026-10-31")
    return _within(date.fromisoformat(given))


def _instant(given: Any) -> datetime:
    if not isinstance(given, str) or not _INSTANT.fullmatch(given):
        raise ValueError("an instant is written 2026-10-31T18:00:00-05:00")
    found = datetime.fromisoformat(given.upper())
    _within(found.date())
    return found.astimezone(UTC)


def _within[D: date](found: D) -> D:
    if found.year not in YEARS:
        raise ValueError(f"a year lies from {YEARS[0]} to {YEARS[-1]}")
    return found


Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Instant = Annotated[datetime, BeforeValidator(_instant), WithJsonSchema({"type": "string", "format": "date-time"})]
Flag = StrictBool
Year = Annotated[int, Field(strict=True, ge=2014, le=YEARS[-1])]
Number = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
Npn = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,9}$", description="National Producer Number")]
Hios = Annotated[str, Field(pattern=r"^[0-9]{5}$", description="HIOS issuer id of the carrier")]
PolicyId = Annotated[str, Field(pattern=r"^[!-.0-9;-~]{1,50}$", description="exchange policy id")]
SubscriberId = Annotated[str, Field(pattern=r"^[!-~]{1,80}$", description="exchange subscriber id")]


def text(longest: int, *, least: int = 0) -> Any:
    """Words without control characters."""
    return Field(min_length=least, max_length=longest, pattern=r"^[^\x00-\x1f\x7f]*$")
