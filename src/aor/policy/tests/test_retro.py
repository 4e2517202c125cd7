"""Retroactive requests: the last day in time, what outweighs what, and that nobody learns who has coverage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.policy import retro
from aor.policy.decision import Decision
from aor.policy.parameters import Dated, Parameters
from aor.policy.retro import Asked, Found, Outcome
from aor.policy.standing import CarrierFacts
from aor.policy.tests import facts
from aor.terms.period import Period

JANUARY = date(2026, 1, 1)
PARAMETERS = replace(
    facts.PARAMETERS,
    values={
        **facts.PARAMETERS.values,
        "retro_months": (Dated(facts.LONG_AGO, 6),),
        "retro_statute_confirmed": (Dated(facts.LONG_AGO, False),),
    },
)
CONFIRMED = replace(
    PARAMETERS, values={**PARAMETERS.values, "retro_statute_confirmed": (Dated(facts.LONG_AGO, True),)}
)
ASKED = Asked(facts.A, date(2026, 3, 10), JANUARY, date(2025, 12, 5), date(2025, 12, 5), True, True)
FOUND = Found(JANUARY, date(2025, 12, 5), associated=True, on_file=True)


def outcome(
    asked: Asked = ASKED, found: Found | None = FOUND, parameters: Parameters = PARAMETERS, **standing: Any
) -> Outcome:
    return retro.propose(asked, found, facts.standing(facts.A, **standing), facts.HEALTHCO, parameters).outcome


@pytest.mark.parametrize(
    ("effective", "last"),
    [
        ("2026-01-01", "2026-07-01"),
        ("2025-08-31", "2026-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2026-03-31", "2026-09-30"),
        ("2026-02-28", "2026-08-28"),
        ("2026-07-01", "2027-01-01"),
        ("2026-12-15", "2027-06-15"),
    ],
)
def test_the_last_day_is_the_same_day_six_months_later_or_the_last_of_that_month(effective: str, last: str) -> None:
    day = date.fromisoformat(effective)
    until = date.fromisoformat(last)
    assert retro.last_day(day, 6) == until
    in_time = [
        retro.in_time(replace(ASKED, effective_on=day, received_on=one), 6).met
        for one in (until, until + timedelta(1))
    ]
    assert in_time == [True, False]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 40))
def test_the_last_day_never_goes_back_and_is_never_a_month_off(day: date, months: int) -> None:
    last = retro.last_day(day, months)
    assert (last.year - day.year) * 12 + last.month - day.month == months
    assert last <= retro.last_day(day + timedelta(1), months)
    assert last.day == day.day or (last + timedelta(1)).day == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Outcome.APPROVED),
        ({"navigator": True}, Outcome.OFFICER),
        ({"others": True}, Outcome.PROSPECTIVE),
        ({"others": True, "associated": False}, Outcome.MORE),
        ({"associated": False}, Outcome.MORE),
        ({"in_force": False}, Outcome.MORE),
        ({"own_since": JANUARY}, Outcome.DENIED),
        ({"own_since": date(2026, 4, 1)}, Outcome.APPROVED),
        ({"objected": True}, Outcome.DENIED),
        ({"objected": True, "others": True}, Outcome.DENIED),
    ],
)
def test_what_is_found_proposes(change: dict[str, Any], expected: Outcome) -> None:
    assert outcome(found=replace(FOUND, **change)) is expected


@pytest.mark.parametrize(
    ("change", "expected", "confirmed"),
    [
        ({"received_on": date(2026, 7, 2)}, Outcome.PROSPECTIVE, Outcome.PROSPECTIVE),
        ({"received_on": date(2026, 7, 2), "asked_before": "R-1"}, Outcome.DENIED, Outcome.DENIED),
        ({"agreement_on": date(2026, 1, 2)}, Outcome.OFFICER, Outcome.DENIED),
        ({"agreement_on": None}, Outcome.MORE, Outcome.MORE),
        ({"agreement_shown": False}, Outcome.MORE, Outcome.MORE),
        ({"attested": False}, Outcome.MORE, Outcome.MORE),
    ],
)
def test_what_is_asked_proposes(change: dict[str, Any], expected: Outcome, confirmed: Outcome) -> None:
    asked = replace(ASKED, **change)
    assert (outcome(asked), outcome(asked, parameters=CONFIRMED)) == (expected, confirmed)


@pytest.mark.parametrize("lacking", ["certifications", "licenses", "appointments"])
def test_who_was_not_in_standing_at_enrollment_is_denied_whatever_came_later(lacking: str) -> None:
    assert outcome(**dict[str, Any]({lacking: {} if lacking == "appointments" else ()})) is Outcome.DENIED


def test_the_enrollment_date_on_file_counts_not_the_one_remembered() -> None:
    late = (Period(date(2025, 12, 21)),)
    asked = replace(ASKED, enrolled_on=date(2025, 12, 10))
    assert outcome(asked, appointments={"10001": late}) is Outcome.DENIED
    assert (
        outcome(asked, replace(FOUND, enrolled_on=date(2025, 12, 6)), appointments={"10001": late})
        is Outcome.APPROVED
    )


def test_an_appointment_that_nobody_can_tell_is_for_the_officer_unless_the_carrier_said_send() -> None:
    for setting, expected in (("hold", Outcome.OFFICER), ("send", Outcome.APPROVED)):
        carrier = CarrierFacts("10001", "HealthCo", appointments_known=False, unknown_appointment=setting)
        assert retro.propose(ASKED, FOUND, facts.standing(facts.A), carrier, PARAMETERS).outcome is expected


def test_without_an_association_on_file_every_cause_reads_alike() -> None:
    flags = product((True, False), repeat=4)
    unknown: list[Found | None] = [None]
    for in_force, others, navigator, objected in flags:
        for effective, enrolled in ((JANUARY, date(2025, 1, 1)), (date(2026, 2, 1), date(2025, 12, 5))):
            unknown.append(Found(effective, enrolled, in_force, others, navigator, objected=objected))
    told = {retro.told(ASKED, found, facts.standing(facts.A), facts.HEALTHCO, PARAMETERS) for found in unknown}
    assert len(told) == 1
    assert told.pop().unmet == (retro.NOT_TOLD,)


def test_with_an_association_on_file_everything_is_told() -> None:
    told = retro.told(ASKED, FOUND, facts.standing(facts.A), facts.HEALTHCO, PARAMETERS)
    assert isinstance(told, Decision)
    assert told.granted
    assert "COVERAGE_FOUND" in {one.rule for one in told.findings}


def test_no_finding_names_another_broker() -> None:
    found = replace(FOUND, others=True, navigator=True)
    decision = retro.propose(ASKED, found, facts.standing(facts.A), facts.HEALTHCO, PARAMETERS).decision
    assert facts.B not in str(decision)
    assert "NO_OTHER_PRODUCER" in {one.rule for one in decision.unmet}


@pytest.mark.parametrize(
    ("wanted", "because", "granted"),
    [
        (Outcome.APPROVED, "", True),
        (Outcome.DENIED, "", False),
        (Outcome.DENIED, "the evidence is of another household", True),
        (Outcome.PROSPECTIVE, " ", False),
    ],
)
def test_an_officer_who_decides_otherwise_says_why(wanted: Outcome, because: str, granted: bool) -> None:
    proposal = retro.propose(ASKED, FOUND, facts.standing(facts.A), facts.HEALTHCO, PARAMETERS)
    assert retro.ruling(proposal, wanted, because=because).granted is granted


def test_what_only_the_statute_says_an_officer_may_weigh() -> None:
    asked = replace(ASKED, agreement_on=date(2026, 1, 5))
    proposal = retro.propose(asked, FOUND, facts.standing(facts.A), facts.HEALTHCO, PARAMETERS)
    assert not retro.ruling(proposal, Outcome.APPROVED, because="").granted
    assert retro.ruling(proposal, Outcome.APPROVED, because="they had agreed by mail before").granted


def test_late_requests_cannot_be_approved_for_any_reason() -> None:
    proposal = retro.propose(
        replace(ASKED, received_on=date(2026, 7, 2)), FOUND, facts.standing(facts.A), facts.HEALTHCO, PARAMETERS
    )
    assert not retro.ruling(proposal, Outcome.APPROVED, because="it is only a day").granted
