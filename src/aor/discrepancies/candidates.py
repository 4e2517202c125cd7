"""Persons on file, found by likeness: an index of keys that follows the enrollment files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Count

from aor.discrepancies.models import IndexedFile, NameCounts, PersonKey
from aor.engine import bulk, locks
from aor.engine.among import among
from aor.enrollments import queries as enrollment_facts
from aor.enrollments.models import Enrollment, EnrollmentFile, Event
from aor.matching import keys, score
from aor.matching.frequencies import Frequencies
from aor.matching.score import Match
from aor.terms.person import PersonClaim, PersonFacts

AT_ONCE = 5_000
GROWN = 1.05  # by how much the persons on file must have become more before names are counted anew
COMMON_DAYS = 20  # birth dates commoner than others, such as 1 January
_PERSON = (
    "subscriber_id", "first_name", "middle_name", "last_name", "birth_date", "hios_issuer_id", "enrolled_on",
    "policy_id",
)  # fmt: skip


def refresh(*, now: datetime) -> int:
    """Brings the index to what the enrollment files say; how many persons were looked at. Cheap when nothing came."""
    looked_at = 0
    with locks.exclusive("person-index", by="the index of persons", at=now):
        done = IndexedFile.objects.values("file_id")
        for file in EnrollmentFile.objects.filter(folded_at__isnull=False).exclude(id__in=done).order_by("id"):
            for policies in batched(enrollment_facts.policies_of(file), AT_ONCE):
                rows = Enrollment.objects.filter(among("policy_id", policies))
                subscribers = set(rows.values_list("subscriber_id", flat=True))
                with transaction.atomic():
                    _index(subscribers)
                looked_at += len(subscribers)
            IndexedFile.objects.create(file=file)
    if looked_at:
        frequencies()  # counted now, so that no broker waits for it
    return looked_at


def _index(subscribers: Iterable[int]) -> None:
    ids = sorted(subscribers)
    wanted = {(key, int(one.key)) for one in persons(ids) for key in keys.blocking_keys(one)}
    found = bulk.read(PersonKey.objects.filter(among("subscriber", ids)), "id", "key", "subscriber_id")
    known = {(key, subscriber): id for id, key, subscriber in found}
    if gone := [id for pair, id in known.items() if pair not in wanted]:
        PersonKey.objects.filter(among("id", gone)).delete()
    bulk.load(PersonKey, ["key", "subscriber_id"], sorted(wanted - known.keys()))


def persons(subscribers: Iterable[int], *, addresses: bool = False) -> list[PersonFacts]:
    """Subscribers as persons, from all their enrollments; `key` is the subscriber's row.

    Addresses are those that the enrollment files bore; they are read where asked for.
    """
    rows = bulk.read(Enrollment.objects.filter(among("subscriber", subscribers)).order_by("sent_at", "id"), *_PERSON)
    own: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        own.setdefault(row[0], []).append(row)
    living = _addresses([row[7] for row in rows]) if addresses else {}
    return [_person(id, enrollments, living) for id, enrollments in own.items()]


def _person(id: int, rows: Sequence[tuple[Any, ...]], living: Mapping[str, set[str]]) -> PersonFacts:
    """Of several enrollments the name sent last is the person's; the others are former ones."""
    _, first, middle, last, birth_date, _, _, _ = rows[-1]
    former = {row[3] for row in rows} - {last}
    return PersonFacts(
        key=str(id),
        first_name=first,
        last_name=last,
        birth_date=birth_date,
        middle_name=middle,
        former_last_names=tuple(sorted(former)),
        hios_issuer_ids=frozenset(row[5] for row in rows),
        days=frozenset(row[6] for row in rows),
        addresses=tuple(sorted(set().union(*(living.get(row[7], set()) for row in rows)))),
    )


def _addresses(policies: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    rows = Event.objects.filter(among("policy_id", policies), file__accepted_at__isnull=False).exclude(address="")
    for policy, address in bulk.read(rows, "policy_id", "address"):
        found.setdefault(policy, set()).add(address)
    return found


def choose_many(claims: Mapping[int, PersonClaim]) -> dict[int, Match]:
    """The match of each claim: one query for the keys of all, one for the persons; a match's key is a subscriber."""
    asked: dict[str, list[int]] = {}
    for id, claim in claims.items():
        for key in keys.asking_keys(claim):
            asked.setdefault(key, []).append(id)
    near: dict[int, set[int]] = {id: set() for id in claims}
    for key, subscriber in bulk.read(PersonKey.objects.filter(among("key", asked)), "key", "subscriber_id"):
        for id in asked[key]:
            near[id].add(subscriber)
    with_address = {one for id, claim in claims.items() if claim.address for one in near[id]}
    others = set().union(*near.values()) - with_address if near else set()
    facts = {int(one.key): one for one in (*persons(others), *persons(with_address, addresses=True))}
    counted = frequencies()
    return {
        id: score.choose(claim, [facts[one] for one in near[id] if one in facts], counted)
        for id, claim in claims.items()
    }


def frequencies() -> Frequencies:
    """How often names occur on file, counted anew when so many more persons are known."""
    persons = PersonKey.objects.order_by("-subscriber_id").values_list("subscriber_id", flat=True).first() or 0
    kept = NameCounts.objects.first()
    if kept is None or persons > kept.persons * GROWN:
        kept = _count(persons)
    first, last, days, carriers = json.loads(kept.counts)
    born = [(date.fromisoformat(day), count) for day, count in days]
    return Frequencies.counted(max(kept.persons, 1), first, last, born, carriers)


@transaction.atomic
def _count(persons: int) -> NameCounts:
    def counts(column: str, most: int | None = None) -> list[tuple[Any, int]]:
        rows = Enrollment.objects.values_list(column).annotate(bearers=Count("subscriber", distinct=True))
        ordered = rows.order_by("-bearers", column)
        return [(value, count) for value, count in (ordered[:most] if most else ordered) if value]

    days = [(day.isoformat(), count) for day, count in counts("birth_date", COMMON_DAYS)]
    text = json.dumps([counts("first_name"), counts("last_name"), days, counts("hios_issuer_id")])
    NameCounts.objects.all().delete()
    return NameCounts.objects.create(persons=persons, counts=text)
