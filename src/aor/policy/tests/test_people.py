"""Names as they are compared, suspensions cut out of certifications, and what a broker holds on a day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.policy import readiness
from aor.policy.invitation import plain
from aor.policy.readiness import Holding
from aor.policy.standing import BrokerStanding, Certification, but_suspended
from aor.policy.tests.facts import PARAMETERS
from aor.terms.period import Period, merged

FIRST = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("López-Núñez", "LOPEZ NUNEZ"),
        ("O’Brien", "obrien"),
        ("Łukasz", "LUKASZ"),
        ("Strauß", "STRAUSS"),
        ("Ng ", "ng"),
    ],
)
def test_the_same_name_in_other_letters(name: str, other: str) -> None:
    assert plain(name) == plain(other)


@given(st.text(max_size=20))
def test_a_plain_name_stays_plain(name: str) -> None:
    assert plain(plain(name)) == plain(name)


days = st.integers(0, 60).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(days)
    return Period(start, draw(st.none() | st.integers(1, 30).map(lambda n: start + timedelta(days=n))))


@given(held=st.lists(periods(), max_size=3), away=st.lists(periods(), max_size=3))
def test_a_certification_counts_on_its_days_but_those_of_suspensions(held: list[Period], away: list[Period]) -> None:
    given_ = [Certification(2026, one.start, one.until) for one in held]
    left = [Period(one.certified_on, one.revoked_on) for one in but_suspended(given_, merged(away))]
    for n in range(100):
        day = FIRST + timedelta(days=n)
        expected = any(day in one for one in held) and not any(day in one for one in away)
        assert any(day in one for one in left) == expected


def test_what_a_broker_holds_on_a_day_and_until_when() -> None:
    standing = BrokerStanding(
        "1234567",
        certifications=(Certification(2026, date(2025, 10, 1)),),
        licenses=(Period(date(2025, 1, 1), date(2026, 6, 1)),),
        appointments={"11111": (Period(date(2026, 5, 1)),)},
    )
    assert list(readiness.holdings(standing, date(2026, 3, 1), ["11111"], PARAMETERS)) == [
        Holding("1234567", "certification", True, date(2026, 11, 1)),
        Holding("1234567", "license", True, date(2026, 6, 1)),
        Holding("1234567", "appointment", False, None, "11111"),
    ]
