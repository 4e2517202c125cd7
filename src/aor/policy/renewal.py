"""What the coming renewal would do to a current agent of record (readings, R2.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from aor.policy import attribution
from aor.policy.attribution import Attributed, EnrollmentFacts, HouseholdFacts
from aor.policy.decision import Finding
from aor.policy.parameters import Parameters
from aor.terms.period import Period


class Renewal(StrEnum):
    CARRIED = "carried"
    HELD = "held"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Prospect:
    """One current agent of record before the renewal run: carried, held or lost, why, and who must act."""

    enrollment: int
    npn: str
    renewal: Renewal
    findings: tuple[Finding, ...]
    who_must_act: str


def prospects(
    facts: HouseholdFacts,
    current: Sequence[tuple[int, str]],
    *,
    plan_year: int,
    day: date,
    parameters: Parameters,
) -> list[Prospect]:
    """As if every enrollment were renewed on `day` with the same carrier for `plan_year`.

    `current` names the agents of record to ask about: (enrollment id, NPN).
    """
    wanted = dict(current)
    renewed = [_renewed(e, plan_year, day) for e in facts.enrollments if e.id in wanted]
    attributed = attribution.attribute(replace(facts, enrollments=tuple(renewed)), parameters)
    return [
        _prospect(enrollment, wanted[enrollment.id], attributed[enrollment.id], facts, parameters)
        for enrollment in renewed
    ]


def _renewed(enrollment: EnrollmentFacts, plan_year: int, day: date) -> EnrollmentFacts:
    coverage = Period(date(plan_year, 1, 1), date(plan_year + 1, 1, 1))
    return replace(enrollment, coverage=coverage, told_coverage=coverage, enrolled_on=day, corrections=(), told=())


def _prospect(
    renewed: EnrollmentFacts,
    npn: str,
    attributed: Sequence[Attributed],
    facts: HouseholdFacts,
    parameters: Parameters,
) -> Prospect:
    first = attributed[0] if attributed else None
    start = renewed.told_coverage.start
    if first is None:
        findings = attribution.findings_without_agent(renewed, facts, start, parameters)
        return Prospect(renewed.id, npn, Renewal.LOST, findings, "the consumer: designate the broker again")
    if first.npn != npn:
        # Who the other broker is, is never said (readings, R11).
        because = f"the household is associated with another broker for coverage from {start}"
        moved = replace(first.decision.findings[0], met=False, because=because, cure="")
        return Prospect(renewed.id, npn, Renewal.LOST, (moved,), "nobody: the consumer chose another broker")
    if first.in_standing and first.period.start == start:
        return Prospect(renewed.id, npn, Renewal.CARRIED, first.decision.findings, "")
    unmet = [finding.rule for finding in first.decision.unmet]
    who = "the carrier and the broker" if unmet == ["APPOINTED"] else "the broker"
    return Prospect(renewed.id, npn, Renewal.HELD, first.decision.findings, who)
