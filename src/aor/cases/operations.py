"""Cases changed. Departments say `from aor.cases import operations as cases`.

    opened = cases.open_many(kind="discrepancy", subjects=[("claim", "17")],
                             clocks={cases.ANSWER: Allowance(10, Unit.BUSINESS_DAYS)}, by=broker, now=now)
    cases.claim(number, version=1, by=officer, now=now)          # an officer takes it; release, hand_over
    cases.wait(number, version=2, by=officer, now=now)           # we asked for more: its clocks stand still
    cases.resume(number, version=3, by=broker, now=now)          # more came: they run on, due as much later
    cases.answer(number, version=4, by=officer, now=now)         # our word; meets the clock "answer"
    cases.agree / escalate / close                               # the other side's word, or the end

A step names the version that its person saw: of two people who act on one, exactly one has an effect, and the other
gets `Refused` with a sentence. Nobody is told by this department: what must be said is queued by the department that
opened the case, in the same transaction. Every step is journaled under ("case", number).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aor.audit import operations as journal
from aor.audit.operations import Subject
from aor.calendar import queries as calendar
from aor.cases import clocks as rules
from aor.cases.clocks import Allowance
from aor.cases.models import OURS, Case, Clock, Event, Series, State, Stop
from aor.engine import bulk
from aor.engine.among import among
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of

PREFIXES = {
    "discrepancy": "D", "retro": "R", "incident": "I", "dispute": "U", "transfer": "T", "message": "M", "reply": "Q",
    "npn correction": "N",
    "second consent": "S", "agency registration": "G",
    "signal": "V",
}  # fmt: skip
ANSWER = "answer"  # the clock that our word meets
OFFICIALS = frozenset({Role.OFFICER, Role.LEAD, Role.SYSTEM})
DESK = (Role.OFFICER, "")  # the recipient of what is written to the marketplace


class Refused(Exception):
    """Why a case was not changed, in a sentence for the person who tried."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new case: its row, its number; its version is 1."""

    id: int
    number: str


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of step: from which states, to which (None: it stays), and what an official must be."""

    what: str
    since: frozenset[State]
    to: State | None = None
    official: bool = True


_OPEN = frozenset(set(State) - {State.CLOSED})
_OURS = frozenset(OURS)
CLAIM = Step("claimed", _OURS | {State.WAITING})
RELEASE = Step("released", _OPEN)
HAND_OVER = Step("handed over", _OPEN)
WAIT = Step("stopped", _OURS, State.WAITING)
RESUME = Step("resumed", frozenset({State.WAITING}), State.QUEUED, official=False)
ANSWERING = Step("answered", _OURS, State.ANSWERED)
AGREE = Step("agreed", frozenset({State.ANSWERED}), State.CLOSED, official=False)
ESCALATE = Step("escalated", frozenset({State.ANSWERED}), State.ESCALATED, official=False)
WITHDRAW = Step("withdrawn", _OPEN, State.CLOSED, official=False)
CLOSE = Step("closed", _OPEN, State.CLOSED)


# Opened ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_many(
    *, kind: str, subjects: Sequence[Subject], clocks: Mapping[str, Allowance], by: Actor, now: datetime
) -> list[Opened]:
    """Opens a case for each subject (kind, identifier), in order; `clocks` start at once."""
    prefix, year = PREFIXES[kind], day_of(now).year
    first = _reserve(prefix, year, len(subjects))
    ids = bulk.next_ids(Case, len(subjects))
    opened = [Opened(id, f"{prefix}-{year}-{first + n:06d}") for n, id in enumerate(ids)]
    bulk.load(
        Case,
        ("id", "number", "kind", "opened_at", "opened_role", "opened_name", "opened_npn", "subject_kind",
         "subject_id", "state", "version", "assigned_to"),
        [
            (one.id, one.number, kind, now, by.role.value, by.name, by.npn, *subject, State.QUEUED.value, 1, "")
            for one, subject in zip(opened, subjects, strict=True)
        ],
    )  # fmt: skip
    _record([(one.id, 1, State.QUEUED, "") for one in opened], "opened", by=by, now=now)
    for name, allowed in clocks.items():
        start_clocks([one.id for one in opened], name=name, allowed=allowed, now=now)
    _journal("opened", [one.number for one in opened], by=by, now=now)
    return opened


def open_one(*, kind: str, subject: Subject, clocks: Mapping[str, Allowance], by: Actor, now: datetime) -> Opened:
    """Opens one case."""
    return open_many(kind=kind, subjects=[subject], clocks=clocks, by=by, now=now)[0]


def _reserve(prefix: str, year: int, count: int) -> int:
    """The first of `count` numbers, which nobody else gets."""
    Series.objects.bulk_create([Series(prefix=prefix, year=year)], ignore_conflicts=True)
    series = Series.objects.select_for_update().get(prefix=prefix, year=year)
    first = series.last + 1
    Series.objects.filter(pk=series.pk).update(last=series.last + count)
    return first


# Steps -----------------------------------------------------------------------------------------------------------


def claim(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """An officer takes the case. Raises Refused, as every step does."""
    take(CLAIM, number, version=version, by=by, now=now, assign=by.name)


def release(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """The officer gives the case back to the queue, where it keeps its place."""
    take(RELEASE, number, version=version, by=by, now=now, assign="")


def hand_over(number: str, *, to: str, version: int, by: Actor, now: datetime) -> None:
    """The officer hands the case to another, by account name."""
    take(HAND_OVER, number, version=version, by=by, now=now, assign=to)


def wait(number: str, *, version: int, by: Actor, now: datetime, note: str = "") -> None:
    """We asked the other side for more: the clocks of the case stand still."""
    take(WAIT, number, version=version, by=by, now=now, note=note)


def resume(number: str, *, version: int, by: Actor, now: datetime, note: str = "") -> None:
    """The other side answered: the clocks run on, due as much later as they stood; the case has its old place."""
    take(RESUME, number, version=version, by=by, now=now, note=note)


def answer(number: str, *, version: int, by: Actor, now: datetime, note: str = "") -> None:
    """Our word is given. An escalated case is answered by another officer than before."""
    take(ANSWERING, number, version=version, by=by, now=now, note=note)


def agree(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """The other side agrees: the case is closed."""
    take(AGREE, number, version=version, by=by, now=now)


def escalate(
    number: str, *, version: int, by: Actor, now: datetime, clocks: Mapping[str, Allowance] | None = None
) -> None:
    """The other side does not agree: another officer hears it, with clocks of its own."""
    take(ESCALATE, number, version=version, by=by, now=now, clocks=clocks, assign="")


def withdraw(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """Who opened the case takes it back."""
    take(WITHDRAW, number, version=version, by=by, now=now)


def close(number: str, *, version: int, by: Actor, now: datetime, note: str = "") -> None:
    """An officer closes the case, or the system does when its time is over."""
    take(CLOSE, number, version=version, by=by, now=now, note=note)


def take(
    step: Step,
    number: str,
    *,
    version: int,
    by: Actor,
    now: datetime,
    note: str = "",
    assign: str | None = None,
    clocks: Mapping[str, Allowance] | None = None,
) -> None:
    """One step of one case. Raises Refused."""
    refused = take_many(step, {number: version}, by=by, now=now, note=note, assign=assign, clocks=clocks)
    if refused:
        raise Refused(refused[number])


@transaction.atomic
def take_many(
    step: Step,
    versions: Mapping[str, int],
    *,
    by: Actor,
    now: datetime,
    note: str = "",
    assign: str | None = None,
    clocks: Mapping[str, Allowance] | None = None,
) -> dict[str, str]:
    """The same step of many cases, by number and the version seen; returns the sentence of each one refused."""
    rows = Case.objects.select_for_update().filter(among("number", versions)).order_by("id")
    found = {row.number: row for row in rows}
    heard = _answered_by(found.values())
    refused = {
        number: because
        for number, version in versions.items()
        if (because := _against(step, number, found.get(number), version, heard, by=by, assign=assign))
    }
    taken = [row for number, row in found.items() if number not in refused]
    escalated = set(
        Event.objects.filter(case__in=taken, state=State.ESCALATED).values_list("case_id", flat=True)
        if step.to is State.QUEUED
        else ()
    )
    after = []
    for row in taken:
        state = State.ESCALATED if row.pk in escalated else step.to or State(row.state)
        after.append((row.pk, row.version + 1, state, row.assigned_to if assign is None else assign))
    bulk.update(Case, "id", ["version", "state", "assigned_to"], [(*one[:2], one[2].value, one[3]) for one in after])
    _record(after, step.what, by=by, now=now, note=note)
    ids = [row.pk for row in taken]
    _run_clocks(step, ids, now=now)
    for name, allowed in (clocks or {}).items():
        start_clocks(ids, name=name, allowed=allowed, now=now)
    _journal(step.what, [row.number for row in taken], by=by, now=now)
    return refused


def _answered_by(rows: Iterable[Case]) -> set[tuple[int, str]]:
    """Who gave an earlier word in cases that were escalated since."""
    escalated = [row.pk for row in rows if row.state == State.ESCALATED]
    return set(
        Event.objects.filter(case__in=escalated, what=ANSWERING.what).values_list("case_id", "by_name")
        if escalated
        else ()
    )


def _against(
    step: Step,
    number: str,
    row: Case | None,
    version: int,
    heard: set[tuple[int, str]],
    *,
    by: Actor,
    assign: str | None,
) -> str:
    """Why a step is not taken; "" when there is nothing against it."""
    official = by.role in OFFICIALS
    if row is None or not is_own(row, by):
        return f"there is no case {number}"
    if row.version != version:
        return f"{number} has changed since it was read: it is {row.state} now; read it again"
    if State(row.state) not in step.since:
        return f"{number} is {row.state}, so it cannot be {step.what}"
    if step.official and not official:
        return f"{number} can only be {step.what} by the marketplace"
    if official and by.role is not Role.SYSTEM and step is not HAND_OVER and row.assigned_to not in ("", by.name):
        return f"{number} is assigned to {row.assigned_to}"
    if (row.pk, by.name if assign is None else assign) in heard:
        return f"{number} was escalated: another officer than the one who answered it must hear it"
    return ""


def _record(
    steps: Iterable[tuple[int, int, State, str]], what: str, *, by: Actor, now: datetime, note: str = ""
) -> None:
    bulk.load(
        Event,
        ("case_id", "version", "at", "by_role", "by_name", "by_npn", "what", "state", "assigned_to", "note"),
        [
            (id, version, now, by.role.value, by.name, by.npn, what, state.value, assigned, note[:300])
            for id, version, state, assigned in steps
        ],
    )


def _journal(what: str, numbers: Iterable[str], *, by: Actor, now: datetime) -> None:
    entries = [journal.Entry(("case", number)) for number in numbers]
    journal.write_many(verb=f"case.{what.replace(' ', '_')}", entries=entries, by=by, at=now)


# Clocks ----------------------------------------------------------------------------------------------------------


def start_clocks(cases: Sequence[int], *, name: str, allowed: Allowance, now: datetime) -> None:
    """Starts a clock of the same name in each case."""
    due = rules.due_at(now, allowed, (), calendar.parameters())
    bulk.load(
        Clock,
        ("case_id", "name", "amount", "unit", "started_at", "due_at"),
        [(case, name, allowed.amount, allowed.unit.value, now, due) for case in cases],
    )


def meet(number: str, *, name: str, now: datetime) -> None:
    """What a clock of the case measures has been done; a clock that stands still had been met by then."""
    _meet(Clock.objects.filter(case__number=number, name=name, met_at=None).values_list("pk", flat=True), now=now)


def _run_clocks(step: Step, cases: Sequence[int], *, now: datetime) -> None:
    running = Clock.objects.filter(among("case", cases), met_at=None)
    if step is WAIT:
        running.filter(stopped_at=None).update(stopped_at=now)
    elif step is RESUME:
        _resume(running.exclude(stopped_at=None), now=now)
    elif step is ANSWERING:
        _meet(running.filter(name=ANSWER).values_list("pk", flat=True), now=now)
    elif step.to is State.CLOSED:
        _meet(running.values_list("pk", flat=True), now=now)


def _meet(clocks: Iterable[int], *, now: datetime) -> None:
    Clock.objects.filter(among("id", clocks)).update(met_at=now, stopped_at=None)


def _resume(clocks: Iterable[Clock], *, now: datetime) -> None:
    standing, parameters = list(clocks), calendar.parameters()
    bulk.load(
        Stop,
        ("clock_id", "stopped_at", "resumed_at"),
        [(clock.pk, clock.stopped_at, max(now, clock.stopped_at or now)) for clock in standing],
    )
    stops: dict[int, list[tuple[datetime, datetime]]] = {}
    rows = Stop.objects.filter(clock__in=standing)
    for id, since, until in rows.values_list("clock_id", "stopped_at", "resumed_at"):
        stops.setdefault(id, []).append((since, until))
    due = [
        (clock.pk, rules.due_at(clock.started_at, allowance_of(clock), stops[clock.pk], parameters), None)
        for clock in standing
    ]
    bulk.update(Clock, "id", ["due_at", "stopped_at"], due)


def allowance_of(clock: Clock) -> Allowance:
    return Allowance(clock.amount, rules.Unit(clock.unit))


# Whose -----------------------------------------------------------------------------------------------------------


def is_own(row: Case, by: Actor) -> bool:
    """Whether somebody may see a case: the marketplace, the broker whose it is, or the person who opened it."""
    if by.role in OFFICIALS or by.role is Role.AUDITOR:
        return True
    if by.npn:
        return row.opened_npn == by.npn
    return (row.opened_role, row.opened_name) == (by.role, by.name)
