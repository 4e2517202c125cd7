"""What the machine told the product, kept apart from it, and what the readings say follows (R1 to R3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from aor.policy.association import Association, End, EndKind
from aor.policy.attribution import Correction, EnrollmentFacts, HouseholdFacts
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts, Certification
from aor.terms.period import Period, day_of
from tests.properties.model import Model, in_order

ONE = timedelta(days=1)
NORTH, SOUTH = "31616", "40002"
ANA, BEN, CRUZ, NAVIGATOR = "7000001", "7000002", "7000003", "7000009"
BROKERS = (ANA, BEN, CRUZ)
EVERYBODY = (*BROKERS, NAVIGATOR)
SUBSCRIBERS = ("S1", "S2", "S3")
WAITS = {NORTH: timedelta(0), SOUTH: timedelta(hours=30)}  # after an enrollment went, before its agent of record
APPLICATIONS = {"S1": "5500001", "S2": "5500001", "S3": ""}

Row = tuple[str, date, date, bool]  # NPN, first day, until, in standing


@dataclass
class Book:
    """One broker's papers: certifications (year, from) until, licences and appointments from, through."""

    certified: dict[tuple[int, date], date | None] = field(default_factory=dict)
    licensed: dict[date, tuple[date | None, bool]] = field(default_factory=dict)  # last day, revoked
    appointed: dict[tuple[str, date], date | None] = field(default_factory=dict)  # last day
    died: date | None = None

    def certifications(self) -> list[Certification]:
        return [Certification(year, since, until) for (year, since), until in self.certified.items()]

    def licenses(self) -> list[Period]:
        return [_through(since, last) for since, (last, _) in self.licensed.items()]

    def appointments(self, hios: str) -> list[Period]:
        return [_through(since, last) for (carrier, since), last in self.appointed.items() if carrier == hios]

    def ends(self, parameters: Parameters) -> list[tuple[date, str]]:
        """Days on which every association of the broker ends: decertified, licence revoked, died (R3)."""
        found = []
        for (_, _), gone in self.certified.items():
            others = self.certifications()
            if gone and not any(_in_force(c, gone, parameters) for c in others):
                found.append((gone, "decertified"))
        for last, revoked in self.licensed.values():
            if revoked and last and not any(last + ONE in p for p in self.licenses()):
                found.append((last + ONE, "license revoked"))
        if self.died:
            found.append((self.died, "died"))
        return sorted(set(found))


def _through(since: date, last: date | None) -> Period:
    return Period(since, None if last is None else last + ONE)


def _in_force(one: Certification, day: date, parameters: Parameters) -> bool:
    over = parameters.open_enrollment_start(one.plan_year + 1)
    return one.certified_on <= day < over and (one.revoked_on is None or day < one.revoked_on)


@dataclass(frozen=True)
class Event:
    """One set of an enrollment file of the marketplace; `until` is the first day that no longer counts."""

    kind: str  # 021, 024, 025, cancel
    sent_at: datetime
    number: int
    policy: str
    subscriber: str
    carrier: str
    coverage: str
    start: date
    until: date | None
    requested_on: date
    mentions: str = ""


@dataclass(frozen=True)
class Life:
    """An enrollment as its events left it."""

    start: date
    until: date
    told_until: date
    cancelled: bool
    enrolled_on: date
    sent_at: datetime


def life(events: Iterable[Event]) -> Life | None:
    """What became of one enrollment, in the order in which the marketplace sent its sets."""
    now: Life | None = None
    for event in sorted(events, key=lambda e: (e.sent_at, e.number)):
        if event.kind == "021":
            until = event.until or date(event.start.year + 1, 1, 1)
            kept = now if now is not None and not now.cancelled else None
            enrolled_on = kept.enrolled_on if kept else event.requested_on
            now = Life(event.start, until, until, False, enrolled_on, now.sent_at if now else event.sent_at)
        elif now is None:
            continue
        elif event.kind == "025":
            now = replace(now, cancelled=False, until=now.told_until)
        elif event.kind == "cancel" or event.until is None or event.until <= now.start + ONE:
            now = replace(now, cancelled=True)
        else:
            now = replace(now, until=min(event.until, now.told_until))
    return now


@dataclass
class Facts:
    """Everything told so far. `told` are the entries (policy, NPN, first day) that a carrier holds unrejected."""

    parameters: Parameters
    books: dict[str, Book] = field(default_factory=lambda: {npn: Book() for npn in EVERYBODY})
    associations: dict[int, tuple[str, Association]] = field(default_factory=dict)  # by row, with the subscriber
    events: dict[str, list[Event]] = field(default_factory=dict)  # by policy
    balances: dict[str, list[Correction]] = field(default_factory=dict)
    balances_sent: dict[int, date] = field(default_factory=dict)
    locks: list[tuple[str, bool]] = field(default_factory=list)
    unknown_appointment: str = "hold"
    told: set[tuple[str, str, date]] = field(default_factory=set)
    _answered: dict[str, tuple[str, dict[str, list[Row]]]] = field(default_factory=dict)  # asked again, the same

    # households

    def key(self, subscriber: str) -> str:
        """The household: subscribers of one application, once an enrollment has named it."""
        named = APPLICATIONS[subscriber]
        known = any(event.subscriber == subscriber for own in self.events.values() for event in own)
        return f"A:{named}" if named and known else f"S:{subscriber}"

    def of_household(self, key: str) -> list[Association]:
        return [one for subscriber, one in self.associations.values() if self.key(subscriber) == key]

    def locked(self, subscriber: str) -> bool:
        """The last word of anybody of the household."""
        key = self.key(subscriber)
        said = [locked for other, locked in self.locks if self.key(other) == key]
        return bool(said) and said[-1]

    def end(self, row: int, kind: EndKind, at: datetime, plan_year: int | None = None) -> None:
        subscriber, one = self.associations[row]
        self.associations[row] = subscriber, replace(one, ends=(*one.ends, End(at, kind, plan_year)))

    def open(self, subscriber: str) -> Association | None:
        """Whose association gives access: the last confirmed, unless it has ended in whatever way."""
        history = in_order(self.of_household(self.key(subscriber)))
        if not history or history[-1].ends:
            return None
        last = history[-1]
        gone = [day for day, _ in self.standing(last.npn).ends]
        return None if any(day_of(last.confirmed_at) <= day for day in gone) else last

    def declined(self, row: int) -> bool:
        ends = self.associations[row][1].ends
        return bool(ends) and min(ends, key=lambda end: end.at).kind is EndKind.DECLINED

    # standing

    def standing(self, npn: str) -> BrokerStanding:
        book = self.books[npn]
        return BrokerStanding(
            npn,
            True,
            tuple(book.certifications()),
            tuple(book.licenses()),
            {hios: tuple(book.appointments(hios)) for hios in (NORTH, SOUTH)},
            tuple(book.ends(self.parameters)),
        )

    def carrier(self, hios: str) -> CarrierFacts:
        heard = any(carrier == hios for book in self.books.values() for carrier, _ in book.appointed)
        return CarrierFacts(
            hios, hios, appointments_known=heard, unknown_appointment=self.unknown_appointment, known=True
        )

    def may_open(self, npn: str, day: date) -> bool:
        """Whether a broker may begin an association of their own (R1)."""
        book = self.books[npn]
        certified = any(_in_force(c, day, self.parameters) for c in book.certifications() if c.plan_year >= day.year)
        return certified and any(day in period for period in book.licenses())

    def granted(self, npn: str, policy: str, day: date) -> bool:
        """Whether all three are in force on a day of sending (R3)."""
        book, event = self.books[npn], self.events[policy][0]
        year, carrier = self.lives()[policy].start.year, self.carrier(event.carrier)
        certified = any(_in_force(c, day, self.parameters) for c in book.certifications() if c.plan_year >= year)
        licensed = any(day in period for period in book.licenses())
        if not carrier.appointments_known:
            return certified and licensed and carrier.unknown_appointment == "send"
        return certified and licensed and any(day in period for period in book.appointments(event.carrier))

    # the answer

    def lives(self) -> dict[str, Life]:
        found = {policy: life(own) for policy, own in self.events.items()}
        return {policy: one for policy, one in found.items() if one is not None}

    def record(self) -> dict[str, list[Row]]:
        """Who is agent of record of every enrollment, worked out anew, day by day."""
        enrollments = []
        for place, (policy, one) in enumerate(self.lives().items()):
            event = self.events[policy][0]
            enrollments.append(
                EnrollmentFacts(
                    id=place,
                    policy_id=policy,
                    subscriber_id=event.subscriber,
                    carrier=self.carrier(event.carrier),
                    coverage_kind=event.coverage,
                    coverage=None if one.cancelled else Period(one.start, one.until),
                    told_coverage=Period(one.start, one.told_until),
                    enrolled_on=one.enrolled_on,
                    memberships=((Period(date.min), self.key(event.subscriber)),),
                    corrections=tuple(self.balances.get(policy, ())),
                    told=tuple(sorted((npn, day) for of, npn, day in self.told if of == policy)),
                )
            )
        standings = {npn: self.standing(npn) for npn in EVERYBODY}
        result: dict[str, list[Row]] = {}
        for key in sorted({self.key(subscriber) for subscriber in SUBSCRIBERS}):
            own = tuple(e for e in enrollments if e.memberships[0][1] == key)
            facts = HouseholdFacts(own, {key: tuple(self.of_household(key))}, standings)
            asked = repr(facts)
            if self._answered.get(key, ("",))[0] != asked:
                model = Model(facts, self.parameters)
                self._answered[key] = asked, {e.policy_id: model.agents(e) for e in own}
            result |= self._answered[key][1]
        return result
