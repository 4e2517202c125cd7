"""Which broker is agent of record for an enrollment, from which day (readings, R2 and R3).

A pure function of association history, enrollment history, standing data and corrections: any order of news
gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

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
def coverage_not_ended(begins: date, coverage: Period) -> Answer:
    """A change takes effect on the first of the following month, if the coverage has not ended by then."""
    if coverage.until is None or begins < coverage.until:
        return Answer(True, f"coverage lasts beyond {begins}", "", begins)
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


def attribute(facts: HouseholdFacts, parameters: Parameters) -> dict[int, list[Attributed]]:
    """The agents of record of every enrollment of a household, by enrollment id, ascending and disjoint."""
    ordered = sorted(facts.enrollments, key=lambda e: (e.enrolled_on, e.told_coverage.start, e.policy_id, e.id))
    anchors: dict[int, tuple[tuple[Period, date], ...]] = {}
    spans: dict[tuple[str, Reach], list[Opening]] = {}
    result: dict[int, list[Attributed]] = {}
    for position, enrollment in enumerate(ordered):
        anchors[enrollment.id] = _taken_over(enrollment, ordered[:position], anchors)
        result[enrollment.id] = (
            [
                _decided(enrollment, point, until, anchors[enrollment.id], facts.standings, parameters)
                for point, until in _stretches(enrollment, _points(enrollment, facts, spans, parameters))
            ]
            if enrollment.coverage is not None
            else []
        )
    return result


def findings_without_agent(
    enrollment: EnrollmentFacts, facts: HouseholdFacts, day: date, parameters: Parameters
) -> tuple[Finding, ...]:
    """Why nobody is agent of record on a day: no association then, or one that came too late for the coverage."""
    points = _points(enrollment, facts, {}, parameters) if enrollment.coverage else []
    before = [point for point in points if point.begins <= day]
    findings = [associated(before[-1].association if before else None, before[-1].decided_by if before else day)]
    coverage = enrollment.coverage
    if coverage is not None and coverage.until is not None:
        late = [
            first_of_next_month(opening.since)
            for opening in _spans(enrollment, facts, {}, parameters)
            if opening.since >= coverage.start and first_of_next_month(opening.since) >= coverage.until
        ]
        findings += [coverage_not_ended(begins, coverage) for begins in late[:1]]
    return tuple(findings)


def _reach(enrollment: EnrollmentFacts, parameters: Parameters) -> Reach:
    displaces = bool(parameters.on("navigator_displaces_broker", enrollment.enrolled_on))
    return Reach(plan_year_of(enrollment.told_coverage.start), enrollment.enrolled_on, displaces)


def _spans(
    enrollment: EnrollmentFacts,
    facts: HouseholdFacts,
    cache: dict[tuple[str, Reach], list[Opening]],
    parameters: Parameters,
) -> list[Opening]:
    """The openings that count for this enrollment, each clipped to its subscriber's days in that household."""
    reach = _reach(enrollment, parameters)
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


def _points(
    enrollment: EnrollmentFacts,
    facts: HouseholdFacts,
    cache: dict[tuple[str, Reach], list[Opening]],
    parameters: Parameters,
) -> list[_Point]:
    """The days on which the answer may change, ascending, each with what decides from then on (R2.1, R2.2)."""
    coverage = enrollment.coverage
    assert coverage is not None
    spans = _spans(enrollment, facts, cache, parameters)
    changes = sorted({day for o in spans for day in (o.since, o.until) if day is not None and day > coverage.start})
    deciders = {coverage.start: coverage.start}
    for day in changes:
        begins = first_of_next_month(day)
        if coverage.until is None or begins < coverage.until:
            deciders[begins] = date.fromordinal(begins.toordinal() - 1)
    for held in enrollment.corrections:
        for edge in (held.period.start, held.period.until):
            if edge is not None and edge in coverage and edge not in deciders:
                deciders[edge] = deciders[max(begins for begins in deciders if begins <= edge)]
    points = []
    for begins in sorted(deciders):
        decided_by = deciders[begins]
        correction = _correction(enrollment, begins, decided_by, changes)
        points.append(_Point(begins, decided_by, open_at(spans, decided_by), correction))
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


def _stretches(enrollment: EnrollmentFacts, points: Sequence[_Point]) -> list[tuple[_Point, date | None]]:
    """Points joined while the broker stays the same; those without a broker drop out."""
    assert enrollment.coverage is not None
    stretches: list[tuple[_Point, date | None]] = []
    for point in points:
        if stretches and stretches[-1][0].npn == point.npn:
            continue
        if stretches:
            stretches[-1] = (stretches[-1][0], point.begins)
        stretches.append((point, enrollment.coverage.until))
    return [stretch for stretch in stretches if stretch[0].npn]


def _taken_over(
    enrollment: EnrollmentFacts,
    earlier: Sequence[EnrollmentFacts],
    anchors: Mapping[int, tuple[tuple[Period, date], ...]],
) -> tuple[tuple[Period, date], ...]:
    """The days for which the anchor test is not repeated, with the enrollment date that counts there (R2.4).

    Cancel and replace: an earlier enrollment of the same household, carrier and coverage that was cancelled or
    cut short, whose days this one continues without a gap.
    """
    taken: list[tuple[Period, date]] = []
    for other in earlier:
        if (other.carrier.hios_issuer_id, other.coverage_kind) != (
            enrollment.carrier.hios_issuer_id,
            enrollment.coverage_kind,
        ) or other.coverage == other.told_coverage:
            continue
        gap = (
            other.coverage is not None
            and other.coverage.until is not None
            and (enrollment.told_coverage.start > other.coverage.until)
        )
        both = None if gap else other.told_coverage.intersect(enrollment.told_coverage)
        if both is not None:
            inherited = anchors.get(other.id, ())
            taken += [(days, day) for period, day in inherited if (days := period.intersect(both))]
            taken.append((both, other.enrolled_on))
    return tuple(taken)


def _decided(
    enrollment: EnrollmentFacts,
    point: _Point,
    until: date | None,
    taken_over: Sequence[tuple[Period, date]],
    standings_by_npn: Mapping[str, BrokerStanding],
    parameters: Parameters,
) -> Attributed:
    """One stretch with its findings: from its own day, from the first of the month after the cure, or held."""
    period = Period(point.begins, until)
    known = carrier_known(enrollment.carrier)
    if point.correction is not None:
        rule_of = opening_balance if point.correction.kind == "opening balance" else corrected
        decision = Decision((rule_of(point.correction), known), granted=True)
        return Attributed(point.npn, period, True, decision, correction=point.correction.id)
    assert point.association is not None
    enrolled_on = next((day for days, day in taken_over if point.begins in days), enrollment.enrolled_on)
    anchor = max(enrolled_on, day_of(point.association.confirmed_at))
    broker = standings_by_npn.get(point.npn) or BrokerStanding(point.npn, on_roster=False)
    plan_year = plan_year_of(enrollment.told_coverage.start)
    tests = standings.test(broker, enrollment.carrier, plan_year, anchor, parameters, at_anchor=True)
    findings: tuple[Finding, ...] = (associated(point.association, point.decided_by), known, *tests)
    whole = known.met and all(standings.passes(finding, enrollment.carrier) for finding in tests)
    if not whole and known.met:
        cured = standings.whole_since(broker, enrollment.carrier, plan_year, anchor, parameters)
        if cured is not None:
            begins = period.start if cured <= period.start else first_of_next_month(cured)
            if until is None or begins < until:
                period, whole = Period(begins, until), True
    told = next(
        (day for npn, day in enrollment.told if npn == point.npn and day in Period(point.begins, until)), None
    )
    if told is not None and not (whole and period.start <= told):
        period, whole = Period(told, until), True
        findings = (*findings, already_sent(told))
    return Attributed(
        point.npn,
        period,
        bool(whole),
        Decision(findings, granted=bool(whole)),
        association=point.association.id,
        anchor=anchor,
    )
