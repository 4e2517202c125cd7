"""People on file, from the demo's generator, with what makes them hard to tell apart: twins, sons, 1 January."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from aor.demo import households, names
from aor.demo.households import Household, Person
from aor.matching import names as matching
from aor.matching.names import Likeness
from aor.terms.person import PersonFacts

CARRIERS = ("31616", "57129", "34102", "85736", "79888")
CARRIER_SHARES = (34, 28, 18, 12, 8)
OPENED = date(2025, 11, 1)
ENGLISH = 0.22  # households with names of which English short forms are known
WOMEN = (
    "Elizabeth", "Margaret", "Katherine", "Patricia", "Deborah", "Susan", "Jennifer", "Barbara", "Christine",
    "Rebecca", "Victoria", "Judith", "Dorothy", "Pamela", "Kimberly", "Theresa", "Samantha", "Abigail",
    "Jessica", "Angela",
)  # fmt: skip
MEN = (
    "William", "Robert", "Richard", "James", "Michael", "Thomas", "Charles", "Edward", "Joseph", "Daniel",
    "Anthony", "Christopher", "Benjamin", "Gregory", "Lawrence", "Ronald", "Timothy", "Nicholas", "Samuel",
    "Kenneth",
)  # fmt: skip
FAMILIES = (
    "Johnson", "Anderson", "Peterson", "Olson", "Nelson", "Larson", "Carlson", "Miller", "Schmidt", "Meyer",
    "Murphy", "Sullivan", "Kowalski", "Fitzgerald", "McCarthy", "Bergstrom", "Dahlberg", "Lindgren",
    "Thompson", "Washington",
)  # fmt: skip
UNLIKE = frozenset((Likeness.OTHER, Likeness.NEAR, Likeness.SOUND, Likeness.TYPO, Likeness.INITIAL))
SOMALI, SPANISH = 2, 3  # kinds of names whose bearers often have 1 January for a birthday, two surnames


@dataclass
class Market:
    """`absent` are not on file; `twins` and `sons` are pairs (on file, of the same household, absent or on file)."""

    persons: list[PersonFacts] = field(default_factory=list)
    absent: list[PersonFacts] = field(default_factory=list)
    twins: list[tuple[PersonFacts, PersonFacts]] = field(default_factory=list)
    absent_twins: list[tuple[PersonFacts, PersonFacts]] = field(default_factory=list)
    absent_sons: list[tuple[PersonFacts, PersonFacts]] = field(default_factory=list)
    absent_relatives: list[tuple[PersonFacts, PersonFacts]] = field(default_factory=list)


def make(size: int, *, seed: int) -> Market:
    """At least `size` persons on file."""
    market, number = Market(), 0
    while len(market.persons) < size:
        number += 1
        random = Random(f"{seed}:{number}")
        people = _facts(random, households.make(number, random))
        chance = random.random()
        if chance < 0.06:
            market.absent += people
        else:
            market.persons += people
            _relatives(market, random, people, chance)
    return market


def _relatives(market: Market, random: Random, people: list[PersonFacts], chance: float) -> None:
    """Twins, fathers and sons, and relatives who are not enrolled."""
    one = people[0]
    other = replace(one, key=f"{one.key}t", first_name=_other_first(random, one.first_name), middle_name="")
    if chance < 0.09:
        market.persons.append(other)
        market.twins.append((one, other))
    elif chance < 0.12:
        market.absent_twins.append((one, other))
    elif chance < 0.15:
        assert one.birth_date is not None
        born = one.birth_date + timedelta(random.randrange(19 * 365, 38 * 365))
        market.absent_sons.append((one, replace(one, key=f"{one.key}j", birth_date=born)))
    elif chance < 0.20:
        assert one.birth_date is not None
        born = one.birth_date + timedelta(random.choice((-1, 1)) * random.randrange(300, 4000))
        market.absent_relatives.append((one, replace(other, key=f"{one.key}r", birth_date=born)))


def _other_first(random: Random, first: str) -> str:
    """Another given name of the same kind of names."""
    pools = [WOMEN, MEN, *(some for kind in names._FAMILIES for some in kind[1:3])]
    pool = next((pool for pool in pools if first in pool), WOMEN)
    # nobody calls twins Pa Houa and Pahoua
    unlike = [name for name in pool if matching.best(matching.words(name), matching.words(first)) in UNLIKE]
    return random.choice(unlike)


def _facts(random: Random, household: Household) -> list[PersonFacts]:
    english = random.random() < ENGLISH
    surname = random.choice(FAMILIES)
    second = random.choice(names._FAMILIES[SPANISH][3])
    carrier = random.choices(CARRIERS, CARRIER_SHARES)[0]
    day = applied(random)
    address = f"{household.line}, {household.city}, MN {household.zip}".upper()
    old = random.random() < 0.5
    result = []
    for person in household.people:
        first, last, born = person.first, person.last, person.birth_date
        if english:
            first, last = random.choice(WOMEN if person.sex == "F" else MEN), surname
        elif last in names._FAMILIES[SPANISH][3] and random.random() < 0.4 and "-" not in last:
            last = f"{last}{random.choice(' -')}{second}"
        elif last in names._FAMILIES[SOMALI][3] and old and random.random() < 0.4:
            born = born.replace(month=1, day=1)
        own = carrier if random.random() < 0.8 else random.choices(CARRIERS, CARRIER_SHARES)[0]
        result.append(_person(person, first, last, born, own, day, address))
    return result


def _person(person: Person, first: str, last: str, born: date, carrier: str, day: date, address: str) -> PersonFacts:
    return PersonFacts(
        key=person.id,
        first_name=first,
        last_name=last,
        birth_date=born,
        middle_name=person.middle,
        hios_issuer_ids=frozenset({carrier}),
        days=frozenset({day}),
        addresses=(address,),
    )


def applied(random: Random) -> date:
    """Days of open enrollment, crowded before its deadlines; some all year round."""
    if random.random() < 0.2:
        return OPENED + timedelta(random.randrange(75, 340))
    deadline = random.choice((44, 75))
    return OPENED + timedelta(max(deadline - int(random.expovariate(1 / 14)), 0))
