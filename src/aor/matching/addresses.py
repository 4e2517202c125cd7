"""Addresses compared as they are typed: house number, street and ZIP code, whatever stands between."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from aor.matching import names

_WORD = re.compile(r"[a-z0-9]+")
_ZIP = re.compile(r"(\d{5})(?:-?\d{4})?\s*$")
_SHORT = {"street": "st", "saint": "st", "avenue": "ave", "av": "ave", "road": "rd", "lane": "ln", "drive": "dr"}
_SHORT |= {"trail": "trl", "boulevard": "blvd", "north": "n", "south": "s", "east": "e", "west": "w"}


class Place(StrEnum):
    """How nearly two addresses agree, the nearest first."""

    SAME = "same"
    ZIP = "ZIP code only"
    OTHER = "different"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Address:
    """`street` the words after the house number, in short forms; each empty where it was not said."""

    number: str
    street: tuple[str, ...]
    zip: str


@lru_cache(names.REMEMBERED)
def read(text: str) -> Address:
    """The house number is the first word with a digit, the ZIP code the last five digits."""
    found = _ZIP.search(text)
    said = text[: found.start()] if found else text
    parts = [_SHORT.get(word, word) for word in _WORD.findall(said.lower())]
    at = next((at for at, word in enumerate(parts) if word[0].isdigit()), None)
    number, street = ("", ()) if at is None else (parts[at], tuple(parts[at + 1 :]))
    return Address(number, street, found[1] if found else "")


def compare(claimed: Address, filed: Address) -> Place:
    """The same house where number and street agree and no ZIP code speaks against it."""
    if not (claimed.number and filed.number):
        if claimed.zip and filed.zip:
            return Place.ZIP if claimed.zip == filed.zip else Place.OTHER
        return Place.MISSING
    zips_differ = bool(claimed.zip and filed.zip) and claimed.zip != filed.zip
    if claimed.number == filed.number and not zips_differ and _street(claimed.street[:1], filed.street[:1]):
        return Place.SAME
    return Place.ZIP if claimed.zip and claimed.zip == filed.zip else Place.OTHER


def _street(claimed: tuple[str, ...], filed: tuple[str, ...]) -> bool:
    return bool(claimed and filed) and DamerauLevenshtein.distance(claimed[0], filed[0]) <= 1
