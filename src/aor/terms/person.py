"""A person as somebody claims them, and as the marketplace has them on file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PersonClaim:
    """What a broker says of a consumer (readings, R7); empty is not said.

    `day` is the day the application was submitted or the enrollment completed, whichever was given.
    """

    first_name: str
    last_name: str
    birth_date: date | None = None
    middle_name: str = ""
    hios_issuer_id: str = ""
    day: date | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is on file of a consumer, from all their enrollments; `key` is the shell's own.

    `days` are enrollment dates, and application dates where known; `former_last_names` those that any earlier
    enrollment bore.
    """

    key: str
    first_name: str
    last_name: str
    birth_date: date | None = None
    middle_name: str = ""
    former_last_names: tuple[str, ...] = ()
    hios_issuer_ids: frozenset[str] = frozenset()
    days: frozenset[date] = frozenset()
    addresses: tuple[str, ...] = ()
