"""A marketplace in memory: what the lines of a scenario told so far, as the facts that the rules ask for."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from aor.calendar import queries as calendar
from aor.enrollments.lifecycle import EnrollmentState, EventFacts, states
from aor.policy import attribution, standing, timeline
from aor.policy.access import Cover
from aor.policy.association import EVERYTHING, Association, End, EndKind, openings
from aor.policy.attribution import Attributed, Correction, EnrollmentFacts, HouseholdFacts
from aor.policy.decision import Decision
from aor.policy.parameters import Dated, Parameters, Value
from aor.policy.report import Order
from aor.policy.retention import Hold
from aor.policy.standing import BrokerStanding, CarrierFacts, Certification
from aor.terms.month import Month
from aor.terms.period import ZONE, Period, day_of
from aor.transmissions import lifecycle
from aor.transmissions.lifecycle import Account, Entry, Mention, Opening, Told
from aor.transmissions.sending_day import SendingDay

ALWAYS = Period(date.min)
NOT_YET = datetime(2000, 1, 1, tzinfo=ZONE)
NUMBERS = {
    name: tuple(Dated(one["since"], one["value"]) for one in table["values"])
    for name, table in tomllib.loads(Path(calendar.OURS).read_text(encoding="utf-8")).items()
}


@dataclass
class Broker:
    """What was told of a broker; `ends` take associations with them."""

    certifications: list[Certification] = field(default_factory=list)
    licenses: list[Period] = field(default_factory=list)
    appointments: dict[str, list[Period]] = field(default_factory=dict)
    ends: list[tuple[date, str]] = field(default_factory=list)
    suspensions: list[Period] = field(default_factory=list)


@dataclass
class Invitation:
    state: str
    expires_at: datetime


@dataclass
class World:
    """Facts by name, in the order told. Days are of the line; the instant is noon and the line's place."""

    now: datetime = NOT_YET
    values: dict[str, tuple[Dated, ...]] = field(default_factory=lambda: dict(NUMBERS))
    open_enrollment: dict[int, Period] = field(default_factory=dict)
    carriers: dict[str, CarrierFacts] = field(default_factory=dict)
    brokers: dict[str, Broker] = field(default_factory=dict)
    navigators: set[str] = field(default_factory=set)
    without_address: set[str] = field(default_factory=set)
    associations: dict[str, list[Association]] = field(default_factory=dict)
    invitations: dict[tuple[str, str], Invitation] = field(default_factory=dict)
    asked: list[tuple[str, str, datetime]] = field(default_factory=list)
    reached: dict[tuple[str, str], Decision] = field(default_factory=dict)
    wrong_codes: list[datetime] = field(default_factory=list)
    locked: set[str] = field(default_factory=set)
    access: dict[int, str] = field(default_factory=dict)
    agencies: dict[str, str] = field(default_factory=dict)
    agency_invitations: dict[tuple[str, str], Invitation] = field(default_factory=dict)
    signed: dict[tuple[str, int], str] = field(default_factory=dict)
    covers: list[Cover] = field(default_factory=list)
    events: dict[str, list[EventFacts]] = field(default_factory=dict)
    memberships: dict[str, list[tuple[Period, str]]] = field(default_factory=dict)
    corrections: dict[str, list[Correction]] = field(default_factory=dict)
    openings: dict[str, list[Opening]] = field(default_factory=dict)
    mentions: dict[str, list[Mention]] = field(default_factory=dict)
    told: dict[str, list[Told]] = field(default_factory=dict)
    mended: dict[str, int] = field(default_factory=dict)
    order: Order = field(default_factory=Order)
    published: dict[tuple[str, str, date], Month] = field(default_factory=dict)
    lost: int = 0
    holds: dict[int, Hold] = field(default_factory=dict)
    _count: int = 0

    def at(self, day: date, place: int) -> None:
        """The instant of a line: two lines of a day follow each other."""
        self.now = datetime.combine(day, time(12), ZONE) + timedelta(seconds=place)

    @property
    def day(self) -> date:
        return day_of(self.now)

    def number(self) -> int:
        self._count += 1
        return self._count

    @property
    def parameters(self) -> Parameters:
        return Parameters(self.values, self.open_enrollment, "book")

    def set(self, name: str, value: Value) -> None:
        if type(self.values[name][0].value) is not type(value):
            raise ValueError(f"the parameter {name} is of another kind")
        self.values[name] = (Dated(date(2000, 1, 1), value),)

    def carrier(self, name: str) -> CarrierFacts:
        new = CarrierFacts(f"{10001 + len(self.carriers)}", name)
        return self.carriers.setdefault(name, new)

    def broker(self, npn: str) -> Broker:
        return self.brokers.setdefault(npn, Broker())

    def standing(self, npn: str) -> BrokerStanding:
        told = self.brokers.get(npn)
        if told is None:
            return BrokerStanding(npn, on_roster=npn in self.navigators)
        appointments = {hios: tuple(periods) for hios, periods in told.appointments.items()}
        certifications = tuple(standing.but_suspended(told.certifications, told.suspensions))
        return BrokerStanding(npn, True, certifications, tuple(told.licenses), appointments, tuple(told.ends))

    @property
    def standings(self) -> dict[str, BrokerStanding]:
        named = {one.npn for held in self.associations.values() for one in held} | set(self.brokers)
        named |= {one.npn for held in self.corrections.values() for one in held}
        return {npn: self.standing(npn) for npn in named}

    # households and associations

    def household(self, whom: str) -> str:
        """A household's name, or that of a policy on the line's day."""
        if whom.startswith("H"):
            return whom
        return next(key for period, key in self._memberships(whom) if self.day in period)

    def _memberships(self, policy: str) -> list[tuple[Period, str]]:
        if policy not in self.memberships:
            raise ValueError(f"{policy} is not enrolled; name the household instead")
        return self.memberships[policy]

    def open(self, whom: str) -> Association | None:
        """The association that gives access now."""
        held = self.associations.get(self.household(whom), [])
        spans = openings(held, [self.standing(one.npn) for one in held], EVERYTHING)
        return spans[-1].association if spans and spans[-1].until is None else None

    def begin(self, npn: str, whom: str, path: str, at: datetime, plan_year: int | None) -> Association:
        new = Association(self.number(), npn, path, at, plan_year, npn in self.navigators)
        self.associations.setdefault(self.household(whom), []).append(new)
        return new

    def end(self, one: Association, kind: EndKind, at: datetime, plan_year: int | None = None) -> None:
        for held in self.associations.values():
            if one in held:
                held[held.index(one)] = replace(one, ends=(*one.ends, End(at, kind, plan_year)))

    # enrollments

    def state(self, policy: str) -> EnrollmentState:
        self._memberships(policy)
        return states(self.events[policy])[0]

    def enrollment(self, policy: str) -> EnrollmentFacts:
        state = self.state(policy)
        carrier = next(one for one in self.carriers.values() if one.hios_issuer_id == state.hios_issuer_id)
        agents = (one for one in self.told.get(policy, ()) if one.kind == lifecycle.AGENT)
        told = tuple((one.npn, one.day) for one in agents if one.verdict != "rejected")
        return EnrollmentFacts(
            id=sorted(self.events).index(policy),
            policy_id=policy,
            subscriber_id=policy,
            carrier=carrier,
            coverage_kind=state.coverage_kind,
            coverage=None if state.cancelled else Period(state.start, state.until),
            told_coverage=Period(state.start, state.told_until),
            enrolled_on=state.enrolled_on,
            memberships=tuple(self._memberships(policy)),
            corrections=tuple(self.corrections.get(policy, ())),
            told=told,
        )

    def facts(self) -> HouseholdFacts:
        """Everybody as one household row: their household keys keep them apart."""
        held = {key: tuple(own) for key, own in self.associations.items()}
        return HouseholdFacts(tuple(self.enrollment(policy) for policy in self.events), held, self.standings)

    def record(self, policy: str) -> list[Attributed]:
        return attribution.attribute(self.facts(), self.parameters)[self.enrollment(policy).id]

    # what carriers are told

    def account(self, policy: str) -> Account:
        enrollment = self.enrollment(policy)
        entries = [
            Entry(
                place, enrollment.id, one.npn, one.period.start, one.period.until or date.max, one.in_standing,
                self.now, None, place,
            )
            for place, one in enumerate(self.record(policy))
        ]  # fmt: skip
        account = Account(enrollment.id, enrollment.coverage, entries, entries, list(self.told.get(policy, ())))
        lifecycle.tell(
            account,
            enrollment.told_coverage.start,
            self.mentions.get(policy, ()),
            self.openings.get(policy, ()),
            (),
        )
        return account

    def granted(self, policy: str) -> lifecycle.Granted:
        carriers = {one.hios_issuer_id: one for one in self.carriers.values()}
        today = SendingDay(self.now, self.parameters, carriers, self.standings)
        state = self.state(policy)
        return lambda e: today.decision(e, state.hios_issuer_id, state.start, state.sent_at).granted

    def fingerprint(self, policy: str) -> str:
        return f"as mended {self.mended.get(policy, 0)} times"

    def to_send(self, policy: str) -> list[timeline.Point]:
        return lifecycle.to_send(self.account(policy), self.granted(policy), lambda _: self.fingerprint(policy))

    def send(self, policy: str) -> None:
        for point in self.to_send(policy):
            self.told.setdefault(policy, []).append(
                Told(
                    self.now, self.number(), point.npn, point.day, self.day, self.now, "", lifecycle.BY_SET,
                    lifecycle.kind_of(self.account(policy), point), self.fingerprint(policy),
                )
            )  # fmt: skip

    def answer(self, policy: str, verdict: str) -> None:
        """The carrier's answer to what it was handed and did not answer yet. Raises ValueError for nothing."""
        told = self.told.get(policy, [])
        waiting = [place for place, one in enumerate(told) if not one.verdict]
        if not waiting:
            raise ValueError(f"nothing of {policy} awaits an answer")
        for place in waiting:
            told[place] = told[place]._replace(verdict=verdict)
