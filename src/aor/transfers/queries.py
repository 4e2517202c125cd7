"""A book as it would move: gathered by sets, one decision a household; what became of a transfer; orphans."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import batched
from operator import attrgetter, itemgetter

from django.db.models import Q, QuerySet

from aor.acts.loads import affected
from aor.acts.settle import HOUSEHOLDS_AT_ONCE
from aor.associations.models import Association, Lock
from aor.brokers.models import Certification, Death, License
from aor.brokers.registers import REVOKED
from aor.cases import queries as cases
from aor.cases.models import State
from aor.consumers import queries as consumers
from aor.engine import bulk
from aor.engine.among import among
from aor.policy import transfer as rules
from aor.policy.association import EVERYTHING, EndKind, openings
from aor.policy.attribution import EnrollmentFacts
from aor.policy.decision import Decision, Finding
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.policy.transfer import Asked, Client
from aor.record import queries as record_facts
from aor.record.queries import Gathered, Surroundings
from aor.terms.period import day_of, plan_year_of
from aor.transfers.models import Household, Step, Transfer

OPTED_OUT, MOVED, LEFT_OUT, UNDONE = "opted out", "moved", "left out", "undone"
_order = attrgetter("order")
_FORMER = re.compile(r"(the former broker is not in standing):.*", re.DOTALL)
_WITH_THE_BROKER = frozenset({EndKind.WITHDRAWN, EndKind.DECERTIFIED, EndKind.LICENSE_REVOKED, EndKind.DIED})


@dataclass(frozen=True, slots=True)
class Prospect:
    """A household of the book: a subscriber (and their row) who speaks for it, whether it can move, and why not."""

    subscriber: int
    key: str
    subscriber_id: str
    people: tuple[str, ...]
    association: int
    decision: Decision
    policies: tuple[str, ...] = ()

    @property
    def because(self) -> str:
        return "; ".join(finding.because for finding in self.decision.unmet)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a transfer would do. The new broker is told the counts alone: they may not see the households yet.

    `strange` are policies that it names and that are not of the book.
    """

    decision: Decision
    households: tuple[Prospect, ...]
    strange: tuple[str, ...] = ()

    @property
    def can_move(self) -> int:
        return sum(one.decision.granted for one in self.households)

    @property
    def reasons(self) -> dict[str, int]:
        """Why households cannot move, and how many."""
        said = (finding.because for one in self.households for finding in one.decision.unmet)
        return dict(Counter(said).most_common())


def plainly(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """As the new broker reads them: that the former one is not in standing, and not why."""
    return tuple(replace(one, because=_plain(one.because)) for one in findings)


def plain_reasons(reasons: Mapping[str, int]) -> dict[str, int]:
    """Why and how many, as the new broker reads it."""
    counts = Counter[str]()
    for because, count in reasons.items():
        counts[_plain(because)] += count
    return dict(counts.most_common())


def _plain(because: str) -> str:
    return _FORMER.sub(r"\1", because)


def asked_of(row: Transfer, *, evidence: bool) -> Asked:
    return Asked(row.from_npn, row.to_npn, row.on, evidence, row.successor)


def preview(row: Transfer, *, now: datetime) -> Preview:
    """Whether it can be asked for, and every household of the book, or of its part, with whether it can move."""
    asked, policies = asked_of(row, evidence=has_evidence(row)), frozenset(row.policies.split())
    around = Surroundings.known()
    standings = around.standings([asked.from_npn, asked.to_npn])
    decision = rules.asking(
        asked,
        new=standings[asked.to_npn],
        former=standings[asked.from_npn],
        today=day_of(now),
        parameters=around.parameters,
    )
    found = [
        one
        for some in _slices(asked.from_npn)
        for one in prospects(some, asked, around, now=now)
        if not policies or not policies.isdisjoint(one.policies)
    ]
    strange = policies.difference(*(one.policies for one in found))
    return Preview(decision, tuple(sorted(found, key=lambda one: one.key)), tuple(sorted(strange)))


def _slices(npn: str) -> Iterator[Sequence[int]]:
    return batched(sorted(affected.of_brokers([npn])), HOUSEHOLDS_AT_ONCE)


def prospects(households: Sequence[int], asked: Asked, around: Surroundings, *, now: datetime) -> list[Prospect]:
    """Of some households those of the former broker's book, each with its decision: a few queries for all."""
    gathered = record_facts.gather(households, around)
    today = day_of(now)
    holding = dict(_held(gathered, asked, around.standings(())))
    people = _people(gathered, today)
    locked = _locked(holding, people)
    methods = dict(
        bulk.read(Association.objects.filter(among("id", (id for id, _ in holding.values()))), "id", "method")
    )
    coverage, policies = _coverage(gathered, asked.on, today), _policies(gathered, today)
    standings = around.standings([asked.from_npn, asked.to_npn])
    found = []
    for key, (association, held_by) in holding.items():
        own = people.get(key, ())
        if not own:
            continue
        client = Client(True, methods[association], key in locked, tuple(coverage.get(key, ())))
        decision = rules.moving(
            client,
            asked,
            new=standings[asked.to_npn],
            former=standings[asked.from_npn],
            today=today,
            parameters=around.parameters,
        )
        speaker = held_by if held_by in own else own[0]
        row = gathered.subscribers[speaker]
        found.append(Prospect(row, key, speaker, own, association, decision, tuple(policies.get(key, ()))))
    return found


def _held(
    gathered: Gathered, asked: Asked, standings: Mapping[str, BrokerStanding]
) -> Iterator[tuple[str, tuple[int, str]]]:
    """By key the former broker's association: open, or for a named successor, ended with them and not followed."""
    subscriber_of = _holders(gathered, asked.from_npn)
    for key in gathered.keys:
        held = gathered.associations.get(key, ())
        spans = openings(held, [standings[one.npn] for one in held if one.npn in standings], EVERYTHING)
        if not spans or spans[-1].association.npn != asked.from_npn:
            continue
        last = spans[-1]
        orphan = {end.kind for end in last.association.ends} <= _WITH_THE_BROKER
        if last.until is None or (asked.successor and orphan and last.association is max(held, key=_order)):
            yield key, (last.association.id, subscriber_of.get(last.association.id, ""))


def _holders(gathered: Gathered, npn: str) -> dict[int, str]:
    ids = [one.id for held in gathered.associations.values() for one in held if one.npn == npn]
    return dict(bulk.read(Association.objects.filter(among("id", ids)), "id", "subscriber_id"))


def _people(gathered: Gathered, today: date) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, stays in sorted(gathered.memberships.items()):
        key = consumers.key_on(stays, today)
        found[key] = (*found.get(key, ()), name)
    return found


def _locked(keys: Iterable[str], people: Mapping[str, Sequence[str]]) -> set[str]:
    """The keys whose consumers locked their broker, under whatever key the household had: the last word counts."""
    key_of = {key: key for key in keys} | {f"S:{name}": key for key in keys for name in people.get(key, ())}
    last: dict[str, bool] = {}
    rows = Lock.objects.filter(among("household_key", key_of)).order_by("id")
    for key, locked in bulk.read(rows, "household_key", "locked"):
        last[key_of[key]] = locked
    return {key for key, locked in last.items() if locked}


def _coverage(gathered: Gathered, on: date, today: date) -> dict[str, list[tuple[CarrierFacts, int]]]:
    """By key the carriers and plan years of the coverage that reaches a day."""
    found: dict[str, list[tuple[CarrierFacts, int]]] = {}
    for facts in gathered.households.values():
        for one in facts.enrollments:
            if _reaches(one, on):
                key = consumers.key_on(one.memberships, today)
                assert one.coverage is not None
                found.setdefault(key, []).append((one.carrier, plan_year_of(one.coverage.start)))
    return found


def _policies(gathered: Gathered, today: date) -> dict[str, list[str]]:
    """By key the policies of the household, old ones too."""
    found: dict[str, list[str]] = {}
    for facts in gathered.households.values():
        for one in facts.enrollments:
            found.setdefault(consumers.key_on(one.memberships, today), []).append(one.policy_id)
    return found


def _reaches(one: EnrollmentFacts, on: date) -> bool:
    return one.coverage is not None and (one.coverage.until is None or one.coverage.until > on)


def gone(today: date) -> dict[str, str]:
    """The brokers who died, were decertified or lost their licence by a day, and how, the latest first."""
    dead = Death.objects.known_at().filter(died_on__lte=today).values_list("npn", flat=True)
    left = Certification.objects.known_at().filter(revoked_on__lte=today).values_list("npn", flat=True)
    lost = License.objects.known_at().filter(status__iexact=REVOKED).values_list("npn", flat=True)
    standings = Surroundings.known().standings({*dead, *left, *lost})
    ends = {npn: [end for end in one.ends if end[0] <= today] for npn, one in standings.items()}
    last = {npn: max(told) for npn, told in ends.items() if told}
    return {npn: f"{kind} on {on}" for npn, (on, kind) in sorted(last.items(), key=itemgetter(1), reverse=True)}


def orphans(npn: str, *, now: datetime) -> list[Prospect]:
    """Households whose broker died, was decertified or left, and whom nobody has followed."""
    around, found = Surroundings.known(), []
    asked = Asked(npn, npn, day_of(now), evidence=False, successor=True)
    for some in _slices(npn):
        gathered = record_facts.gather(some, around)
        opened = {key for key, _ in _held(gathered, Asked(npn, npn, asked.on, evidence=False), around.standings(()))}
        found += [one for one in prospects(some, asked, around, now=now) if one.key not in opened]
    return sorted(found, key=lambda one: one.key)


# Transfers ----------------------------------------------------------------------------------------------------------


def transfer(number: str) -> Transfer:
    """The transfer of a case number. Raises Transfer.DoesNotExist."""
    return Transfer.objects.select_related("case").get(case__number=number)


def transfers(*, opened: bool = True) -> QuerySet[Transfer]:
    """Transfers that are asked for or to come, the oldest first; or those that are through, the latest first."""
    rows = Transfer.objects.select_related("case", "ruling")
    if opened:
        return rows.exclude(case__state=State.CLOSED).order_by("pk")
    return rows.filter(case__state=State.CLOSED).order_by("-pk")


def waiting() -> QuerySet[Transfer]:
    """Transfers asked for that no officer has decided, the oldest first."""
    return (
        Transfer.objects.filter(ruling=None).exclude(case__state=State.CLOSED).select_related("case").order_by("pk")
    )


def of_broker(npn: str) -> QuerySet[Transfer]:
    """The transfers from or to a broker, the latest first."""
    return Transfer.objects.filter(Q(from_npn=npn) | Q(to_npn=npn)).select_related("case").order_by("-pk")


def to_broker(npn: str) -> QuerySet[Transfer]:
    """The transfers to a broker, the latest first."""
    return Transfer.objects.filter(to_npn=npn).select_related("case", "ruling").order_by("-pk")


def for_agency(agency_npn: str, members: Iterable[str]) -> QuerySet[Transfer]:
    """The transfers that an agency asked for, to those who are its brokers now; the latest first."""
    rows = Transfer.objects.filter(agency_npn=agency_npn, to_npn__in=list(members)).exclude(agency_npn="")
    return rows.select_related("case", "ruling").order_by("-pk")


def to_enter(today: date) -> QuerySet[Transfer]:
    """Approved transfers whose day has come and that are not through."""
    rows = Transfer.objects.filter(ruling__approved=True, on__lte=today).exclude(case__state=State.CLOSED)
    return rows.select_related("case").order_by("pk")


def left(row: Transfer) -> QuerySet[Household]:
    """The households that were written to and of whom nothing has become yet."""
    return row.households.filter(written_at__isnull=False, steps=None).order_by("pk")


def announced(subscriber_id: str, *, now: datetime) -> list[Household]:
    """The transfers announced to a subscriber's household, which they can still say no to, the soonest first."""
    stays = consumers.memberships_of([subscriber_id])[subscriber_id]
    rows = Household.objects.filter(household_key=consumers.key_on(stays, day_of(now)), written_at__isnull=False)
    rows = rows.filter(steps=None).exclude(transfer__case__state=State.CLOSED)
    return list(rows.select_related("transfer__case").order_by("transfer__on", "pk"))


def soonest(subscriber_id: str, *, now: datetime) -> Household | None:
    """The next of them."""
    return next(iter(announced(subscriber_id, now=now)), None)


def progress(row: Transfer) -> dict[str, int]:
    """How many households: in all, written to, and what became of them."""
    counts = Counter(Step.objects.filter(household__transfer=row).values_list("kind", flat=True))
    own = row.households
    return {
        "in all": own.count(),
        "written to": own.filter(written_at__isnull=False).count(),
        **{kind: counts[kind] for kind in (OPTED_OUT, MOVED, LEFT_OUT, UNDONE)},
    }


def stayed(row: Transfer) -> dict[str, int]:
    """Why households of a decided transfer stay, and how many, as the new broker reads it; not those who said no."""
    said = Counter(row.households.filter(written_at=None).values_list("because", flat=True))
    said.update(Step.objects.filter(household__transfer=row, kind=LEFT_OUT).values_list("because", flat=True))
    return plain_reasons(said)


def has_evidence(row: Transfer) -> bool:
    """Whether the agreement is on file."""
    return bool(cases.evidence(row.case))
