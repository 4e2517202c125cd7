"""Associations taken out of history by decision: the earlier broker is restored from its day, without a gap.

Sets: however many, a few queries. They are one transaction; who has very many gives some at a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aor.acts import say, settle
from aor.associations import queries as association_facts
from aor.associations.models import Association, Consent, Ending
from aor.audit import operations as journal
from aor.audit.operations import Entry
from aor.consumers import queries as consumer_facts
from aor.consumers.models import Household, Membership, Subscriber
from aor.engine import bulk, locks
from aor.engine.among import among
from aor.policy.association import ANNULLING, EndKind
from aor.policy.decision import Decision
from aor.record.queries import Surroundings
from aor.terms.actor import Actor
from aor.terms.period import day_of


@transaction.atomic
def annul(*, association: int, source: str, decision: Decision, by: Actor, now: datetime) -> bool:
    """As if it had never been; what carriers were told is corrected with their next runs; whether that is news.

    `source` names the case, never a person. Consumer, former and restored broker are told.
    """
    return bool(annul_many([association], source=source, decision=decision, by=by, now=now))


@transaction.atomic
def annul_many(associations: Iterable[int], *, source: str, decision: Decision, by: Actor, now: datetime) -> int:
    """The same for some, at once; how many were in history. Each broker is told once, each household of its own."""
    wanted = list(associations)
    with locks.shared("writers"):
        homes = _held(wanted)
        rows = in_history(Association.objects.filter(among("id", wanted)).order_by("id"))
        if not rows:
            return 0
        around = Surroundings.known()
        where = _Where.of(rows, homes, now)
        before = association_facts.open_of(where.people)
        take_out(rows, now)
        settle.households(homes, around=around, cause=source[:60], now=now)
        _say(where.people, before, association_facts.open_of(where.people), source, now)
        (stored,) = journal.store_decisions([decision], parameters_version=around.parameters.version)
        told = [
            Entry(
                ("subscriber", where.speakers[row.pk]),
                stored,
                {"household": where.keys[row.pk], "npn": row.npn, "association": row.pk, "source": source},
            )
            for row in rows
        ]
        return journal.write_many(verb="association.annulled", entries=told, by=by, at=now)


def in_history(rows: Iterable[Association]) -> list[Association]:
    """Those not annulled before."""
    found = {one.pk: one for one in rows}
    ends = Ending.objects.filter(among("association", found), kind__in=[kind.value for kind in ANNULLING])
    for id in ends.values_list("association_id", flat=True):
        found.pop(id, None)
    return list(found.values())


def take_out(rows: Sequence[Association], now: datetime, *, revoking: bool = True) -> None:
    """Enters that they are annulled, and with `revoking` that consent to them is revoked. The caller settles."""
    columns = ("association_id", "at", "kind", "plan_year", "recorded_at")
    bulk.load(Ending, columns, ((one.pk, now, EndKind.UNDONE.value, None, now) for one in rows))
    if revoking:
        given = [one.consent_id for one in rows if one.consent_id]
        Consent.objects.filter(among("id", given), revoked_at=None).update(revoked_at=now)


def _held(associations: Sequence[int]) -> list[int]:
    """The households of some associations, held until the transaction ends: who acts for one meanwhile waits."""
    held: list[int] = []
    while held != (found := _households(associations)):  # another act may have joined households meanwhile
        list(Household.objects.select_for_update().filter(among("id", found)).order_by("id").values_list("id"))
        held = found
    return held


def _households(associations: Sequence[int]) -> list[int]:
    named = bulk.read(Association.objects.filter(among("id", associations)), "household_id", "subscriber_id")
    holders = {name for name, _ in named if name}, {name for _, name in named if name}
    return sorted(consumer_facts.households_of(household_ids=holders[0], subscriber_ids=holders[1]))


@dataclass(frozen=True, slots=True)
class _Where:
    """Of each association its household's key today and a subscriber of it; the people of these households by key."""

    keys: Mapping[int, str]
    speakers: Mapping[int, str]
    people: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, rows: Sequence[Association], homes: Sequence[int], now: datetime) -> _Where:
        everyone = Subscriber.objects.filter(among("household_id", homes))
        stays = consumer_facts.memberships_of(everyone.values_list("exchange_subscriber_id", flat=True))
        keys = {name: consumer_facts.key_on(own, day_of(now)) for name, own in stays.items()}
        together = defaultdict(list)
        for name, key in sorted(keys.items()):
            together[key].append(name)
        speakers = _speakers(rows)
        theirs = {id: keys[name] for id, name in speakers.items()}
        return cls(theirs, speakers, {key: together[key] for key in sorted(set(theirs.values()))})


def _say(
    people: Mapping[str, Sequence[str]],
    before: Mapping[str, Association],
    after: Mapping[str, Association],
    source: str,
    now: datetime,
) -> None:
    """Consumer, former and restored broker are told the same day (readings, R11); who follows a broker is never."""
    changed = [key for key in people if _npn(before, key) != _npn(after, key)]
    ended = {_npn(before, key) for key in changed} - {""}
    began = {_npn(after, key) for key in changed} - {""}
    say.to_brokers("association ended", ended, about=source, now=now)
    say.to_brokers("association began", began, about=source, now=now)
    say.to_households("broker restored", {f"{source}:{key}": names for key, names in people.items()}, now=now)


def _npn(opened: Mapping[str, Association], key: str) -> str:
    return opened[key].npn if key in opened else ""


def speaker(row: Association) -> str:
    """A subscriber of the household that an association is of."""
    return _speakers([row])[row.pk]


def _speakers(rows: Sequence[Association]) -> dict[int, str]:
    """The same for some, by association."""
    cases = {one.household_id for one in rows if not one.subscriber_id}
    of = Membership.objects.known_at().filter(among("household_id", cases)).order_by("-exchange_subscriber_id")
    first = dict(bulk.read(of, "household_id", "exchange_subscriber_id"))
    return {one.pk: one.subscriber_id or first[one.household_id] for one in rows}
