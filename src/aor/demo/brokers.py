"""Agencies and brokers, and how each one's standing goes: on time, late, lapsed, reinstated, revoked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from itertools import accumulate
from random import Random

from aor.demo import days, names, plans
from aor.demo.rosters import Learned

CITIES = (
    ("Duluth", "55802", "27137"),
    ("Minneapolis", "55406", "27053"),
    ("Saint Paul", "55104", "27123"),
    ("Rochester", "55901", "27109"),
    ("Saint Cloud", "56301", "27145"),
    ("Bemidji", "56601", "27007"),
    ("Mankato", "56001", "27013"),
    ("Moorhead", "56560", "27027"),
    ("Worthington", "56187", "27105"),
    ("Willmar", "56201", "27067"),
)
_AGENCY_WORDS = ("Tamarack", "Agate", "Cedar Lake", "Sandhill", "Bluestem", "Lady Slipper", "Walleye Bay", "Red Pine",
                 "Wild Rice", "Granite", "Superior Shore", "Half Moon")  # fmt: skip
# Beyond any number that NIPR has issued, so that no NPN here is a real person's.
FIRST_NPN = 99_000_001
FIRST_AGENCY_NPN = 98_000_001
UNHEARD_OF = "97000001"  # a broker whom some households name and no roster knows

LINE = "Accident & Health"


class Trait(Enum):
    """How a broker's standing goes."""

    STEADY = "steady"
    LATE_CERTIFIED = "certified after open enrollment began"
    NEVER_LICENSED = "never licensed"
    LAPSED = "licence lapsed"
    REINSTATED = "licence reinstated with a gap"
    REVOKED = "decertified in May"
    NO_ADDRESS = "no registered address"
    LATE_ON_ROSTER = "on the roster from January"


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency as the `agencies` import takes it, with the place where it is."""

    npn: str
    name: str
    fein: str
    email: str
    administrator: str
    city: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Broker:
    """A broker, or a navigator, who is never agent of record. `trait` is how the standing goes."""

    npn: str
    first: str
    last: str
    email: str
    phone: str
    agency: Agency
    languages: str
    navigator: bool
    trait: Trait

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class Brokers:
    """Everyone who sells or helps. `weights` grow with each broker, the largest books first (cumulative)."""

    agencies: tuple[Agency, ...]
    brokers: tuple[Broker, ...]
    navigators: tuple[Broker, ...]
    weights: tuple[float, ...]

    def pick(self, random: Random) -> Broker:
        """A broker, the likelier the larger the book."""
        return random.choices(self.brokers, cum_weights=self.weights)[0]


def fold(text: str) -> str:
    """Plain letters for an address of a mail."""
    kept = unicodedata.normalize("NFKD", text.translate(str.maketrans("øØæłŁđ", "oOalLd")))
    return "".join(c for c in kept if c.isascii() and c.isalpha()).lower()


def make(count: int, *, seed: int) -> Brokers:
    """The agencies (one for five brokers), the brokers and their navigators."""
    random = Random(f"brokers:{seed}")
    agencies = tuple(_agency(random, number) for number in range(max(1, count // 5)))
    people = [_broker(random, number, agencies) for number in range(count)]
    brokers = tuple(broker for broker in people if not broker.navigator)
    weights = tuple(accumulate(1 / (rank + 2) ** 0.6 for rank in range(len(brokers))))
    return Brokers(agencies, brokers, tuple(broker for broker in people if broker.navigator), weights)


def _agency(random: Random, number: int) -> Agency:
    word = _AGENCY_WORDS[number % len(_AGENCY_WORDS)] + (
        f" {number // len(_AGENCY_WORDS) + 1}" if number > 11 else ""
    )
    kind = names.family(random)
    administrator = f"{names.first_name(random, kind, 'U')} {names.last_name(random, kind)}"
    return Agency(
        str(FIRST_AGENCY_NPN + number),
        f"{word} Insurance Agency",
        f"41-99{number:05d}",
        f"office.{number + 1}@example.org",
        administrator,
        CITIES[number % len(CITIES)],
    )


def _broker(random: Random, number: int, agencies: tuple[Agency, ...]) -> Broker:
    kind = names.family(random)
    first, last = names.first_name(random, kind, "U"), names.last_name(random, kind)
    trait = _TRAITS.get(number % 30, Trait.STEADY)
    return Broker(
        npn=str(FIRST_NPN + number),
        first=first,
        last=last,
        email="" if trait == Trait.NO_ADDRESS else f"{fold(first)}.{fold(last)}.{number + 1}@example.org",
        phone=f"612-555-{100 + number % 100:04d}",
        agency=agencies[number % len(agencies)],
        languages=("English", "English;Hmong", "English;Somali", "English;Spanish", "English;Vietnamese")[kind],
        navigator=number % 30 == 29,
        trait=trait,
    )


# Of every thirty brokers, the largest books aside: what befalls them.
_TRAITS = {
    3: Trait.LATE_CERTIFIED,
    6: Trait.REINSTATED,
    9: Trait.LATE_CERTIFIED,
    11: Trait.REVOKED,
    14: Trait.LAPSED,
    17: Trait.NO_ADDRESS,
    20: Trait.LATE_ON_ROSTER,
    23: Trait.NEVER_LICENSED,
    26: Trait.REINSTATED,
}


def learned(brokers: Brokers, *, until: date, seed: int) -> Iterator[Learned]:
    """Every row about agencies, brokers and their standing up to a day, as it becomes known."""
    start = days.GO_LIVE
    for agency in brokers.agencies:
        yield Learned(start, "agencies", _agency_row(agency))
    for person in (*brokers.brokers, *brokers.navigators):
        random = Random(f"standing:{seed}:{person.npn}")
        day = date(2026, 1, 26) if person.trait == Trait.LATE_ON_ROSTER else start
        yield Learned(day, "brokers", _broker_row(person))
        yield from _certified(person, random, day)
        yield from _licensed(person, random, start)
        if not person.navigator:
            yield from _appointed(person, random, start, until)


def _certified(person: Broker, random: Random, start: date) -> Iterator[Learned]:
    def row(year: int, day: date, revoked: str = "") -> dict[str, str]:
        return {
            "npn": person.npn,
            "plan_year": str(year),
            "certified_on": str(day),
            "revoked_on": revoked,
            "agreement_version": f"{year}.1",
        }

    yield Learned(start, "certifications", row(2025, date(2024, 9, 1) + timedelta(random.randrange(50))))
    in_time = date(2025, 8, 20) + timedelta(random.randrange(40))
    late = date(2025, 11, 18) + timedelta(random.randrange(45))
    day = late if person.trait == Trait.LATE_CERTIFIED else in_time
    yield Learned(max(start, day), "certifications", row(2026, day))
    if person.trait == Trait.REVOKED:
        yield Learned(date(2026, 5, 18), "certifications", row(2026, day, "2026-05-18"))
        return
    for year in (2027, 2028):
        # The cliff: whoever has not renewed when open enrollment begins is no longer certified.
        luck = random.random()
        first = date(year - 1, 8, 15) + timedelta(random.randrange(70))
        if luck > 0.85:
            first = date(year - 1, 11, 3) + timedelta(random.randrange(35))
        if luck < 0.96:
            yield Learned(first, "certifications", row(year, first))


def _licensed(person: Broker, random: Random, start: date) -> Iterator[Learned]:
    def row(effective: date, expiration: date, status: str = "active") -> dict[str, str]:
        return {
            "npn": person.npn,
            "state": "MN",
            "license_number": f"MN{person.npn}",
            "license_class": "Producer",
            "residency": "resident",
            "line_of_authority": LINE,
            "status": status,
            "effective_date": str(effective),
            "expiration_date": str(expiration),
        }

    if person.trait == Trait.NEVER_LICENSED or person.navigator:
        return
    effective = date(2012 + random.randrange(12), 1 + random.randrange(12), 1 + random.randrange(28))
    if person.trait in (Trait.LAPSED, Trait.REINSTATED):
        # Two-year cycles end with the month of birth; this one was let go by.
        expired = date(2026, 3, 31) if person.trait == Trait.LAPSED else date(2026, 1, 31)
        yield Learned(start, "licenses", row(effective, expired))
        yield Learned(expired + timedelta(days=5), "licenses", row(effective, expired, "lapsed"))
        if person.trait == Trait.REINSTATED:
            again = date(2026, 2, 17) + timedelta(random.randrange(60))
            yield Learned(again + timedelta(days=1), "licenses", row(again, date(2028, 1, 31)))
        return
    yield Learned(start, "licenses", row(effective, date(2027 + random.randrange(3), 12, 31)))


def _appointed(person: Broker, random: Random, start: date, until: date) -> Iterator[Learned]:
    companies = [carrier for carrier in plans.CARRIERS if carrier.appoints]
    groups = {carrier.holding_group for carrier in companies if carrier.hios == "99101"} - {""}
    for carrier in companies:
        if carrier.holding_group in groups and carrier.hios != "99101":
            continue  # one appointment covers the insurers of a holding group (Minn. Stat. 60K.49, subd. 4)
        row = {
            "npn": person.npn,
            "company_name": carrier.name,
            "naic_company_code": carrier.naic,
            "state": "MN",
            "line_of_authority": LINE,
            "status": "active",
            "effective_date": str(date(2016 + random.randrange(9), 1 + random.randrange(12), 1)),
            "termination_date": "",
            "termination_reason": "",
        }
        luck = random.random()
        if luck < 0.03:
            continue
        if luck < 0.14:
            # Applied first, appointed after: within fifteen days for some households, later for others.
            day = date(2025, 11, 20) + timedelta(random.randrange(150))
            yield Learned(day + timedelta(days=3), "appointments", {**row, "effective_date": str(day)})
            continue
        yield Learned(start, "appointments", row)
        if luck > 0.975 and (ended := date(2026, 6, 1) + timedelta(random.randrange(90))) < until:
            words = {"status": "terminated", "termination_date": str(ended), "termination_reason": "by the carrier"}
            yield Learned(ended + timedelta(days=10), "appointments", {**row, **words})


def _agency_row(agency: Agency) -> dict[str, str]:
    city, zip_code, _ = agency.city
    return {
        "npn": agency.npn,
        "name": agency.name,
        "fein": agency.fein,
        "email": agency.email,
        "administrator_name": agency.administrator,
        "phone": "612-555-0199",
        "city": city,
        "state": "MN",
        "zip": zip_code,
    }


def _broker_row(person: Broker) -> dict[str, str]:
    city, zip_code, _ = person.agency.city
    return {
        "npn": person.npn,
        "first_name": person.first,
        "last_name": person.last,
        "email": person.email,
        "phone": person.phone,
        "agency_name": person.agency.name,
        "agency_npn": person.agency.npn,
        "city": city,
        "state": "MN",
        "zip": zip_code,
        "languages": person.languages,
        "list_in_directory": "Y",
        "kind": "navigator" if person.navigator else "broker",
    }
