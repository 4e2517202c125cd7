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
HOMES = ("H1", "H2")  # households of the marketplace's, as imports name them

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
    associations: dict[int, tuple[str, Association]] = field(default_factory=dict)  # by row, with who holds it
    recorded: dict[int, datetime] = field(default_factory=dict)  # by row, when its last news was
    stays: dict[str, dict[tuple[str, date], date | None]] = field(default_factory=dict)  # household, from: until
    events: dict[str, list[Event]] = field(default_factory=dict)  # by policy
    balances: dict[str, list[Correction]] = field(default_factory=dict)
    balances_sent: dict[int, date] = field(default_factory=dict)
    locks: list[tuple[str, str, bool]] = field(default_factory=list)  # household, who said it, locked
    unknown_appointment: str = "hold"
    told: set[tuple[str, str, date]] = field(default_factory=set)
    _answered: dict[str, tuple[str, dict[str, list[Row]]]] = field(default_factory=dict)  # asked again, the same

    # households

    def key(self, subscriber: str, day: date) -> str:
        """The household of a day: as imported; else subscribers of one application, once an enrollment named it.

        Who was ever imported is of the first household before it begins, and alone after leaving.
        """
        own = self.stays.get(subscriber, {})
        within = [
            (start, home) for (home, start), until in own.items() if start <= day and (not until or day < until)
        ]
        if within:
            return f"H:{max(within)[1]}"
        if own:
            start, home = min((start, home) for home, start in own)
            return f"H:{home}" if day < start else f"S:{subscriber}"
        named = APPLICATIONS[subscriber]
        known = any(event.subscriber == subscriber for own in self.events.values() for event in own)
        return f"A:{named}" if named and known else f"S:{subscriber}"

    def memberships(self, subscriber: str) -> tuple[tuple[Period, str], ...]:
        """The households of all days."""
        own = self.stays.get(subscriber, {})
        edges = sorted({date.min, *(start for _, start in own), *(until for until in own.values() if until)})
        edges = [
            day for day in edges if day == date.min or self.key(subscriber, day) != self.key(subscriber, day - ONE)
        ]
        return tuple(
            (Period(day, until), self.key(subscriber, day))
            for day, until in zip(edges, [*edges[1:], None], strict=True)
        )

    def keys(self) -> dict[str, set[str]]:
        """Every household that each subscriber is of on any day."""
        return {subscriber: {key for _, key in self.memberships(subscriber)} for subscriber in SUBSCRIBERS}

    def together(self, key: str, day: date) -> list[str]:
        return [subscriber for subscriber in SUBSCRIBERS if self.key(subscriber, day) == key]

    def of_household(self, key: str) -> list[Association]:
        """What its people confirmed while they were of it, and what was imported for it by its own name."""
        return [
            one
            for holder, one in self.associations.values()
            if key == (f"H:{holder}" if holder in HOMES else self.key(holder, day_of(one.confirmed_at)))
        ]

    def locked(self, subscriber: str, day: date) -> bool:
        """The last word of anybody of the household, or for it."""
        key = self.key(subscriber, day)
        people = self.together(key, day)
        said = [locked for of, other, locked in self.locks if of == key or other in people]
        return bool(said) and said[-1]

    def after(self, subscriber: str, now: datetime) -> datetime:
        """When what the household does now is held to be: after all it went through, whatever the clock did."""
        day = day_of(now)
        key, last = self.key(subscriber, day), self.open(subscriber, day)
        people = {*self.together(key, day), key.removeprefix("H:")}
        told = [at for row, at in self.recorded.items() if self.associations[row][0] in people]
        told += [last.confirmed_at] if last else []
        return max([now, *(at + timedelta(microseconds=1) for at in told if at > now)])

    def began(self, holder: str, one: Association, at: datetime) -> None:
        self.associations[one.id] = holder, one
        self.recorded[one.id] = at

    def end(self, row: int, kind: EndKind, at: datetime, plan_year: int | None = None) -> None:
        holder, one = self.associations[row]
        self.associations[row] = holder, replace(one, ends=(*one.ends, End(at, kind, plan_year)))
        self.recorded[row] = max(at, self.recorded[row])

    def open(self, subscriber: str, day: date) -> Association | None:
        """Whose association gives access to the household of a day."""
        return self.open_of(self.key(subscriber, day))

    def open_of(self, key: str) -> Association | None:
        """The last confirmed of a household, unless it has ended in whatever way."""
        history = in_order(self.of_household(key))
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
        memberships = {subscriber: self.memberships(subscriber) for subscriber in SUBSCRIBERS}
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
                    memberships=memberships[event.subscriber],
                    corrections=tuple(self.balances.get(policy, ())),
                    told=tuple(sorted((npn, day) for of, npn, day in self.told if of == policy)),
                )
            )
        standings = {npn: self.standing(npn) for npn in EVERYBODY}
        result: dict[str, list[Row]] = {}
        for keys in _components(self.keys().values()):
            own = tuple(e for e in enrollments if e.memberships[0][1] in keys)
            facts = HouseholdFacts(own, {key: tuple(self.of_household(key)) for key in keys}, standings)
            asked = repr(facts)
            if self._answered.get(keys[0], ("",))[0] != asked:
                model = Model(facts, self.parameters)
                self._answered[keys[0]] = asked, {e.policy_id: model.agents(e) for e in own}
            result |= self._answered[keys[0]][1]
        return result


def _components(of_each: Iterable[set[str]]) -> list[list[str]]:
    """Households that anybody links, together: nothing that happens in one of them bears on another."""
    found: list[set[str]] = []
    for keys in of_each:
        apart = [one for one in found if not one & keys]
        found = [*apart, keys.union(*(one for one in found if one & keys))]
    return [sorted(keys) for keys in found]
