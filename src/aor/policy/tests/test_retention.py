"""What ended is kept for its years to the day, and as long as a legal hold is on it or may be."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.policy import retention
from aor.policy.retention import Hold, Kind, Thing
from aor.terms.period import Period

TODAY = date(2036, 1, 1)
OVER = Thing(
    date(2026, 1, 1),
    Period(date(2025, 1, 1), date(2026, 1, 1)),
    subscribers=frozenset({"S1", "S2"}),
    npns=frozenset({"7000001"}),
    carriers=frozenset({"31616"}),
    cases=frozenset({"D-2026-000001"}),
)
NOBODY_KNOWS = Thing(date(2026, 1, 1), OVER.period, placed=False)


def decided(thing: Thing, *holds: Hold, today: date = TODAY) -> list[tuple[str, bool | None]]:
    decision = retention.disposal(thing, holds=holds, years=10, today=today)
    assert decision.granted == all(finding.met for finding in decision.findings)
    return [(finding.rule, finding.met) for finding in decision.findings]


def test_ten_years_are_over_on_their_day_and_not_before() -> None:
    assert decided(OVER) == [("RETENTION_ENDED", True), ("NO_LEGAL_HOLD", True)]
    assert decided(OVER, today=date(2035, 12, 31))[0] == ("RETENTION_ENDED", False)


@given(
    ended=st.dates(date(1950, 1, 1), date(2050, 1, 1)),
    years=st.integers(1, 30),
    day=st.dates(date(1960, 1, 1), date(2090, 1, 1)),
)
def test_the_last_day_to_look_for_finds_whatever_is_over_and_nothing_else(ended: date, years: int, day: date) -> None:
    assert (retention.kept_until(ended, years) <= day) == (ended <= retention.ended_by(day, years))


@pytest.mark.parametrize(
    ("hold", "on"),
    [
        (Hold(1, Kind.HOUSEHOLD, frozenset({"S2"})), True),
        (Hold(1, Kind.HOUSEHOLD, frozenset({"S3"})), False),
        (Hold(1, Kind.BROKER, frozenset({"7000001"})), True),
        (Hold(1, Kind.BROKER, frozenset({"7000002"})), False),
        (Hold(1, Kind.CARRIER, frozenset({"31616"})), True),
        (Hold(1, Kind.CARRIER, frozenset({"S1"})), False),
        (Hold(1, Kind.CASE, frozenset({"D-2026-000001"})), True),
        (Hold(1, Kind.CASE, frozenset({"D-2026-000009", "S1"})), True),
        (Hold(1, Kind.PERIOD, period=Period(date(2025, 12, 31), date(2026, 3, 1))), True),
        (Hold(1, Kind.PERIOD, period=Period(date(2026, 1, 1), date(2026, 3, 1))), False),
    ],
)
def test_a_hold_is_on_what_it_names_and_on_nothing_else(hold: Hold, on: bool) -> None:
    assert decided(OVER, hold)[1] == ("NO_LEGAL_HOLD", not on)


def test_of_what_nobody_can_place_every_hold_but_one_on_other_days_may_be_on_it() -> None:
    other = Hold(2, Kind.PERIOD, period=Period(date(2030, 1, 1), date(2030, 2, 1)))
    assert decided(NOBODY_KNOWS, other)[1] == ("NO_LEGAL_HOLD", True)
    assert decided(NOBODY_KNOWS, other, Hold(1, Kind.BROKER, frozenset({"7000002"})))[1] == ("NO_LEGAL_HOLD", None)
