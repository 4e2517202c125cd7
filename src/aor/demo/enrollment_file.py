"""The 834s by which the marketplace tells carriers of enrollments, written apart from what the product writes.

005010X220A1 as in CMS's X12 834 companion guide 7.2: additions and changes with loop 2300; cancels and terminations
of the subscriber alone, without it, the policy id in loop 2000.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from zoneinfo import ZoneInfo

from aor.demo import plans
from aor.demo.brokers import Broker
from aor.demo.households import Household, Person
from aor.terms.period import ZONE
from aor.x12.charset import x12_text
from aor.x12.separators import Delimiters

EASTERN = ZoneInfo("America/New_York")
ONLINE, THROUGH_BROKER, RENEWAL = "1", "3", "11"

_DELIMITERS = Delimiters("*", "^", ":", "~")


class Kind(Enum):
    """What a transaction set tells of an enrollment."""

    ADD = "add"
    CHANGE = "change"
    TERMINATE = "terminate"
    CANCEL = "cancel"
    REINSTATE = "reinstate"
    MEMBER_LEAVES = "member leaves"


@dataclass(frozen=True, slots=True)
class Policy:
    """One enrollment: who, with which plan, from when. `members` has the subscriber first."""

    policy_id: str
    household: Household
    members: tuple[Person, ...]
    plan_id: str
    coverage: str
    start: date
    requested_at: datetime
    origin: str

    @property
    def carrier(self) -> plans.Carrier:
        return plans.BY_HIOS[self.plan_id[:5]]


@dataclass(frozen=True, slots=True)
class Told:
    """One transaction set. `day` is the last day of a coverage that ends, else the day of the change."""

    kind: Kind
    policy: Policy
    at: datetime
    day: date
    reason: str = ""
    broker: Broker | None = None


# INS03, INS04 and INS08 of the subscriber.
_MAINTENANCE = {
    Kind.ADD: ("021", "EC", "AC"),
    Kind.CHANGE: ("001", "25", "AC"),
    Kind.TERMINATE: ("024", "14", "TE"),
    Kind.CANCEL: ("024", "14", "TE"),
    Kind.REINSTATE: ("025", "", "AC"),
    Kind.MEMBER_LEAVES: ("001", "", "AC"),
}


def write(carrier: plans.Carrier, sets: Sequence[Told], *, isa13: int) -> bytes:
    """One interchange to one carrier, no newline after segments; all sets were sent at the first one's instant."""
    local = sets[0].at.astimezone(EASTERN)
    lines = [
        f"ISA*00*          *00*          *ZZ*MN0            *ZZ*{carrier.tax_id:15}*{local:%y%m%d*%H%M}"
        f"*^*00501*{isa13:09d}*1*T*:",
        f"GS*BE*MN0*{carrier.tax_id}*{local:%Y%m%d*%H%M}*{isa13}*X*005010X220A1",
    ]
    for number, told in enumerate(sets, 1):
        # ST02 rises with the interchanges, five digits of its own in each.
        st02 = f"{isa13 % 10_000:04d}{number:05d}"
        body = list(_transaction_set(told, st02))
        lines += [*body, f"SE*{len(body) + 1}*{st02}"]
    lines += [f"GE*{len(sets)}*{isa13}", f"IEA*1*{isa13:09d}"]
    return ("~".join(lines) + "~").encode("ascii")


def _text(words: str, limit: int = 60) -> str:
    return x12_text(words, limit=limit, delimiters=_DELIMITERS, upper=True)


def _transaction_set(told: Told, st02: str) -> Iterator[str]:
    policy, carrier = told.policy, told.policy.carrier
    subscriber, *others = policy.members
    local = told.at.astimezone(EASTERN)
    everyone = told.kind in (Kind.ADD, Kind.REINSTATE)
    yield f"ST*834*{st02}*005010X220A1"
    yield f"BGN*00*{st02}*{local:%Y%m%d*%H%M%S}*ET***2"
    members = [subscriber, *(others if everyone else others[-1:] if told.kind == Kind.MEMBER_LEAVES else [])]
    yield f"QTY*TO*{len(members)}"
    yield f"N1*P5*{_text(f'{subscriber.first} {subscriber.last}')}*94*{subscriber.id}"
    yield f"N1*IN*{carrier.name}*FI*{carrier.tax_id}"
    if told.broker is not None:
        yield f"N1*BO*{_text(told.broker.name)}*94*{told.broker.npn}"
    for position, person in enumerate(members):
        yield from _member(told, person, is_subscriber=position == 0)


def _member(told: Told, person: Person, *, is_subscriber: bool) -> Iterator[str]:
    policy = told.policy
    maintenance, reason, status = _MAINTENANCE[told.kind]
    if not is_subscriber and told.kind == Kind.MEMBER_LEAVES:
        maintenance, reason = "024", "14"
    ends = maintenance == "024"
    relationship = "18" if is_subscriber else "01" if person.id.endswith("1") else "19"
    yield f"INS*{'Y' if is_subscriber else 'N'}*{relationship}*{maintenance}*{reason}*A" + (
        f"***{status}" if is_subscriber else ""
    )
    yield f"REF*0F*{policy.members[0].id}"
    if ends:
        yield f"REF*1L*{policy.policy_id}"
    yield f"REF*17*{person.id}"
    if ends:
        yield f"DTP*357*D8*{told.day:%Y%m%d}"
    elif told.kind in (Kind.CHANGE, Kind.MEMBER_LEAVES):
        yield f"DTP*303*D8*{told.day:%Y%m%d}"
    else:
        yield f"DTP*356*D8*{policy.start:%Y%m%d}"
    yield f"NM1*IL*1*{_text(person.last)}*{_text(person.first, 35)}*{_text(person.middle, 25)}".rstrip("*")
    if is_subscriber and not ends:
        yield from _address(policy.household)
    yield f"DMG*D8*{person.birth_date:%Y%m%d}*{person.sex}"
    if not ends:
        yield f"HD*{maintenance}**{policy.coverage}"
        if told.kind in (Kind.CHANGE, Kind.MEMBER_LEAVES):
            yield f"DTP*303*D8*{told.day:%Y%m%d}"
        yield f"DTP*348*D8*{policy.start:%Y%m%d}"
        yield f"REF*CE*{policy.plan_id}"
        yield f"REF*1L*{policy.policy_id}"
    if is_subscriber:
        yield from _categories(told)


def _address(household: Household) -> Iterator[str]:
    yield f"PER*IP**TE*{household.phone}*EM*{household.email}"
    yield f"N3*{_text(household.line, 55)}"
    yield f"N4*{_text(household.city, 30)}*MN*{household.zip}**CY*{household.county}"


def _categories(told: Told) -> Iterator[str]:
    """Loop 2750, the reporting categories of the subscriber."""
    policy = told.policy
    asked = policy.requested_at if told.kind == Kind.ADD else told.at
    found = [("REQUEST SUBMIT TIMESTAMP", "17", f"{asked.astimezone(ZONE):%Y%m%d%H%M%S}00", False)]
    if told.kind == Kind.ADD:
        value = f"{policy.household.application_id}-{policy.origin}"
        found.append(("APPLICATION ID AND ORIGIN", "6M", value, True))
    if told.reason:
        found.append(("ADDL MAINT REASON", "17", told.reason, True))
    found.append(("SOURCE EXCHANGE ID", "17", "MN0", True))
    yield "LS*2700"
    for number, (category, qualifier, value, dated) in enumerate(found, 1):
        yield f"LX*{number}"
        yield f"N1*75*{category}"
        yield f"REF*{qualifier}*{value}"
        if dated:
            yield f"DTP*007*D8*{told.day:%Y%m%d}"
    yield "LE*2700"
