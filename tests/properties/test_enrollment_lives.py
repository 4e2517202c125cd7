"""An enrollment becomes the same whatever order its events arrive in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aor.enrollments.lifecycle import ADD, CANCEL, CHANGE, END, REINSTATE, EventFacts, states

START = date(2026, 2, 1)
NOON = datetime(2026, 1, 5, 18, tzinfo=UTC)


@st.composite
def events(draw: st.DrawFn) -> list[EventFacts]:
    return [_event(draw, number) for number in range(draw(st.integers(1, 7)))]


def _event(draw: st.DrawFn, number: int) -> EventFacts:
    kind = draw(st.sampled_from([ADD, ADD, CHANGE, END, CANCEL, REINSTATE]))
    carrier = draw(st.sampled_from(["10001", "10001", "10002"]))
    until = draw(st.one_of(st.none(), st.integers(0, 120).map(lambda n: START + timedelta(n))))
    sent_at = NOON + timedelta(hours=draw(st.integers(0, 4)))
    plain: dict[str, Any] = {
        "kind": kind,
        "sent_at": sent_at,
        "sent_day": sent_at.date(),
        "isa08": f"{carrier}0000",
        "isa13": str(draw(st.sampled_from([9, 10])) * 10 + number),
        "st02": str(number),
        "issuer_id": "",
        "hios_issuer_id": carrier if kind == ADD or draw(st.booleans()) else "",
        "policy_id": "P1",
        "subscriber_id": "S1",
        "member_id": "S1",
        "plan_id": "",
        "coverage_kind": "HLT",
        "start": START if kind == ADD else None,
        "until": until,
        "requested_on": draw(st.sampled_from([None, date(2026, 1, 2), date(2026, 1, 3)])),
        "last_name": draw(st.sampled_from(["", "Olson", "Vang"])),
        "first_name": "",
        "middle_name": "",
        "birth_date": None,
        "sex": "",
    }
    return EventFacts(**plain)


@settings(max_examples=300)
@given(events(), st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(told: list[EventFacts], by: Random) -> None:
    assert states(by.sample(told, len(told))) == states(told)


@settings(max_examples=300)
@given(events())
def test_coverage_is_never_empty_nor_longer_than_was_ever_told(told: list[EventFacts]) -> None:
    for state in states(told):
        ends = [event.until for event in told if event.until]
        assert state.start < state.until <= state.told_until
        assert state.told_until <= max([date(2027, 1, 1), *ends])
        assert any(event.kind == ADD and event.hios_issuer_id == state.hios_issuer_id for event in told)
        assert state.sent_at == min(
            event.sent_at for event in told if event.kind == ADD and event.hios_issuer_id == state.hios_issuer_id
        )


@given(events())
def test_a_cancel_sent_last_cancels_and_a_reinstatement_after_it_restores(told: list[EventFacts]) -> None:
    for state in states(told):
        last = _event_after(CANCEL, state.hios_issuer_id, 1)
        cancelled = next(one for one in states([*told, last]) if one.hios_issuer_id == state.hios_issuer_id)
        assert cancelled.cancelled
        back = _event_after(REINSTATE, state.hios_issuer_id, 2)
        restored = next(one for one in states([*told, last, back]) if one.hios_issuer_id == state.hios_issuer_id)
        assert not restored.cancelled
        assert restored.until == state.told_until


def _event_after(kind: str, carrier: str, days: int) -> EventFacts:
    sent_at = NOON + timedelta(days=days)
    return EventFacts(
        kind, sent_at, sent_at.date(), f"{carrier}0000", "900", "1", "", carrier, "P1", "S1", "S1", "", "HLT",
        None, None, None, "", "", "", None, "",
    )  # fmt: skip
