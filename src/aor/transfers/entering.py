"""After the approval: who says no, the day on which the households move, and its undo (readings, R10).

entering.opt_out(number, subscriber_id="S1", by=consumer, now=now)
entering.due(now=now)                         # on the day: in sets, some at a time
entering.undo(number, by=officer, now=now)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import batched

from django.db import transaction

from aor.acts import move, say
from aor.acts.move import Moving
from aor.acts.settle import HOUSEHOLDS_AT_ONCE
from aor.associations import queries as association_facts
from aor.associations.models import Open
from aor.associations.operations import ConsentGiven
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.cases import operations as cases
from aor.cases.operations import Refused
from aor.consumers import queries as consumers
from aor.consumers.models import Household as HouseholdRow
from aor.consumers.models import Subscriber
from aor.engine import bulk, locks
from aor.engine.among import among
from aor.policy import association
from aor.policy import transfer as rules
from aor.policy.access import Change
from aor.policy.decision import Decision
from aor.record.queries import Surroundings
from aor.terms.actor import Actor, system
from aor.terms.period import day_of
from aor.transfers import queries
from aor.transfers.models import Household, Step, Transfer
from aor.transfers.operations import LETTER, journaled, of_officer, tell_who_asked
from aor.transfers.queries import LEFT_OUT, MOVED, OPTED_OUT, UNDONE, Prospect

BY_TIMETABLE = system("the day of the transfer")
_STEP = ("household_id", "kind", "at", "because", "association_id")


@transaction.atomic
def opt_out(number: str, *, subscriber_id: str, by: Actor, now: datetime) -> None:
    """The consumer says no: they stay with their broker. Raises Refused where they were not written to."""
    row = next((one for one in queries.announced(subscriber_id, now=now) if one.transfer.case.number == number), None)
    if row is None:
        raise Refused(f"there is no case {number}")
    with locks.shared("writers"):
        _hold([row])
        if row.steps.exists():
            raise Refused(f"{number} is through")
        Step.objects.create(household=row, kind=OPTED_OUT, at=now)
    journaled("transfer.opted out", ("subscriber", subscriber_id), None, by=by, now=now, number=number)


# The day ------------------------------------------------------------------------------------------------------------


def due(*, now: datetime) -> int:
    """Enters every approved transfer whose day has come; how many households moved. Begun ones go on."""
    return sum(enter(row.case.number, now=now) for row in queries.to_enter(day_of(now)))


def enter(number: str, *, now: datetime, progress: Callable[[str], object] = lambda _: None) -> int:
    """The households move, some at a time: whoever cannot any more is left out with why. Idempotent."""
    row, moved, done = queries.transfer(number), 0, 0
    while waiting := list(queries.left(row)[:HOUSEHOLDS_AT_ONCE]):
        moved += _enter_some(row, waiting, now=now)
        move.settled(now=now)
        done += len(waiting)
        progress(f"{number}: {done} households")
    with transaction.atomic():
        row.case.refresh_from_db()
        cases.close(number, version=row.case.version, by=BY_TIMETABLE, now=now, note=f"{moved} households moved")
        say.to_brokers("association ended", [row.from_npn], about=number, now=now, once=True)
        say.to_brokers("association began", [row.to_npn], about=number, now=now, once=True)
    return moved


@transaction.atomic
def _enter_some(row: Transfer, waiting: list[Household], *, now: datetime) -> int:
    around, asked = Surroundings.known(), queries.asked_of(row, evidence=True)
    with locks.shared("writers"):
        ids = _hold(waiting)
        found = {one.key: one for one in queries.prospects(ids, asked, around, now=now)}
        answered = set(Step.objects.filter(household__in=waiting).values_list("household_id", flat=True))
        entering: list[tuple[Household, Prospect]] = []
        left_out: list[tuple[Household, str]] = []
        for one in waiting:
            if one.pk in answered:
                continue
            prospect = found.get(one.household_key)
            decision = _decision(one, prospect, row, around)
            if decision.granted and prospect is not None:
                entering.append((one, prospect))
            else:
                left_out.append((one, "; ".join(finding.because for finding in decision.unmet)))
        _load(row, entering, left_out, now=now)
    return len(entering)


def _hold(waiting: list[Household]) -> list[int]:
    """The rows of the households, held until the transaction ends."""
    names = [one.subscriber_id for one in waiting]
    rows = Subscriber.objects.filter(among("exchange_subscriber_id", names))
    ids = sorted(set(rows.values_list("household_id", flat=True)))
    list(HouseholdRow.objects.select_for_update().filter(among("id", ids)).order_by("id").values_list("id"))
    return ids


def _decision(one: Household, prospect: Prospect | None, row: Transfer, around: Surroundings) -> Decision:
    """On the day; without a prospect, or with another association, the household has chosen otherwise."""
    same = prospect is not None and prospect.association == one.association_id
    moved = prospect.decision if prospect is not None and same else Decision.of(rules.still_theirs(False))
    sent_on = None if one.written_at is None else day_of(one.written_at)
    return rules.entered(moved, sent_on=sent_on, opted_out=False, on=row.on, parameters=around.parameters)


def _load(
    row: Transfer, entering: list[tuple[Household, Prospect]], left_out: list[tuple[Household, str]], *, now: datetime
) -> None:
    number = row.case.number
    languages = consumers.languages_of([one.subscriber_id for one, _ in entering])
    new = brokers.names([row.to_npn]).get(row.to_npn, row.to_npn)
    moving = [
        Moving(one.subscriber_id, _consent(row, number, new, languages.get(one.subscriber_id, "en")))
        for one, _ in entering
    ]
    made = move.enter(moving, npn=row.to_npn, source=f"transfer {number}", by=BY_TIMETABLE, now=now)
    steps: list[tuple[int, str, datetime, str, int | None]] = [
        (one.pk, MOVED, now, "", id) for (one, _), id in zip(entering, made, strict=True)
    ]
    steps += [(one.pk, LEFT_OUT, now, because[:300], None) for one, because in left_out]
    bulk.load(Step, _STEP, steps)
    say.to_households(
        "transfer entered", {f"{number}:{prospect.key}": prospect.people for _, prospect in entering}, now=now
    )


def _consent(row: Transfer, number: str, new: str, language: str) -> ConsentGiven:
    """The letter without an answer is the agreement (readings, R10); access waits for the consumer's own act."""
    return ConsentGiven(
        act="letter without an opt-out",
        shown=f"Your broker gives their work to {new} (NPN {row.to_npn}) on {row.on}. You can say no until then.",
        template_version=LETTER,
        parties=f"household, broker {row.to_npn}",
        purpose="help with coverage; no access to data before the consumer confirms",
        language=language,
        reference=number,
    )


# Undone -------------------------------------------------------------------------------------------------------------


def undo(number: str, *, by: Actor, now: datetime) -> tuple[Decision, int]:
    """An officer takes it back within the days of an undo: the former broker is restored without a gap.

    Who has confirmed the new broker, or chosen since, stays as they chose. How many households. Raises Refused.
    """
    row = of_officer(number, by)
    steps = Step.objects.filter(household__transfer=row, kind=MOVED).select_related("household").order_by("pk")
    first = steps.first()
    decision = association.undo(
        is_open=first is not None,
        confirmed_at=first.at if first else now,
        now=now,
        parameters=calendar.parameters(),
    )
    done = 0
    if decision.granted:
        done = sum(_undo_some(number, list(some), by=by, now=now) for some in batched(steps, HOUSEHOLDS_AT_ONCE))
        move.settled(now=now)
    with transaction.atomic():
        if done:
            say.to_brokers("book moved back", [row.from_npn], about=number, now=now, number=number)
            tell_who_asked("book moved back", row, now=now)
        journaled("transfer.undone", ("case", number), decision, by=by, now=now, households=done)
    return decision, done


@transaction.atomic
def _undo_some(number: str, steps: list[Step], *, by: Actor, now: datetime) -> int:
    ids = [one.association_id for one in steps if one.association_id is not None]
    changes = association_facts.access_changes(ids)
    opened = set(Open.objects.filter(among("association", ids)).values_list("association_id", flat=True))
    back = [
        one for one in steps if one.association_id in opened and changes.get(one.association_id) != Change.CONFIRMED
    ]
    with locks.shared("writers"):
        _hold([one.household for one in back])
        taken = [one.association_id for one in back if one.association_id is not None]
        move.take_back(taken, source=f"transfer {number}", by=by, now=now)
        bulk.load(Step, _STEP, [(one.household_id, UNDONE, now, "", one.association_id) for one in back])
        told = {f"{number}:{one.household.household_key}": [one.household.subscriber_id] for one in back}
        say.to_households("transfer undone", told, now=now)
    return len(back)
