"""Which broker is agent of record for an enrollment, from which day (readings, R2 and R3).

A pure function of association history, enrollment history, standing data and corrections: any order of news
gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from aor.policy import standing as standings
from aor.policy.association import Association, Opening, Reach, open_at, openings
from aor.policy.decision import Answer, Decision, Finding, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.terms.period import Period, day_of, first_of_next_month, plan_year_of


@dataclass(frozen=True, slots=True)
class Correction:
    """A decided correction: over its days the broker is agent of record whatever the associations say.

    `settles_until` is the day up to whose end it has taken associations into account; what happens later wins
    from its own first of the month. Kinds: `opening balance`, `retro`.
    """

    id: int
    kind: str
    npn: str
    period: Period
    settles_until: date
    reason: str


@dataclass(frozen=True, slots=True)
class EnrollmentFacts:
    """One enrollment as known: `coverage` None when it was cancelled, never in force.

    `told_coverage` is its coverage before any cancel or early end; `enrolled_on` the enrollment date of R3;
    `memberships` the household keys of its subscriber by period, whose associations count on those days; `told`
    the entries (npn, first day) that the carrier was told of and did not reject.
    """

    id: int
    policy_id: str
    subscriber_id: str
    carrier: CarrierFacts
    coverage_kind: str
    coverage: Period | None
    told_coverage: Period
    enrolled_on: date
    memberships: tuple[tuple[Period, str], ...]
    corrections: tuple[Correction, ...] = ()
    told: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True, slots=True)
class HouseholdFacts:
    """All that bears on one household: associations by household key, brokers' standing by NPN."""

    enrollments: tuple[EnrollmentFacts, ...]
    associations: Mapping[str, tuple[Association, ...]]
    standings: Mapping[str, BrokerStanding]


@dataclass(frozen=True, slots=True)
class Attributed:
    """A stretch of days with its broker. `in_standing` False: held from the day it would have had."""

    npn: str
    period: Period
    in_standing: bool
    decision: Decision
    association: int | None = None
    correction: int | None = None
    anchor: date | None = None


@rule("ASSOCIATED", cites="Agent of Record, Portal Association Matters")
def associated(association: Association | None, day: date) -> Answer:
    """A broker is agent of record only where broker and household are associated on the day that decides."""
    if association is None:
        return Answer(
            False,
            f"no broker was associated with the household at the end of {day}",
            "the consumer designates a broker or confirms an invitation",
            day,
        )
    if association.navigator:
        return Answer(
            False,
            f"a navigator was associated at the end of {day}; navigators are never agent of record",
            "the consumer designates a broker",
            day,
        )
    how = association.path
    since = day_of(association.confirmed_at)
    return Answer(True, f"broker {association.npn} associated ({how}) on {since}, open at the end of {day}", "", day)


@rule("COVERAGE_ENDED", cites="Agent of Record, Establishing AOR")
def coverage_not_ended(begins: date, coverage: Period | None, *, change: bool = True) -> Answer:
    """A change takes effect on the first of the following month, if the coverage has not ended by then."""
    if coverage is None:
        return Answer(False, "the coverage was cancelled and never in force", "", begins)
    if not change:
        return Answer(False, f"coverage ended on {coverage.last_day}", "", begins)
    if coverage.until is None or begins < coverage.until:
        return Answer(True, f"coverage lasts beyond {begins}, when the change begins", "", begins)
    return Answer(
        False,
        f"coverage ended on {coverage.last_day}, before {begins}, when the change would begin",
        "",
        begins,
    )


@rule("CARRIER_KNOWN", cites="Agent of Record Report Policy, Procedure for Sending, 1")
def carrier_known(carrier: CarrierFacts) -> Answer:
    """The carrier must be on the marketplace's roster before anything can be sent to it."""
    if carrier.known:
        return Answer(True, f"{carrier.name} is a carrier of this marketplace")
    return Answer(
        False,
        f"carrier {carrier.hios_issuer_id or 'unnamed'} is on no roster",
        "the broker team imports the carrier",
    )


@rule("OPENING_BALANCE", cites="Agent of Record Report Policy, Terms and Definitions")
def opening_balance(correction: Correction) -> Answer:
    """At go-live the agents of record that the carrier already knew were taken over as they stood."""
    return Answer(True, f"taken over at go-live from {correction.reason}", "", correction.period.start)


@rule("CORRECTED", cites="Agent of Record, Retroactive AOR Requests")
def corrected(correction: Correction) -> Answer:
    """An officer's decided correction stands for the days that it names."""
    return Answer(True, f"corrected by decision: {correction.reason}", "", correction.period.start)


@rule("ALREADY_SENT", cites="Minn. Stat. 60K.48 subd. 3; readings R3")
def already_sent(day: date) -> Answer:
    """What a carrier was told stays: data that arrives later changes no entry and is shown to staff."""
    return Answer(
        True, f"the carrier was told of this agent of record from {day}; later data does not undo it", "", day
    )


@dataclass(frozen=True, slots=True)
class _Point:
    """What decides from `begins` on: the association open at the end of `decided_by`, or a correction."""

    begins: date
    decided_by: date
    association: Association | None = None
    correction: Correction | None = None

    @property
    def npn(self) -> str:
        if self.correction is not None:
            return self.correction.npn
        if self.association is None or self.association.navigator:
            return ""
        return self.association.npn


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Days of one broker up to `until`, with everything that decided them, ascending."""

    points: tuple[_Point, ...]
    until: date | None


Taken = tuple[tuple[Period, date], ...]  # days taken over, with the enrollment date that counts there


def attribute(facts: HouseholdFacts, parameters: Parameters) -> dict[int, list[Attributed]]:
    """The agents of record of every enrollment of a household, by enrollment id, ascending and disjoint."""
    taken = _taken_over(facts.enrollments)
    spans: dict[tuple[str, Reach], list[Opening]] = {}
    return {
        enrollment.id: [
            _decided(enrollment, stretch, taken[enrollment.id], facts.standings, parameters)
            for stretch in _stretches(
                enrollment, _points(enrollment, _spans(enrollment, facts, taken[enrollment.id], spans, parameters))
            )
        ]
        if enrollment.coverage is not None
        else []
        for enrollment in facts.enrollments
    }


def findings_without_agent(
    enrollment: EnrollmentFacts, facts: HouseholdFacts, day: date, parameters: Parameters
) -> tuple[Finding, ...]:
    """Why nobody is agent of record on a day: no coverage, no association, or one that came too late for it."""
    coverage = enrollment.coverage
    if coverage is None or (coverage.until is not None and coverage.until <= day):
        return (coverage_not_ended(day, coverage, change=False),)
    spans = _spans(enrollment, facts, _taken_over(facts.enrollments)[enrollment.id], {}, parameters)
    points = _points(enrollment, spans)
    before = [point for point in points if point.begins <= day]
    findings = [associated(before[-1].association if before else None, before[-1].decided_by if before else day)]
    if coverage.until is not None:
        changes = [first_of_next_month(opening.since) for opening in spans if opening.since > coverage.start]
        coming = [begins for begins in changes if begins > day or begins >= coverage.until]
        findings += [coverage_not_ended(begins, coverage) for begins in coming[:1]]
    return tuple(findings)


def _spans(
    enrollment: EnrollmentFacts,
    facts: HouseholdFacts,
    taken: Taken,
    cache: dict[tuple[str, Reach], list[Opening]],
    parameters: Parameters,
) -> list[Opening]:
    """The openings that count for this enrollment, each clipped to its subscriber's days in that household."""
    start = enrollment.told_coverage.start
    enrolled_on = _enrolled_on(enrollment, taken, start)
    displaces = bool(parameters.on("navigator_displaces_broker", enrolled_on))
    reach = Reach(plan_year_of(start), enrolled_on, displaces)
    result: list[Opening] = []
    for member, key in enrollment.memberships:
        associations = facts.associations.get(key, ())
        if not associations:
            continue
        whole = cache.get((key, reach))
        if whole is None:
            involved = [facts.standings[a.npn] for a in associations if a.npn in facts.standings]
            whole = cache[key, reach] = openings(associations, involved, reach)
        for opening in whole:
            clipped = Period(opening.since, opening.until).intersect(member)
            if clipped is not None:
                result.append(Opening(opening.association, clipped.start, clipped.until))
    return result


def _points(enrollment: EnrollmentFacts, spans: Sequence[Opening]) -> list[_Point]:
    """The days on which the answer may change, ascending, each with what decides from then on (R2.1, R2.2)."""
    coverage = enrollment.coverage
    assert coverage is not None
    changes = sorted({day for opening in spans for day in (opening.since, opening.until) if day is not None})
    deciders = {coverage.start: coverage.start}
    for day in changes:
        begins = first_of_next_month(day)
        if day > coverage.start and (coverage.until is None or begins < coverage.until):
            deciders[begins] = date.fromordinal(begins.toordinal() - 1)
    for held in enrollment.corrections:
        for edge in (held.period.start, held.period.until):
            if edge is not None and edge in coverage and edge not in deciders:
                deciders[edge] = deciders[max(begins for begins in deciders if begins <= edge)]
    points: list[_Point] = []
    for begins in sorted(deciders):
        decided_by = deciders[begins]
        point = _Point(
            begins, decided_by, open_at(spans, decided_by), _correction(enrollment, begins, decided_by, changes)
        )
        # Days of a correction that yielded decide nothing: no broker has a day of their own there (readings, R3).
        if not points or (points[-1].association, points[-1].correction) != (point.association, point.correction):
            points.append(point)
    return points


def _correction(
    enrollment: EnrollmentFacts, begins: date, decided_by: date, changes: Sequence[date]
) -> Correction | None:
    """The correction that stands on `begins`, unless an association changed after what it settled."""
    standing_ones = [
        correction
        for correction in enrollment.corrections
        if begins in correction.period
        and not any(correction.settles_until < change <= decided_by for change in changes)
    ]
    return max(standing_ones, key=lambda c: (c.settles_until, c.period.start, c.id), default=None)


def _stretches(enrollment: EnrollmentFacts, points: Sequence[_Point]) -> list[_Stretch]:
    """Points joined while the broker stays the same; those without a broker drop out."""
    assert enrollment.coverage is not None
    runs = [(npn, tuple(run)) for npn, run in groupby(points, key=lambda point: point.npn)]
    ends = [*(run[0].begins for _, run in runs[1:]), enrollment.coverage.until]
    return [_Stretch(run, until) for (npn, run), until in zip(runs, ends, strict=True) if npn]


def _enrolled_on(enrollment: EnrollmentFacts, taken: Taken, day: date) -> date:
    """The enrollment date that counts for a day: of the enrollment that it was taken over from, else its own."""
    return min((enrolled_on for days, enrolled_on in taken if day in days), default=enrollment.enrolled_on)


def _taken_over(enrollments: Sequence[EnrollmentFacts]) -> dict[int, Taken]:
    """For each enrollment the days for which the anchor test is not repeated (R2.4).

    Cancel and replace: an earlier enrollment of the same household, carrier and coverage that was cancelled or
    cut short, whose days this one continues without a gap.
    """
    taken: dict[int, Taken] = {enrollment.id: () for enrollment in enrollments}
    if all(enrollment.coverage == enrollment.told_coverage for enrollment in enrollments):
        return taken
    ordered = sorted(enrollments, key=lambda e: (e.enrolled_on, e.told_coverage.start, e.policy_id, e.id))
    for position, enrollment in enumerate(ordered):
        own: list[tuple[Period, date]] = []
        for other in ordered[:position]:
            both = other.told_coverage.intersect(enrollment.told_coverage)
            if both is not None and _replaces(enrollment, other, both.start):
                own += [(days, day) for period, day in taken[other.id] if (days := period.intersect(both))]
                own.append((both, other.enrolled_on))
        taken[enrollment.id] = tuple(own)
    return taken


def _replaces(enrollment: EnrollmentFacts, other: EnrollmentFacts, day: date) -> bool:
    same = (
        other.carrier.hios_issuer_id == enrollment.carrier.hios_issuer_id
        and other.coverage_kind == enrollment.coverage_kind
        and _household_on(other, day) == _household_on(enrollment, day)
    )
    if not same or other.coverage == other.told_coverage:
        return False
    until = None if other.coverage is None else other.coverage.until
    return until is None or enrollment.told_coverage.start <= until


def _household_on(enrollment: EnrollmentFacts, day: date) -> str:
    return next((key for period, key in enrollment.memberships if day in period), "")


def _decided(
    enrollment: EnrollmentFacts,
    stretch: _Stretch,
    taken: Taken,
    brokers: Mapping[str, BrokerStanding],
    parameters: Parameters,
) -> Attributed:
    """One stretch: in standing from the first day that anything deciding it gives, else held from its own day."""
    best: Attributed | None = None
    for point in stretch.points:
        if best is not None and best.in_standing and best.period.start <= point.begins:
            break
        found = (
            _by_correction(enrollment, point, stretch.until)
            if point.correction is not None
            else _by_association(enrollment, point, stretch.until, taken, brokers, parameters)
        )
        if best is None or (found.in_standing and (not best.in_standing or found.period.start < best.period.start)):
            best = found
    assert best is not None
    days = Period(stretch.points[0].begins, stretch.until)
    told = min((day for npn, day in enrollment.told if npn == best.npn and day in days), default=None)
    if told is None or (best.in_standing and best.period.start <= told):
        return best
    decision = Decision((*best.decision.findings, already_sent(told)), granted=True)
    return replace(best, period=Period(told, stretch.until), in_standing=True, decision=decision)


def _by_correction(enrollment: EnrollmentFacts, point: _Point, until: date | None) -> Attributed:
    assert point.correction is not None
    rule_of = opening_balance if point.correction.kind == "opening balance" else corrected
    decision = Decision((rule_of(point.correction), carrier_known(enrollment.carrier)), granted=True)
    return Attributed(point.npn, Period(point.begins, until), True, decision, correction=point.correction.id)


def _by_association(
    enrollment: EnrollmentFacts,
    point: _Point,
    until: date | None,
    taken: Taken,
    brokers: Mapping[str, BrokerStanding],
    parameters: Parameters,
) -> Attributed:
    """From its own day, from the first of the month after the cure, or held."""
    assert point.association is not None
    period, carrier = Period(point.begins, until), enrollment.carrier
    anchor = max(_enrolled_on(enrollment, taken, point.begins), day_of(point.association.confirmed_at))
    broker = brokers.get(point.npn) or BrokerStanding(point.npn, on_roster=False)
    plan_year = plan_year_of(enrollment.told_coverage.start)
    known = carrier_known(carrier)
    tests = standings.test(broker, carrier, plan_year, anchor, parameters, at_anchor=True)
    whole = bool(known.met) and all(standings.passes(finding, carrier) for finding in tests)
    if known.met and not whole:
        cured = standings.whole_since(broker, carrier, plan_year, anchor, parameters)
        if cured is not None:
            begins = point.begins if cured <= point.begins else first_of_next_month(cured)
            if until is None or begins < until:
                period, whole = Period(begins, until), True
    return Attributed(
        point.npn,
        period,
        whole,
        Decision((associated(point.association, point.decided_by), known, *tests), granted=whole),
        association=point.association.id,
        anchor=anchor,
    )
