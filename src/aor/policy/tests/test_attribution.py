"""Attribution where standing, corrections and what was told meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from aor.policy import attribution, renewal
from aor.policy.association import Association
from aor.policy.attribution import Attributed, Correction, EnrollmentFacts, HouseholdFacts
from aor.policy.renewal import Renewal
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.policy.tests.facts import PARAMETERS, A, B, association, enrollment, rows, standing
from aor.terms.period import Period

NAMED = association(1, A, "2025-12-05T15")
LATE: dict[str, Any] = {"appointments": {"10001": (Period(date(2026, 4, 3)),)}}
YEAR_END = "2027-01-01"


def facts(*held: Association, enrollments: tuple[EnrollmentFacts, ...], **standings: object) -> HouseholdFacts:
    return HouseholdFacts(enrollments, {"H": held}, {A: standing(A, **standings), B: standing(B)})


def decided(*held: Association, one: EnrollmentFacts | None = None, **standings: object) -> list[Attributed]:
    own = one or enrollment()
    return attribution.attribute(facts(*held, enrollments=(own,), **standings), PARAMETERS)[own.id]


def correction(start: date, until: date | None = None, npn: str = A, settles: date = date(2026, 6, 1)) -> Correction:
    return Correction(7, "retro", npn, Period(start, until), settles, "ticket 7")


def test_a_broker_named_anew_is_tested_anew_while_held() -> None:
    again = association(2, A, "2026-03-25T15")
    assert rows(decided(NAMED, **LATE)) == [(A, "2026-05-01", YEAR_END, True)]
    assert rows(decided(NAMED, again, **LATE)) == [(A, "2026-04-01", YEAR_END, True)]
    (entry,) = decided(NAMED, again, **LATE)
    assert (entry.association, entry.anchor) == (2, date(2026, 3, 25))


def test_a_broker_named_anew_is_not_tested_anew_while_in_standing() -> None:
    lapsed: dict[str, Any] = {"licenses": (Period(date(2000, 1, 1), date(2026, 2, 1)),)}
    (entry,) = decided(NAMED, association(2, A, "2026-03-25T15"), **lapsed)
    assert rows([entry]) == [(A, "2026-01-01", YEAR_END, True)]
    assert (entry.association, entry.anchor) == (1, date(2025, 12, 5))


def test_a_correction_frees_a_broker_who_was_held() -> None:
    never: dict[str, Any] = {"appointments": {}}
    held = enrollment(corrections=(correction(date(2026, 3, 1)),))
    assert rows(decided(NAMED, **never)) == [(A, "2026-01-01", YEAR_END, False)]
    assert rows(decided(NAMED, one=held, **never)) == [(A, "2026-03-01", YEAR_END, True)]


def test_a_correction_for_some_days_gives_them_back_to_the_association() -> None:
    corrected = enrollment(corrections=(correction(date(2026, 2, 1), date(2026, 4, 1), B),))
    assert rows(decided(NAMED, one=corrected)) == [
        (A, "2026-01-01", "2026-02-01", True),
        (B, "2026-02-01", "2026-04-01", True),
        (A, "2026-04-01", YEAR_END, True),
    ]


def test_the_correction_that_settled_most_counts() -> None:
    first = correction(date(2026, 1, 1), npn=A, settles=date(2026, 2, 1))
    later = replace(correction(date(2026, 1, 1), npn=B, settles=date(2026, 3, 1)), id=6)
    for both in ((first, later), (later, first)):
        assert [one.npn for one in decided(one=enrollment(corrections=both))] == [B]


def test_what_the_carrier_was_told_first_stays() -> None:
    told = enrollment(told=((A, date(2026, 5, 1)), (A, date(2026, 2, 1)), (B, date(2026, 1, 1))))
    (entry,) = decided(NAMED, one=told, appointments={})
    assert rows([entry]) == [(A, "2026-02-01", YEAR_END, True)]
    assert entry.decision.findings[-1].rule == "ALREADY_SENT"
    cured_later = decided(NAMED, one=told, **LATE)
    assert rows(cured_later) == [(A, "2026-02-01", YEAR_END, True)]


def test_what_was_told_adds_nothing_to_what_is_so_from_that_day() -> None:
    (entry,) = decided(NAMED, one=enrollment(told=((A, date(2026, 1, 1)),)))
    assert "ALREADY_SENT" not in {finding.rule for finding in entry.decision.findings}


def test_a_broker_of_whom_nothing_is_known_is_on_no_roster() -> None:
    own = enrollment()
    nobody = HouseholdFacts((own,), {"H": (NAMED,)}, {})
    (entry,) = attribution.attribute(nobody, PARAMETERS)[own.id]
    assert not entry.in_standing
    assert entry.decision.findings[2].because == f"broker {A} is on no roster"


def test_an_unknown_carrier_holds_even_what_is_otherwise_whole() -> None:
    stranger = enrollment(carrier=CarrierFacts("99999", "", known=False))
    (entry,) = decided(NAMED, one=stranger, appointments={"99999": (Period(date(2020, 1, 1)),)})
    assert [finding.rule for finding in entry.decision.unmet] == ["CARRIER_KNOWN"]
    assert not entry.in_standing


def test_coverage_without_an_end_is_attributed_without_one() -> None:
    endless = Period(date(2026, 1, 1))
    other = association(2, B, "2026-03-10T15")
    one = enrollment(coverage=endless, told_coverage=endless)
    assert rows(decided(NAMED, other, one=one)) == [
        (A, "2026-01-01", "2026-04-01", True),
        (B, "2026-04-01", "None", True),
    ]
    findings = attribution.findings_without_agent(one, facts(enrollments=(one,)), date(2026, 2, 1), PARAMETERS)
    assert [finding.rule for finding in findings] == ["ASSOCIATED"]
    assert attribution.coverage_not_ended(date(2030, 1, 1), endless).met


def test_of_coverage_that_was_cancelled_nobody_is_agent_of_record() -> None:
    cancelled = enrollment(coverage=None)
    assert decided(NAMED, one=cancelled) == []
    findings = attribution.findings_without_agent(
        cancelled, facts(NAMED, enrollments=(cancelled,)), date(2026, 2, 1), PARAMETERS
    )
    assert [(f.rule, f.because) for f in findings] == [
        ("COVERAGE_ENDED", "the coverage was cancelled and never in force")
    ]


REPLACED = enrollment(1, coverage=None)
LAPSED: dict[str, Any] = {"licenses": (Period(date(2000, 1, 1), date(2026, 2, 1)),)}


@pytest.mark.parametrize(
    ("others", "in_standing"),
    [
        ({}, True),
        ({"coverage_kind": "DEN"}, False),
        ({"carrier": CarrierFacts("10002", "Other", appointments_known=False, unknown_appointment="send")}, False),
        ({"memberships": ((Period(date.min), "K"),)}, False),
    ],
)
def test_a_replacement_is_of_the_same_household_carrier_and_coverage(
    others: dict[str, object], in_standing: bool
) -> None:
    new = enrollment(2, enrolled_on=date(2026, 3, 10), **others)
    held = facts(NAMED, enrollments=(REPLACED, new), **LAPSED)
    held = replace(held, associations={"H": (NAMED,), "K": (NAMED,)})
    assert attribution.attribute(held, PARAMETERS)[2][0].in_standing is in_standing


@pytest.mark.parametrize(
    ("ended", "start", "in_standing"),
    [
        (date(2026, 4, 1), date(2026, 4, 1), True),
        (date(2026, 4, 1), date(2026, 3, 1), True),
        (date(2026, 3, 31), date(2026, 4, 1), False),
        (date(2027, 1, 1), date(2026, 4, 1), False),
    ],
)
def test_a_replacement_continues_what_was_cut_short_without_a_gap(
    ended: date, start: date, in_standing: bool
) -> None:
    old = enrollment(1, coverage=Period(date(2026, 1, 1), ended))
    days = Period(start, date(2027, 1, 1))
    new = enrollment(2, coverage=days, told_coverage=days, enrolled_on=date(2026, 3, 10))
    held = facts(NAMED, enrollments=(new, old), **LAPSED)
    assert attribution.attribute(held, PARAMETERS)[2][0].in_standing is in_standing


def test_a_replacement_of_a_replacement_keeps_the_first_date() -> None:
    again = enrollment(2, coverage=None, enrolled_on=date(2026, 3, 10))
    last = enrollment(3, enrolled_on=date(2026, 4, 10))
    held = facts(NAMED, enrollments=(last, again, REPLACED), **LAPSED)
    assert attribution.attribute(held, PARAMETERS)[3][0].anchor == date(2025, 12, 5)


def test_a_renewal_that_another_broker_takes_is_lost_and_nobody_must_act() -> None:
    next_year = association(2, B, "2026-06-10T15", plan_year=2027)
    own = enrollment()
    held = facts(NAMED, next_year, enrollments=(own,))
    (prospect,) = renewal.prospects(held, [(1, A)], plan_year=2027, day=date(2026, 11, 5), parameters=PARAMETERS)
    assert (prospect.renewal, prospect.who_must_act) == (Renewal.LOST, "nobody: the consumer chose another broker")


def test_a_renewal_held_for_its_appointment_alone_names_carrier_and_broker() -> None:
    certified = BrokerStanding(A, certifications=(), licenses=(Period(date(2000, 1, 1)),))
    whole = replace(standing(A), appointments={})
    own = enrollment()
    for broker, who in ((certified, "the broker"), (whole, "the carrier and the broker")):
        held = HouseholdFacts((own,), {"H": (NAMED,)}, {A: broker})
        (prospect,) = renewal.prospects(held, [(1, A)], plan_year=2026, day=date(2025, 12, 5), parameters=PARAMETERS)
        assert (prospect.renewal, prospect.who_must_act) == (Renewal.HELD, who)


def test_a_broker_named_anew_and_never_whole_stays_held_from_the_first_day() -> None:
    (entry,) = decided(NAMED, association(2, A, "2026-03-25T15"), appointments={})
    assert rows([entry]) == [(A, "2026-01-01", YEAR_END, False)]
    assert (entry.association, entry.anchor) == (1, date(2025, 12, 5))


def test_an_association_counts_on_the_days_of_the_household_alone() -> None:
    moved = enrollment(
        memberships=((Period(date.min, date(2026, 3, 15)), "H"), (Period(date(2026, 3, 15)), "K")),
    )
    later = association(2, B, "2026-05-05T15")
    held = replace(facts(NAMED, later, enrollments=(moved,)), associations={"H": (NAMED, later)})
    assert rows(attribution.attribute(held, PARAMETERS)[1]) == [(A, "2026-01-01", "2026-04-01", True)]
