"""The line in which every way in or out ends: enrollments follow their events, the record follows the facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import batched

from django.db import transaction

from aor.acts import contacts, say
from aor.associations import operations as associations
from aor.associations import queries as association_facts
from aor.associations.operations import Sight
from aor.consumers import operations as consumers
from aor.consumers import queries as consumer_facts
from aor.consumers.models import Household, Subscriber
from aor.engine import bulk, faults, locks
from aor.engine.among import among
from aor.enrollments import operations as enrollments
from aor.enrollments import queries as enrollment_facts
from aor.enrollments.models import EnrollmentFile
from aor.policy import access
from aor.policy.association import EVERYTHING, Association, EndKind, openings
from aor.policy.standing import BrokerStanding
from aor.record import operations as record
from aor.record import queries as record_facts
from aor.record.operations import Backdated
from aor.record.queries import Surroundings
from aor.terms.period import day_of

__all__ = [
    "Backdated", "everything", "household", "households", "open_associations", "open_by_key", "settle", "sights",
    "told",
]  # fmt: skip

# SQLite has one writer: no write transaction over a second (architecture, invariant 12).
POLICIES_AT_ONCE = 2_000
HOUSEHOLDS_AT_ONCE = 1_000
NEWS = timedelta(days=31)  # an end before that is history that was loaded; nobody is written to


def settle(*, now: datetime) -> int:
    """Does all that is due, whoever left it: returns how many entries of the record changed. Idempotent."""
    for file in enrollment_facts.not_folded():
        _fold(file, now=now)
    changed = 0
    around: Surroundings | None = None
    while households := record_facts.due(HOUSEHOLDS_AT_ONCE):
        around = around or Surroundings.known()
        changed += _attribute(households, around, now=now)
        faults.reached("settle:attributed")
    return changed


def everything(*, now: datetime) -> int:
    """Decides the record of every household anew, as after a change of parameters; how many entries changed."""
    everyone = list(Household.objects.order_by("id").values_list("id", flat=True))
    with transaction.atomic(), locks.shared("writers"):
        record.mark_due(everyone, cause="all decided anew", now=now)
    return settle(now=now)


def household(household: int, *, around: Surroundings, cause: str, now: datetime) -> int:
    """The same for one household, in the transaction of the act that touched it."""
    return households([household], around=around, cause=cause, now=now)


def households(households: Sequence[int], *, around: Surroundings, cause: str, now: datetime) -> int:
    """The same for some households, few enough for one transaction."""
    return _attribute(households, around, cause=cause, now=now)


def told(policies: Sequence[str], *, around: Surroundings, cause: str, now: datetime) -> int:
    """The same for some policies that enrollments were told of, and for them alone: in the transaction of the act."""
    return _attribute(sorted(_fold_some(policies, now=now)), around, cause=cause, now=now)


def _fold(file: EnrollmentFile, *, now: datetime) -> None:
    for policies in batched(enrollment_facts.policies_of(file), POLICIES_AT_ONCE):
        with transaction.atomic(), locks.shared("writers"):
            households = _fold_some(policies, now=now)
            record.mark_due(households, cause=f"enrollment file {file.id}", now=now)
        faults.reached("settle:folded")
    enrollments.folded(file, now=now)


def _fold_some(policies: Sequence[str], *, now: datetime) -> set[int]:
    """The enrollments of some policies follow their events; the households whose record may change."""
    events = enrollment_facts.events_of(policies)
    moved = consumers.learn(((one.subscriber_id, one.application_id, one.sent_at) for one in events), now=now)
    people = Subscriber.objects.filter(among("exchange_subscriber_id", {one.subscriber_id for one in events}))
    rows = dict(bulk.read(people, "exchange_subscriber_id", "id"))
    touched = enrollments.fold(events=events, subscribers=rows)
    contacts.learn(events, now=now)
    others = Subscriber.objects.filter(among("id", touched.difference(rows.values())))
    return moved | {household for (household,) in bulk.read(others, "household_id")}


def _attribute(households: Sequence[int], around: Surroundings, *, cause: str = "", now: datetime) -> int:
    """With a cause they were not marked as due: raises Backdated."""
    with transaction.atomic(savepoint=False), locks.shared("writers"):
        held = record.hold(households, cause=cause)
        if cause:
            held.refuse_backdated(parameters=around.parameters, now=now)
        gathered = record_facts.gather(households, around)
        known = [association.id for own in gathered.associations.values() for association in own]
        opened = open_associations(gathered, around.standings(()))
        nobodys = dict.fromkeys(consumer_facts.left_by(gathered.memberships))
        closed = associations.set_open({**nobodys, **opened}, of=known)
        associations.set_access(sights(gathered, opened), of=gathered.subscribers.values())
        _tell(closed, opened, gathered, around, now)
        return record.attribute(facts=gathered.households, held=held, parameters=around.parameters, now=now)


def _tell(
    closed: Sequence[tuple[str, int]],
    opened: Mapping[str, int | None],
    gathered: record_facts.Gathered,
    around: Surroundings,
    now: datetime,
) -> None:
    """Households whose broker's certification, licence or life has ended lately are told (readings, R3).

    So is a broker whose licence was revoked: it came with a file, and no act of ours has told them.
    """
    today = day_of(now)
    held = {one.id: one for own in gathered.associations.values() for one in own}
    people: defaultdict[str, list[str]] = defaultdict(list)
    for name, stays in gathered.memberships.items() if closed else ():
        people[consumer_facts.key_on(stays, today)].append(name)
    told, unlicensed = dict[str, list[str]](), dict[str, date]()
    for key, id in closed:
        ends = around.standings(())[held[id].npn].ends if id in held and not held[id].ends else ()
        if opened.get(key, id) is None and any(timedelta() <= today - day <= NEWS for day, _ in ends):
            told[f"{key}:{id}"] = sorted(people[key])
            revoked = [day for day, kind in ends if kind == EndKind.LICENSE_REVOKED and day <= today]
            unlicensed |= {held[id].npn: revoked[-1]} if revoked else {}
    if told:
        say.to_households("broker out of standing", told, now=now)
    for npn, day in unlicensed.items():
        say.to_brokers("license revoked", [npn], about=str(day), now=now, once=True, day=day)


def open_associations(
    gathered: record_facts.Gathered, standings: Mapping[str, BrokerStanding]
) -> dict[str, int | None]:
    """The association open for each household, for access: whatever it reaches."""
    return open_by_key(gathered.keys, gathered.associations, standings)


def open_by_key(
    keys: Iterable[str], associations: Mapping[str, Sequence[Association]], standings: Mapping[str, BrokerStanding]
) -> dict[str, int | None]:
    """The same, for households by their keys, of all the associations that each has."""
    result: dict[str, int | None] = {}
    for key in keys:
        held = associations.get(key, ())
        involved = [standings[a.npn] for a in held if a.npn in standings]
        spans = openings(held, involved, EVERYTHING)
        result[key] = spans[-1].association.id if spans and spans[-1].until is None else None
    return result


def sights(gathered: record_facts.Gathered, opened: Mapping[str, int | None]) -> Iterator[Sight]:
    """What the associations open for some households let be seen: each subscriber, on their days in the household."""
    changes = association_facts.access_changes(id for id in opened.values() if id is not None)
    held = {one.id: one for own in gathered.associations.values() for one in own}
    for name, stays in gathered.memberships.items():
        for days, key in stays:
            id = opened.get(key)
            if id is not None and access.is_open(held[id].path, changes.get(id, "")):
                yield held[id].npn, gathered.subscribers[name], id, days.start, days.until
