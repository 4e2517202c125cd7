"""An enrollment's life as a fold of what was sent of it, in the order it was sent (readings, Words and R4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from aor.terms.period import end_of_plan_year

ADD, CHANGE, END, CANCEL, REINSTATE = "add", "change", "end", "cancel", "reinstate"


class EventFacts(NamedTuple):
    """One subscriber's coverage in one transaction set; `until` is the first day that no longer counts."""

    kind: str
    sent_at: datetime
    sent_day: date
    isa08: str
    isa13: str
    st02: str
    issuer_id: str
    hios_issuer_id: str
    policy_id: str
    subscriber_id: str
    member_id: str
    plan_id: str
    coverage_kind: str
    start: date | None
    until: date | None
    requested_on: date | None
    last_name: str
    first_name: str
    middle_name: str
    birth_date: date | None
    sex: str
    unsent: bool | None = None  # told before it went to the carrier (readings, R4)
    application_id: str = ""
    email: str = ""
    phone: str = ""

    @property
    def order(self) -> tuple[datetime, str, str]:
        return (self.sent_at, self.isa13.zfill(9), self.st02.zfill(9))


class EnrollmentState(NamedTuple):
    """What an enrollment has become. Fields as `enrollments.models.Enrollment`."""

    hios_issuer_id: str
    policy_id: str
    subscriber_id: str
    coverage_kind: str
    plan_id: str
    member_id: str
    start: date
    until: date
    told_until: date
    cancelled: bool
    enrolled_on: date
    sent_at: datetime | None
    sent_day: date | None
    last_name: str
    first_name: str
    middle_name: str
    birth_date: date | None
    sex: str


def states(events: Iterable[EventFacts]) -> list[EnrollmentState]:
    """The enrollments of one policy id: one a carrier. Events of a policy with no addition yet wait."""
    ordered = sorted(events, key=lambda event: event.order)
    by_carrier: dict[str, list[EventFacts]] = {}
    for event in ordered:
        if event.hios_issuer_id:
            by_carrier.setdefault(event.hios_issuer_id, [])
    for event in ordered:
        hios = event.hios_issuer_id or _carrier_of(event, ordered, list(by_carrier))
        if hios:
            by_carrier[hios].append(event)
    folded = (_fold(hios, own) for hios, own in by_carrier.items())
    return [state for state in folded if state is not None]


def _carrier_of(event: EventFacts, others: Sequence[EventFacts], carriers: Sequence[str]) -> str:
    """The carrier of a set that names no plan: the policy's only one, else the one told at the same address."""
    if len(carriers) == 1:
        return carriers[0]
    told = {
        other.hios_issuer_id
        for other in others
        if other.hios_issuer_id
        and (other.isa08 == event.isa08 or (event.issuer_id and other.issuer_id == event.issuer_id))
    }
    return told.pop() if len(told) == 1 else ""


def _fold(hios: str, events: Sequence[EventFacts]) -> EnrollmentState | None:
    state: EnrollmentState | None = None
    for event in events:
        if event.kind == ADD:
            state = _added(hios, event, state)
        elif state is not None:
            state = _followed(state, event)
    return state


def _added(hios: str, event: EventFacts, before: EnrollmentState | None) -> EnrollmentState | None:
    if event.start is None:
        return before
    anew = before is None or before.cancelled
    until = event.until or end_of_plan_year(event.start)
    sent_at, sent_day = (None, None) if event.unsent else (event.sent_at, event.sent_day)
    if before is not None and before.sent_at is not None:
        sent_at, sent_day = before.sent_at, before.sent_day
    return EnrollmentState(
        hios_issuer_id=hios,
        policy_id=event.policy_id,
        subscriber_id=event.subscriber_id,
        coverage_kind=event.coverage_kind,
        plan_id=event.plan_id,
        member_id=event.member_id,
        start=event.start,
        until=max(until, event.start + timedelta(days=1)),
        told_until=max(until, event.start + timedelta(days=1)),
        cancelled=until <= event.start,
        enrolled_on=(event.requested_on or event.sent_day) if anew or before is None else before.enrolled_on,
        sent_at=sent_at,
        sent_day=sent_day,
        last_name=event.last_name,
        first_name=event.first_name,
        middle_name=event.middle_name,
        birth_date=event.birth_date,
        sex=event.sex,
    )


def _followed(state: EnrollmentState, event: EventFacts) -> EnrollmentState:
    """A change, an end or a reinstatement of what was added."""
    state = state._replace(
        plan_id=event.plan_id or state.plan_id,
        last_name=event.last_name or state.last_name,
        first_name=event.first_name or state.first_name,
        middle_name=event.middle_name if event.last_name else state.middle_name,
        birth_date=event.birth_date or state.birth_date,
        sex=event.sex or state.sex,
    )
    if event.kind == CHANGE:
        if event.until is None or state.cancelled or event.until <= state.start:
            return state
        return state._replace(until=event.until, told_until=max(state.told_until, event.until))
    if event.kind == REINSTATE:
        until = event.until if event.until is not None and event.until > state.start else state.told_until
        return state._replace(cancelled=False, until=until, told_until=max(until, state.told_until))
    # A cancel's last day is the first day of coverage or the day before (CMS companion guide 7.2, table 18).
    if event.kind == CANCEL or event.until is None or event.until <= state.start + timedelta(days=1):
        return state._replace(cancelled=True)
    return state._replace(until=min(event.until, state.told_until))
