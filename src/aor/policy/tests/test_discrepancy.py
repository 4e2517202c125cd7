"""A claim tells nothing about others, whatever is so; and its determination rests on its findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.policy import discrepancy
from aor.policy.association import Association, Opening
from aor.policy.attribution import HouseholdFacts
from aor.policy.decision import Finding
from aor.policy.discrepancy import ClaimFacts, Determination, Disclosure, Entry, Found
from aor.policy.holding import State
from aor.policy.parameters import Dated, Parameters, Value
from aor.policy.tests import facts
from aor.terms.period import Period

TODAY = date(2026, 3, 10)
DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 31))
NOON = datetime(2026, 1, 5, 18, tzinfo=UTC)
START = date(2026, 2, 1)


def opening(since: date, until: date | None = None, npn: str = "7000001") -> Opening:
    return Opening(Association(1, npn, "designated", NOON), since, until)


openings = st.lists(
    st.builds(lambda a, b: opening(min(a, b), None if a >= b else max(a, b)), DAYS, DAYS), max_size=2
).map(tuple)
unmet = st.sampled_from([
    (), (Finding("CERTIFIED", False, "not certified", "x", "certifies"),),
    (Finding("ENROLLMENT_SENT", False, "not yet sent", "x"),),
])  # fmt: skip
entries = st.lists(
    st.builds(
        lambda start, state, sent, why: Entry(start, date(2027, 1, 1), state, sent, why),
        DAYS, st.sampled_from(State), st.none() | DAYS, unmet,
    ),
    max_size=2,
).map(tuple)  # fmt: skip
claims = st.builds(
    ClaimFacts,
    missing=st.sampled_from([(), ("date of birth",)]),
    found=st.sampled_from(Found),
    carrier=st.just("HealthCo"),
    speaks_of_form=st.booleans(),
    effective=st.none() | DAYS,
    own=openings,
    others=openings,
    entries=entries,
    current_plan_years=st.sampled_from([(2026,), (2026, 2027)]),
)


@given(claims)
def test_without_anything_of_their_own_on_file_all_read_alike(claim: ClaimFacts) -> None:
    alike = discrepancy.propose(ClaimFacts((), Found.NONE, "HealthCo"), TODAY).told
    told = discrepancy.propose(replace(claim, missing=(), own=(), entries=()), TODAY).told
    assert told == alike
    assert told.says == discrepancy.SILENCE


@given(claims, openings, st.none() | DAYS, st.booleans())
def test_what_followed_their_own_association_is_not_told(
    claim: ClaimFacts, others: tuple[Opening, ...], effective: date | None, form: bool
) -> None:
    ended = replace(
        claim, missing=(), found=Found.DECIDED, entries=(), own=(opening(date(2025, 1, 1), date(2025, 6, 1)),)
    )
    other = replace(ended, others=others, effective=effective, speaks_of_form=form)
    told, otherwise = (discrepancy.propose(one, TODAY).told for one in (ended, other))
    assert told == otherwise
    assert told.disclosure is Disclosure.OWN_ENDED


@given(claims)
def test_what_the_claim_lacks_is_told_whoever_is_meant(claim: ClaimFacts) -> None:
    lacking = replace(claim, missing=("date of birth",))
    alone = ClaimFacts(("date of birth",), Found.NONE, "HealthCo")
    assert discrepancy.propose(lacking, TODAY).told == discrepancy.propose(alone, TODAY).told


@given(claims)
def test_every_determination_rests_on_findings(claim: ClaimFacts) -> None:
    proposal = discrepancy.propose(claim, TODAY)
    unmet = {finding.rule for finding in proposal.decision.unmet}
    rests_on = {
        Determination.MORE_INFORMATION: {"CLAIM_COMPLETE", "ENROLLMENT_FOUND"},
        Determination.NOT_FOUND: {"ENROLLMENT_FOUND"},
        Determination.NOT_CURRENT: {"CURRENT_PLAN_YEAR"},
        Determination.LATE: {"ASSOCIATED_IN_TIME"},
        Determination.NO_ASSOCIATION: {"ASSOCIATED_IN_TIME"},
        Determination.ANOTHER_BROKER: {"NO_OTHER_BROKER"},
        Determination.ALREADY_SENT: set[str](),
    }.get(proposal.determination, {"AGENT_SENT"})
    assert unmet & rests_on or (not rests_on and "AGENT_SENT" not in unmet)
    if claim.found is Found.REVIEW and not claim.missing:
        assert (proposal.determination, proposal.clear) == (Determination.MORE_INFORMATION, False)
    assert "7000001" not in proposal.told.because


def test_of_several_entries_the_one_that_was_sent_counts() -> None:
    sent = Entry(date(2026, 4, 1), date(2027, 1, 1), State.ACCEPTED, date(2026, 3, 2))
    held = Entry(START, date(2026, 4, 1), State.HELD, None)
    claim = ClaimFacts((), Found.DECIDED, "HealthCo", False, START, entries=(held, sent), current_plan_years=(2026,))
    assert discrepancy.propose(claim, TODAY).determination is Determination.ALREADY_SENT
    proposal = discrepancy.propose(replace(claim, entries=(held,)), TODAY)
    assert proposal.determination is Determination.HELD
    assert proposal.told.because == "held: it ended before it could be sent"
    assert proposal.told.what_to_do == "The marketplace works on it."


def test_a_sent_one_of_an_earlier_year_is_still_told() -> None:
    entry = Entry(date(2025, 2, 1), date(2026, 1, 1), State.ENDED, date(2025, 1, 20))
    claim = ClaimFacts((), Found.DECIDED, "HealthCo", False, date(2025, 2, 1), entries=(entry,))
    claim = replace(claim, current_plan_years=(2026,))
    assert discrepancy.propose(claim, TODAY).determination is Determination.ALREADY_SENT
    unsent = discrepancy.propose(replace(claim, entries=(replace(entry, sent_on=None),)), TODAY)
    assert (unsent.determination, unsent.told.because) == (Determination.NOT_CURRENT, "plan year 2025 is not current")


def test_associated_in_time_and_not_agent_of_record_is_for_a_person() -> None:
    claim = ClaimFacts(
        (), Found.DECIDED, "HealthCo", False, START, own=(opening(date(2026, 1, 5)),), current_plan_years=(2026,)
    )
    proposal = discrepancy.propose(claim, TODAY)
    assert (proposal.determination, proposal.clear) == (Determination.HELD, False)


def test_of_an_open_association_a_carrier_that_is_not_found_is_told() -> None:
    claim = ClaimFacts((), Found.DECIDED, "OtherCo", own=(opening(date(2026, 1, 5)),))
    told = discrepancy.propose(claim, TODAY).told
    assert told.because == "no enrollment of this consumer with OtherCo was found"


def test_an_association_counts_on_the_subscribers_days_in_the_household() -> None:
    own = facts.association(1, facts.A, "2026-01-05T18")
    one = facts.enrollment()
    household = HouseholdFacts((one,), {"H": (own,)}, {})
    assert discrepancy.associations(one, household) == (Opening(own, date(2026, 1, 5), None),)
    moved = ((Period(date.min, date(2026, 1, 2)), "H"), (Period(date(2026, 1, 2)), "S:S1"))
    assert discrepancy.associations(replace(one, memberships=moved), household) == ()


@pytest.mark.parametrize(
    ("day", "days"),
    [("2026-10-31", 10), ("2026-11-01", 20), ("2027-01-15", 20), ("2027-01-16", 10), ("2025-11-03", 5)],
)
def test_answers_may_take_longer_during_open_enrollment(day: str, days: int) -> None:
    numbers: dict[str, Value] = {
        "open_enrollment_start": "11-01",
        "open_enrollment_end": "01-15",
        "discrepancy_answer_business_days": 10,
        "discrepancy_answer_business_days_open_enrollment": 20,
    }
    values = {name: (Dated(date(2000, 1, 1), value),) for name, value in numbers.items()}
    if day < "2026":  # that year's was imported, and had not begun
        values["discrepancy_answer_business_days"] = (Dated(date(2000, 1, 1), 5),)
    imported = {2026: Period(date(2025, 11, 4), date(2025, 12, 16))}
    parameters = Parameters(values, imported, "test")
    assert discrepancy.answer_days(date.fromisoformat(day), parameters) == days


def test_where_the_agent_of_record_came_late_the_earlier_months_are_offered() -> None:
    sent = Entry(date(2026, 4, 1), date(2027, 1, 1), State.ACCEPTED, date(2026, 3, 9))
    late = (opening(date(2026, 3, 2)),)
    claim = ClaimFacts((), Found.DECIDED, "HealthCo", effective=START, own=late, entries=(sent,))
    told = discrepancy.propose(claim, TODAY).told
    assert told.because == "sent to HealthCo on 2026-03-09; agent of record from 2026-04-01"
    assert "retroactive" in told.what_to_do
