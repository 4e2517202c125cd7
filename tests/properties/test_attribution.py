"""The record against an independent model, day by day, and what must hold of it whatever the facts."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from aor.policy import attribution
from aor.policy.attribution import Attributed, HouseholdFacts
from aor.policy.parameters import Parameters
from tests.properties.households import households
from tests.properties.model import Model


def rows(attributed: list[Attributed]) -> list[tuple[object, ...]]:
    return [(one.npn, one.period.start, one.period.until, one.in_standing) for one in attributed]


@settings(max_examples=250, deadline=None)
@given(households())
def test_the_record_is_what_a_naive_model_of_the_readings_says(given: tuple[HouseholdFacts, Parameters]) -> None:
    facts, parameters = given
    decided = attribution.attribute(facts, parameters)
    model = Model(facts, parameters)
    for enrollment in facts.enrollments:
        assert rows(decided[enrollment.id]) == model.agents(enrollment)


@settings(max_examples=120, deadline=None)
@given(households())
def test_entries_are_disjoint_ascending_inside_the_coverage_and_never_of_one_broker_side_by_side(
    given: tuple[HouseholdFacts, Parameters],
) -> None:
    facts, parameters = given
    decided = attribution.attribute(facts, parameters)
    for enrollment in facts.enrollments:
        own = decided[enrollment.id]
        assert own == [] or enrollment.coverage is not None
        for entry in own:
            assert enrollment.coverage is not None
            assert entry.period.intersect(enrollment.coverage) == entry.period
            assert entry.decision.granted == entry.in_standing
            assert (entry.association is None) != (entry.correction is None)
        for left, right in pairwise(own):
            assert left.period.until is not None
            assert left.period.until <= right.period.start
            assert left.npn != right.npn or left.period.until < right.period.start


def shuffled(facts: HouseholdFacts, by: Random) -> HouseholdFacts:
    def mixed[T](items: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(by.sample(items, len(items)))

    return HouseholdFacts(
        enrollments=mixed(
            tuple(replace(e, corrections=mixed(e.corrections), told=mixed(e.told)) for e in facts.enrollments)
        ),
        associations={
            key: mixed(tuple(replace(a, ends=mixed(a.ends)) for a in facts.associations[key]))
            for key in mixed(tuple(facts.associations))
        },
        standings={
            npn: replace(
                one,
                certifications=mixed(one.certifications),
                licenses=mixed(one.licenses),
                appointments={hios: mixed(tuple(own)) for hios, own in one.appointments.items()},
            )
            for npn, one in facts.standings.items()
        },
    )


@settings(max_examples=120, deadline=None)
@given(households(), st.randoms(use_true_random=False))
def test_the_order_of_news_never_matters(given: tuple[HouseholdFacts, Parameters], by: Random) -> None:
    facts, parameters = given
    assert attribution.attribute(shuffled(facts, by), parameters) == attribution.attribute(facts, parameters)


@settings(max_examples=100, deadline=None)
@given(households())
def test_why_nobody_is_agent_of_record_can_be_asked_of_every_day(given: tuple[HouseholdFacts, Parameters]) -> None:
    facts, parameters = given
    for enrollment in facts.enrollments:
        for day in (enrollment.told_coverage.start, enrollment.enrolled_on):
            findings = attribution.findings_without_agent(enrollment, facts, day, parameters)
            rules = [finding.rule for finding in findings]
            if enrollment.coverage is not None and day in enrollment.coverage:
                assert rules in (["ASSOCIATED"], ["ASSOCIATED", "COVERAGE_ENDED"])
            else:
                assert rules in (["ASSOCIATED"], ["ASSOCIATED", "COVERAGE_ENDED"], ["COVERAGE_ENDED"])
            if enrollment.coverage is None:
                assert rules == ["COVERAGE_ENDED"]
