"""Households of one to five people, who enroll through one subscriber or two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from aor.demo import brokers, names

_STREETS = ("Birch St", "Loon Lake Rd", "Portage Ave", "Prairie Ln", "Lakeview Dr", "Tamarack Trl", "2nd Ave S",
            "Grain Belt Way")  # fmt: skip
_SIZES, _SIZE_SHARES = (1, 2, 3, 4, 5), (44, 27, 11, 12, 6)
FIRST_ID = 910_000_000


@dataclass(frozen=True, slots=True)
class Person:
    """One person; `id` is the exchange's member id, and the subscriber id where the person is a subscriber."""

    id: str
    first: str
    middle: str
    last: str
    sex: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class Household:
    """One case. `groups` are those who enroll together, the subscriber first."""

    number: int
    household_id: str
    application_id: str
    groups: tuple[tuple[Person, ...], ...]
    line: str
    city: str
    zip: str
    county: str
    phone: str
    email: str

    @property
    def people(self) -> list[Person]:
        return [person for group in self.groups for person in group]


def make(number: int, random: Random) -> Household:
    """The household of that number. Its ids follow from the number alone."""
    kind = names.family(random)
    last = names.last_name(random, kind)
    size = random.choices(_SIZES, _SIZE_SHARES)[0]
    people = [_person(random, number, position, kind, last) for position in range(size)]
    # Two subscribers: a couple of which each chose a plan of their own.
    apart = size >= 2 and random.random() < 0.12
    groups = ((people[0], *people[2:]), (people[1],)) if apart else (tuple(people),)
    city, zip_code, county = brokers.CITIES[random.choices(range(10), (8, 22, 16, 9, 9, 6, 9, 8, 6, 7))[0]]
    return Household(
        number=number,
        household_id=f"H{number:06d}",
        application_id=str(5_500_000 + number),
        groups=groups,
        line=f"{random.randrange(1, 990)} {random.choice(_STREETS)}",
        city=city,
        zip=zip_code,
        county=county,
        phone=f"651555{100 + number % 100:04d}",
        email=f"household.{number}@example.org",
    )


def _person(random: Random, number: int, position: int, kind: int, family_name: str) -> Person:
    adult = position < 2
    sex = random.choice("FM")
    oldest = date(1962, 1, 1) if adult else date(2004, 1, 1)
    born = oldest + timedelta(random.randrange(365 * (40 if adult else 20)))
    own_name = position == 1 and random.random() < 0.35
    return Person(
        id=str(FIRST_ID + number * 10 + position),
        first=names.first_name(random, kind, sex),
        middle=random.choice(("", "", "", "A", "M", "Lee")),
        last=names.last_name(random, kind) if own_name else family_name,
        sex=sex,
        birth_date=born,
    )
