"""Cases read: the queue and places in it, who works on what, what waits, what is late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q, QuerySet

from aor.calendar import queries as calendar
from aor.cases.models import OURS, Case, Clock, Event, Evidence, Message, State
from aor.cases.operations import ANSWER, is_own
from aor.engine.among import among
from aor.policy import business_days
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of, end_of

_BEFORE = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """A clock: `last_day` is the last Minnesota day in time; `stopped` while we wait for the other side."""

    id: int
    name: str
    started_at: datetime
    due_at: datetime
    stopped: bool
    met_at: datetime | None

    @property
    def last_day(self) -> date:
        return day_of(self.due_at - _BEFORE)

    def overdue(self, now: datetime) -> bool:
        """Whether it ran out, or did before it was met."""
        return not self.stopped and (self.met_at or now) >= self.due_at


@dataclass(frozen=True, slots=True)
class Reminder:
    """A clock that runs out soon, or has: said once, under `dedupe_key`, to its officer, or to the desk."""

    number: str
    kind: str
    clock: str
    due_at: datetime
    overdue: bool
    assigned_to: str
    dedupe_key: str


@dataclass(frozen=True, slots=True)
class Ageing:
    """Cases of a kind that are not closed: how many by state, how many by age in days, the oldest."""

    by_state: dict[str, int]
    by_age: dict[str, int]
    overdue: int
    oldest: datetime | None


def case(number: str, *, by: Actor) -> Case | None:
    """A case, if there is one that this person may see."""
    row = Case.objects.filter(number=number).first()
    return row if row is not None and is_own(row, by) else None


def cases(numbers: Iterable[str]) -> dict[str, Case]:
    """Cases by number."""
    return {row.number: row for row in Case.objects.filter(among("number", numbers))}


def about(kind: str, id: str) -> list[Case]:
    """The cases of one subject, in the order opened."""
    return list(Case.objects.filter(subject_kind=kind, subject_id=id).order_by("id"))


def queue(kind: str) -> QuerySet[Case]:
    """What is to be worked, in the order received; an escalated case has its old place."""
    return Case.objects.filter(kind=kind, state__in=OURS).order_by("id")


def places(kind: str) -> dict[int, int]:
    """The place in the queue, from 1, of every case of a kind that is ours to work, by the case's row."""
    return {id: place for place, id in enumerate(queue(kind).values_list("id", flat=True), start=1)}


def place(row: Case) -> int | None:
    """The place of one case, from 1; None while it waits for the other side or is done."""
    if row.state not in OURS:
        return None
    return queue(row.kind).filter(id__lte=row.pk).count()


def of_broker(npn: str, kind: str | None = None) -> QuerySet[Case]:
    """The cases that a broker opened, latest first."""
    rows = Case.objects.filter(opened_npn=npn).order_by("-id")
    return rows if kind is None else rows.filter(kind=kind)


def assigned_to(name: str) -> QuerySet[Case]:
    """What an officer has taken and not finished, in the order received."""
    return Case.objects.filter(assigned_to=name).exclude(state__in=[State.CLOSED, State.ANSWERED]).order_by("id")


def story(row: Case) -> list[Event]:
    """Every step of a case."""
    return list(row.events.order_by("version"))


def clocks(cases: Iterable[int]) -> dict[int, tuple[ClockFacts, ...]]:
    """The clocks of some cases, by the case's row, in the order started."""
    found: dict[int, tuple[ClockFacts, ...]] = {}
    for row in Clock.objects.filter(among("case", cases)).order_by("id"):
        facts = ClockFacts(row.pk, row.name, row.started_at, row.due_at, row.stopped_at is not None, row.met_at)
        found[row.case_id] = (*found.get(row.case_id, ()), facts)
    return found


def expected_on(clocks: Iterable[ClockFacts]) -> date | None:
    """The day by which we answer; None while we wait for the other side, or have answered."""
    return next(
        (one.last_day for one in clocks if one.name == ANSWER and not one.stopped and one.met_at is None), None
    )


def inbox(role: Role, id: str = "") -> QuerySet[Message]:
    """What was written to a role, or to one of it, unread first, latest first. The desk is (Role.OFFICER, "")."""
    rows = Message.objects.filter(to_role=role, to_id=id).select_related("case")
    return rows.annotate(is_read=Count("read_at")).order_by("is_read", "-at", "-id")


def unread(role: Role, id: str = "") -> int:
    """How many messages wait to be read."""
    return Message.objects.filter(to_role=role, to_id=id, read_at=None).count()


def evidence(row: Case) -> list[Evidence]:
    """The documents of a case, in the order they came. Their names are private data."""
    return list(row.evidence.order_by("id"))


def due_reminders(now: datetime) -> list[Reminder]:
    """Clocks that run out within the days of `reminder_business_days`, and those that have; soonest first."""
    parameters, today = calendar.parameters(), day_of(now)
    last = business_days.after(today, parameters.number("reminder_business_days", today), parameters)
    running = Clock.objects.filter(met_at=None, stopped_at=None, due_at__lte=end_of(last))
    return [
        Reminder(
            number=row.case.number,
            kind=row.case.kind,
            clock=row.name,
            due_at=row.due_at,
            overdue=row.due_at <= now,
            assigned_to=row.case.assigned_to,
            dedupe_key=f"clock:{row.pk}:{row.due_at.date()}:{'overdue' if row.due_at <= now else 'soon'}",
        )
        for row in running.select_related("case").order_by("due_at", "id")
    ]


AGES = (("up to 7 days", 7), ("up to 30 days", 30), ("up to 60 days", 60))


def ageing(kind: str, now: datetime) -> Ageing:
    """How old the cases of a kind are that are not closed."""
    rows = Case.objects.filter(kind=kind).exclude(state=State.CLOSED)
    by_state = dict(rows.values_list("state").annotate(Count("id")).order_by("state"))
    by_age, newer = dict[str, int](), Q()
    for words, days in AGES:
        since = Q(opened_at__gt=now - timedelta(days=days))
        by_age[words] = rows.filter(since & ~newer if newer else since).count()
        newer = since
    by_age["older"] = rows.exclude(newer).count()
    late = Clock.objects.filter(case__in=rows, met_at=None, stopped_at=None, due_at__lte=now)
    return Ageing(by_state, by_age, late.values("case").distinct().count(), rows.aggregate(at=Min("opened_at"))["at"])


def counts() -> dict[str, int]:
    """How many cases are ours to work, by kind."""
    rows = Case.objects.filter(state__in=OURS).order_by()
    return dict(rows.values_list("kind").annotate(Count("id")))


def opened(kind: str = "", state: str = "") -> QuerySet[Case]:
    """The cases of a kind, or of all, in a state, or not closed; the oldest first."""
    rows = Case.objects.filter(kind=kind) if kind else Case.objects.all()
    return (rows.filter(state=state) if state else rows.exclude(state=State.CLOSED)).order_by("id")
