"""What of a claim agrees with one person on file, field by field and how nearly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from aor.matching import addresses, dates, names
from aor.matching.addresses import Address, Place
from aor.matching.dates import Slip
from aor.matching.names import RANK, Likeness, Name
from aor.terms.person import PersonClaim, PersonFacts

WEEK, MONTH = 7, 31  # days
LONGEST_ADDRESS = 300  # letters


class Field(StrEnum):
    """The fields in the order in which they are told."""

    LAST_NAME = "last name"
    FIRST_NAME = "first name"
    ORDER = "order of the names"
    MIDDLE_NAME = "middle name"
    SUFFIX = "suffix"
    BIRTH_DATE = "date of birth"
    CARRIER = "carrier"
    DAY = "application or enrollment date"
    ADDRESS = "address"


class Plainly(StrEnum):
    """Fields that agree or do not."""

    SAME = "same"
    OTHER = "different"
    MISSING = "missing"


class Near(StrEnum):
    """How near two days are."""

    SAME = "same"
    WEEK = "within a week"
    MONTH = "within a month"
    OTHER = "more than a month apart"
    MISSING = "missing"


type Called = tuple[Likeness, Likeness, Plainly]
STRANGER: Called = (Likeness.OTHER, Likeness.OTHER, Plainly.SAME)


class Levels(NamedTuple):
    """One candidate's agreement, in the order of `Field`."""

    last_name: Likeness
    first_name: Likeness
    order: Plainly
    middle_name: Likeness
    suffix: Plainly
    birth_date: Slip
    carrier: Plainly
    day: Near
    address: Place


@dataclass(frozen=True, slots=True)
class Reading:
    """A claim read once for all its candidates."""

    claim: PersonClaim
    name: Name
    address: Address


def read(claim: PersonClaim) -> Reading:
    """The claim with its names and address taken apart."""
    return Reading(claim, names.claimed(claim), addresses.read(claim.address[:LONGEST_ADDRESS]))


def compare(reading: Reading, person: PersonFacts, name: Name, called: Called) -> Levels:
    """`name` is the person's, read; `called` what `compare_names` found of it."""
    claim = reading.claim
    return Levels(
        *called,
        _middle(reading.name.middle, name.middle),
        _plainly(reading.name.suffix, name.suffix),
        dates.compare(claim.birth_date, person.birth_date),
        _carrier(claim.hios_issuer_id, person.hios_issuer_ids),
        _nearest(claim.day, person.days),
        _place(reading.address, person.addresses),
    )


def compare_names(claimed: Name, filed: Name, former: tuple[str, ...]) -> Called:
    """Last name, first name, and whether they stand in each other's place."""
    last, first = _last(claimed, filed, former), _first(claimed, filed)
    if RANK[last] <= RANK[Likeness.PART] or RANK[first] <= RANK[Likeness.PART]:
        return last, first, Plainly.SAME
    crossed = names.best(claimed.given, filed.family), names.best(claimed.family, filed.given)
    if max(RANK[one] for one in crossed) < RANK[Likeness.NEAR] and _sum(crossed) < _sum((last, first)):
        return *crossed, Plainly.OTHER
    return last, first, Plainly.SAME


def _sum(likenesses: tuple[Likeness, Likeness]) -> int:
    return sum(RANK[one] for one in likenesses)


def _last(claimed: Name, filed: Name, former: tuple[str, ...]) -> Likeness:
    found = names.best(claimed.family, filed.family)
    if RANK[found] <= RANK[Likeness.PART]:
        return found
    if any(names.best(claimed.family, names.words(last)) in (Likeness.SAME, Likeness.WRITTEN) for last in former):
        return Likeness.FORMER
    # a Somali father's name, or the first of two Spanish surnames, often stands among the middle names
    elsewhere = _within(claimed.family, filed.middle) or _within(filed.family, claimed.middle + claimed.given[1:])
    return Likeness.MIDDLE if elsewhere else found


def _first(claimed: Name, filed: Name) -> Likeness:
    found = names.best(claimed.given, filed.given)
    if found is Likeness.PART and claimed.given + claimed.middle == filed.given + filed.middle:
        return Likeness.WRITTEN  # the middle name stands with the first
    if RANK[found] <= RANK[Likeness.PART]:
        return found
    elsewhere = _within(claimed.given, filed.middle) or _within(filed.given, claimed.middle)
    return Likeness.MIDDLE if elsewhere else found


def _within(words: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return bool(words and others) and all(len(word) > 1 and word in others for word in words)


def _middle(claimed: tuple[str, ...], filed: tuple[str, ...]) -> Likeness:
    if not (claimed and filed):
        return Likeness.MISSING
    a, b = claimed[0], filed[0]
    if a[0] != b[0]:
        return Likeness.OTHER
    return Likeness.SAME if a == b else Likeness.INITIAL


def _plainly(claimed: str, filed: str) -> Plainly:
    if not (claimed and filed):
        return Plainly.MISSING
    return Plainly.SAME if claimed == filed else Plainly.OTHER


def _carrier(claimed: str, filed: frozenset[str]) -> Plainly:
    if not (claimed and filed):
        return Plainly.MISSING
    return Plainly.SAME if claimed in filed else Plainly.OTHER


def _nearest(claimed: date | None, filed: frozenset[date]) -> Near:
    if claimed is None or not filed:
        return Near.MISSING
    if claimed in filed:
        return Near.SAME
    apart = min(abs((claimed - day).days) for day in filed)
    if apart <= WEEK:
        return Near.WEEK
    return Near.MONTH if apart <= MONTH else Near.OTHER


def _place(claimed: Address, filed: tuple[str, ...]) -> Place:
    if not (claimed.zip or claimed.number):
        return Place.MISSING
    found = [addresses.compare(claimed, addresses.read(text)) for text in filed]
    return next((place for place in Place if place in found), Place.MISSING)
