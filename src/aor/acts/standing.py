"""What an officer does to a broker's certification, one operation each, with what it would do shown before.

`certify`, `decertify`, `suspend`, `restore` answer with a Decision; `previewed` answers the same question without
doing it: which agents of record, with which carriers, and who is told. Both are sets, whatever their number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import batched

from django.db import transaction

from aor.acts import say, settle
from aor.acts.loads import affected
from aor.acts.settle import HOUSEHOLDS_AT_ONCE
from aor.associations import queries as association_facts
from aor.audit import operations as journal
from aor.brokers import operations as brokers
from aor.brokers import queries as broker_facts
from aor.calendar import queries as calendar
from aor.engine import locks
from aor.policy import access, attribution
from aor.policy import roster as rules
from aor.policy.attribution import Attributed, HouseholdFacts
from aor.policy.decision import Decision
from aor.policy.standing import BrokerStanding
from aor.record import operations as record
from aor.record import queries as record_facts
from aor.record.queries import Surroundings
from aor.terms.actor import Actor
from aor.terms.period import day_of


@dataclass(frozen=True, slots=True)
class Moved:
    """One agent of record that an act would move: it ends on a day, is held, begins, or waits to be sent."""

    policy_id: str
    hios_issuer_id: str
    what: str
    on: date


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would do. `carriers` counts the moved by carrier and what.

    Each household whose association ends is told, and the broker; `subscribers_seen` is whom the broker sees today.
    """

    decision: Decision
    households_ended: int
    subscribers_seen: int
    carriers: Mapping[tuple[str, str], int]
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class _Act:
    """An act on one broker: its decision from the facts, and what it makes known."""

    name: str
    said: str
    decision: Decision
    write: Callable[[datetime], object]


def certify(*, npn: str, plan_year: int, by: Actor, now: datetime) -> Decision:
    """Certifies for a plan year, from today; the year's agreement must be signed."""
    return _do(npn, _certifying(npn, plan_year, now), by, now, plan_year=plan_year)


def decertify(
    *, npn: str, because: str, by: Actor, now: datetime, also: Callable[[], object] = lambda: None
) -> Decision:
    """Takes every certification away: associations end today, credit with the month, households are told.

    `also` is done in the same transaction; what it raises stops all of it.
    """
    return _do(npn, _decertifying(npn, now), by, now, also=also, because=because)


def suspend(*, npn: str, because: str, by: Actor, now: datetime) -> Decision:
    """No certification counts from today on: access closes, nothing new is sent, nothing ends."""
    return _do(npn, _suspending(npn, now), by, now, because=because)


def restore(*, npn: str, because: str, by: Actor, now: datetime) -> Decision:
    """Ends a suspension today."""
    return _do(npn, _restoring(npn, now), by, now, because=because)


def died(*, npn: str, on: date, by: Actor, now: datetime) -> Decision:
    """The broker died: associations end that day, credit with the month, households are told."""
    return _do(npn, _dying(npn, on, now), by, now, on=str(on))


def _dying(npn: str, on: date, now: datetime) -> _Act:
    known = Decision.of(rules.on_roster(npn, bool(broker_facts.roster([npn]))))
    return _Act("broker.died", "ended", known, lambda now: brokers.died(npn=npn, died_on=on, now=now))


def _certifying(npn: str, plan_year: int, now: datetime) -> _Act:
    day, version = day_of(now), broker_facts.agreement_signed(npn, plan_year)
    decision = rules.certifying(
        standing=broker_facts.standings([npn])[npn],
        plan_year=plan_year,
        agreement=version,
        day=day,
        parameters=calendar.parameters(),
    )

    def write(now: datetime) -> None:
        brokers.certify(npn=npn, plan_year=plan_year, agreement_version=version, day=day, now=now)

    return _Act("broker.certified", "certified", decision, write)


def _decertifying(npn: str, now: datetime) -> _Act:
    day = day_of(now)
    decision = rules.taking_away(certifications=broker_facts.held_certifications(npn), day=day)
    return _Act("broker.decertified", "ended", decision, lambda now: brokers.decertify(npn=npn, day=day, now=now))


def _suspending(npn: str, now: datetime) -> _Act:
    day = day_of(now)
    decision = rules.suspending(
        certifications=broker_facts.held_certifications(npn), since=broker_facts.suspended_since(npn), day=day
    )
    return _Act("broker.suspended", "suspended", decision, lambda now: brokers.suspend(npn=npn, day=day, now=now))


def _restoring(npn: str, now: datetime) -> _Act:
    day = day_of(now)
    decision = rules.restoring(since=broker_facts.suspended_since(npn), day=day)
    return _Act("broker.restored", "restored", decision, lambda now: brokers.restore(npn=npn, day=day, now=now))


def _do(
    npn: str, act: _Act, by: Actor, now: datetime, *, also: Callable[[], object] = lambda: None, **details: object
) -> Decision:
    with transaction.atomic(), locks.shared("writers"):
        also()
        if act.decision.granted:
            act.write(now)
            record.mark_due(affected.of_brokers([npn]), cause=act.name, now=now)
            say.to_brokers("standing changed", [npn], about=act.name, now=now, what=act.said)
        journal.write(
            verb=act.name if act.decision.granted else f"{act.name} refused",
            subject=("broker", npn),
            decision=act.decision,
            parameters_version=calendar.parameters().version,
            by=by,
            at=now,
            details=details,
        )
    settle.settle(now=now)
    return act.decision


def preview_certify(*, npn: str, plan_year: int, now: datetime) -> Preview:
    """What certifying would do."""
    return _preview(npn, _certifying(npn, plan_year, now), now)


def preview_decertify(*, npn: str, now: datetime) -> Preview:
    """What decertifying would do."""
    return _preview(npn, _decertifying(npn, now), now)


def preview_suspend(*, npn: str, now: datetime) -> Preview:
    """What suspending would do."""
    return _preview(npn, _suspending(npn, now), now)


def preview_restore(*, npn: str, now: datetime) -> Preview:
    """What restoring would do."""
    return _preview(npn, _restoring(npn, now), now)


def preview_died(*, npn: str, on: date, now: datetime) -> Preview:
    """What recording a death would do."""
    return _preview(npn, _dying(npn, on, now), now)


def _preview(npn: str, act: _Act, now: datetime) -> Preview:
    if not act.decision.granted:
        return Preview(act.decision, 0, 0, {}, ())
    around, closed = Surroundings.known(), 0
    around.standings([npn])
    changed = _standing_after(npn, act, now)
    moved: list[Moved] = []
    for some in batched(sorted(affected.of_brokers([npn])), HOUSEHOLDS_AT_ONCE):
        gathered = record_facts.gather(some, around)
        standings = {**around.standings(()), npn: changed}
        was = settle.open_associations(gathered, around.standings(()))
        will = settle.open_associations(gathered, standings)
        closed += sum(association is not None and will.get(key) is None for key, association in was.items())
        for facts in gathered.households.values():
            moved += _moved(npn, facts, replace(facts, standings=standings), around, now)
    carriers = Counter((one.hios_issuer_id, one.what) for one in moved)
    seen = association_facts.open_to([npn], day_of(now)).count()
    return Preview(act.decision, closed, seen, carriers, tuple(sorted(moved, key=lambda one: one.policy_id)))


def _standing_after(npn: str, act: _Act, now: datetime) -> BrokerStanding:
    """The broker's standing as the act would make it: the fact is written, looked at, and taken back."""
    with transaction.atomic():
        act.write(now)
        standing = broker_facts.standings([npn])[npn]
        transaction.set_rollback(True)
    return standing


def _moved(
    npn: str, facts: HouseholdFacts, then: HouseholdFacts, around: Surroundings, now: datetime
) -> Iterator[Moved]:
    """What happens to one broker's agents of record of a household."""
    before = attribution.attribute(facts, around.parameters)
    after = attribution.attribute(then, around.parameters)
    for one in facts.enrollments:
        was = [entry for entry in before[one.id] if entry.npn == npn]
        will = [entry for entry in after[one.id] if entry.npn == npn]
        what = _what(was, will, one.told, then.standings[npn], around, now)
        if what is not None:
            yield Moved(one.policy_id, one.carrier.hios_issuer_id, *what)


def _what(
    was: Sequence[Attributed],
    will: Sequence[Attributed],
    told: Sequence[tuple[str, date]],
    standing: BrokerStanding,
    around: Surroundings,
    now: datetime,
) -> tuple[str, date] | None:
    """Of the broker's latest entry: it ends sooner, is held, begins, waits to be sent; None where all stays."""
    today = day_of(now)
    if not was or (was[-1].period.until is not None and was[-1].period.until <= today):
        return None
    if not will:
        return "ends", was[-1].period.start
    old, new = was[-1], will[-1]
    if (new.period.until or date.max) < (old.period.until or date.max):
        return "ends", new.period.until or date.max
    if (old.in_standing, old.period.start) != (new.in_standing, new.period.start):
        return "begins" if new.in_standing else "held", new.period.start
    waits = new.in_standing and (new.npn, new.period.start) not in told
    if waits and not all(finding.met for finding in access.own_standing(standing, today, around.parameters)):
        return "waits", new.period.start
    return None
