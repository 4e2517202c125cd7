"""The record read: everything that decides it, gathered as facts; and its entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from aor.associations import queries as association_facts
from aor.brokers import queries as broker_facts
from aor.brokers.registers import Registers
from aor.carriers import queries as carrier_facts
from aor.consumers import queries as consumer_facts
from aor.consumers.models import Subscriber
from aor.engine import bulk
from aor.engine.among import among
from aor.enrollments.models import Enrollment
from aor.policy.attribution import Correction, EnrollmentFacts, HouseholdFacts
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.record import models
from aor.terms.period import Period


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the record; days half-open, instants as known."""

    id: int
    enrollment: int
    npn: str
    period: Period
    in_standing: bool
    association: int | None
    correction: int | None
    anchor: date | None
    known_from: datetime
    known_until: datetime | None
    findings: str


@dataclass
class Surroundings:
    """What many households share: parameters, carriers, navigators, and the standing of brokers once asked."""

    registers: Registers
    carriers: Mapping[str, CarrierFacts]
    navigators: frozenset[str]
    known_at: datetime | None = None
    _standings: dict[str, BrokerStanding] = field(default_factory=dict)

    @classmethod
    def known(cls, known_at: datetime | None = None) -> Surroundings:
        registers = Registers.known(known_at)
        return cls(
            registers,
            broker_facts.carriers_of(registers, known_at),
            broker_facts.navigators(known_at=known_at),
            known_at,
        )

    @property
    def parameters(self) -> Parameters:
        return self.registers.parameters

    def standings(self, npns: Iterable[str]) -> Mapping[str, BrokerStanding]:
        missing = {npn for npn in npns if npn not in self._standings}
        if missing:
            self._standings.update(broker_facts.standings(missing, self.known_at, self.registers))
        return self._standings

    def carrier(self, hios: str) -> CarrierFacts:
        return self.carriers.get(hios) or carrier_facts.unknown(hios)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts of some households, by household row, and the associations by household key.

    `memberships` are the household keys by period of each subscriber, by exchange id; `subscribers` their rows.
    """

    households: dict[int, HouseholdFacts]
    associations: dict[str, tuple[Any, ...]]
    keys: frozenset[str]
    memberships: Mapping[str, consumer_facts.Memberships]
    subscribers: Mapping[str, int]


_ENROLLMENT = (
    "id", "policy_id", "hios_issuer_id", "coverage_kind", "start", "until", "told_until", "cancelled", "enrolled_on",
    "subscriber_id",
)  # fmt: skip


def gather(households: Sequence[int], around: Surroundings) -> Gathered:
    """Everything that decides the record of some households: a few queries, whatever their number."""
    known_at = around.known_at
    within = Subscriber.objects.filter(among("household", households))
    rows = bulk.read(within, "exchange_subscriber_id", "id", "application_id", "household_id")
    people = {name: id for name, id, _, _ in rows}
    whose = {id: (name, household) for name, id, _, household in rows}
    applications = {name: application for name, _, application, _ in rows}
    memberships = consumer_facts.memberships_of(people, known_at=known_at, applications=applications)
    keys = {key for stays in memberships.values() for _, key in stays}
    household_ids = [key[2:] for key in keys if key.startswith("H:")]
    associations = association_facts.of_holders(
        household_ids, memberships, navigators=around.navigators, known_at=known_at
    )
    # By their keys, and joined here: a database that joins them may read the whole table for some thousands.
    rows = bulk.read(Enrollment.objects.filter(among("subscriber", whose)), *_ENROLLMENT)
    corrections = _corrections({row[1] for row in rows}, known_at)
    told = _told([row[0] for row in rows], known_at)
    enrollments: dict[int, list[EnrollmentFacts]] = {household: [] for household in households}
    for row in rows:
        name, household = whose[row[9]]
        facts = _enrollment(row, name, around, memberships[name], corrections, told)
        enrollments[household].append(facts)
    standings = around.standings(
        {a.npn for held in associations.values() for a in held}
        | {correction.npn for held in corrections.values() for correction in held}
    )
    return Gathered(
        {household: HouseholdFacts(tuple(own), associations, standings) for household, own in enrollments.items()},
        associations,
        frozenset(keys),
        memberships,
        people,
    )


def _enrollment(
    row: tuple[Any, ...],
    subscriber: str,
    around: Surroundings,
    memberships: consumer_facts.Memberships,
    corrections: Mapping[tuple[str, str], tuple[Correction, ...]],
    told: Mapping[int, tuple[tuple[str, date], ...]],
) -> EnrollmentFacts:
    id, policy_id, hios, kind, start, until, told_until, cancelled, enrolled_on, _ = row
    return EnrollmentFacts(
        id=id,
        policy_id=policy_id,
        subscriber_id=subscriber,
        carrier=around.carrier(hios),
        coverage_kind=kind,
        coverage=None if cancelled else Period(start, until),
        told_coverage=Period(start, told_until),
        enrolled_on=enrolled_on,
        memberships=memberships,
        corrections=corrections.get((policy_id, hios), ()),
        told=told.get(id, ()),
    )


def _corrections(policy_ids: set[str], known_at: datetime | None) -> dict[tuple[str, str], tuple[Correction, ...]]:
    found: dict[tuple[str, str], list[Correction]] = {}
    for row in models.Correction.objects.known_at(known_at).filter(among("policy_id", policy_ids)).order_by("id"):
        correction = Correction(
            row.id,
            row.kind,
            row.npn,
            Period(row.effective_from, row.effective_until),
            row.settles_until,
            row.source,
        )
        found.setdefault((row.policy_id, row.hios_issuer_id), []).append(correction)
    return {key: tuple(rows) for key, rows in found.items()}


def _told(enrollments: Sequence[int], known_at: datetime | None) -> dict[int, tuple[tuple[str, date], ...]]:
    found: dict[int, list[tuple[str, date]]] = {}
    rows = models.Told.objects.known_at(known_at).filter(among("enrollment", enrollments)).order_by("effective_from")
    for enrollment, npn, day in bulk.read(rows, "enrollment_id", "npn", "effective_from"):
        found.setdefault(enrollment, []).append((npn, day))
    return {enrollment: tuple(pairs) for enrollment, pairs in found.items()}


def ever_told(enrollments: Iterable[int]) -> set[tuple[int, str, date]]:
    """(enrollment, NPN, first day) that carriers were told of at any time, also where they rejected it since."""
    rows = models.Told.objects.filter(among("enrollment", enrollments))
    return set(bulk.read(rows, "enrollment_id", "npn", "effective_from"))


_ENTRY = (
    "id", "enrollment_id", "npn", "effective_from", "effective_until", "in_standing", "association", "correction",
    "anchor", "known_from", "known_until", "decision__findings",
)  # fmt: skip


def entries(enrollments: Iterable[int], *, known_at: datetime | None = None) -> dict[int, list[Entry]]:
    """The entries of some enrollments as known at an instant, by enrollment, ascending by day."""
    found: dict[int, list[Entry]] = {}
    rows = models.Entry.objects.known_at(known_at).filter(among("enrollment", enrollments))
    for row in bulk.read(rows.order_by("enrollment_id", "effective_from"), *_ENTRY):
        id, enrollment, npn, start, until, *others = row
        found.setdefault(enrollment, []).append(Entry(id, enrollment, npn, Period(start, until), *others))
    return found


def history(enrollment: int) -> list[Entry]:
    """Every entry ever known of one enrollment, in the order they became known."""
    rows = models.Entry.objects.filter(enrollment=enrollment).order_by("known_from", "effective_from", "id")
    return [Entry(row[0], row[1], row[2], Period(row[3], row[4]), *row[5:]) for row in rows.values_list(*_ENTRY)]


def agent_on(enrollment: int, day: date, *, known_at: datetime | None = None) -> Entry | None:
    """The entry in effect on a day, as known at an instant; without one, the latest knowledge."""
    row = (
        models.Entry.objects.known_at(known_at)
        .filter(Q(effective_from__lte=day), Q(effective_until__gt=day), enrollment=enrollment)
        .values_list(*_ENTRY)
        .first()
    )
    return None if row is None else Entry(row[0], row[1], row[2], Period(row[3], row[4]), *row[5:])


def due(limit: int) -> list[int]:
    """Households whose record has to be decided anew, lowest first."""
    return list(models.Due.objects.order_by("household_id").values_list("household_id", flat=True)[:limit])
