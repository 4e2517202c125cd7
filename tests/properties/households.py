"""Random households for the properties: crowded on purpose, so that days and instants collide."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from aor.policy.association import Association, End, EndKind
from aor.policy.attribution import Correction, EnrollmentFacts, HouseholdFacts
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts, Certification
from aor.terms.period import Period, end_of, merged, start_of
from tests.scenarios.world import NUMBERS, World

BROKERS = ("7000001", "7000002", "7000003")
NAVIGATOR = "7000009"
CARRIERS = (
    CarrierFacts("10001", "Known"),
    CarrierFacts("10002", "Silent, sends", appointments_known=False, unknown_appointment="send"),
    CarrierFacts("10003", "Silent, holds", appointments_known=False, unknown_appointment="hold"),
    CarrierFacts("10004", "Stranger", known=False),
)
FIRST = date(2025, 10, 1)

ordinary = st.integers(0, 500).map(lambda n: FIRST + timedelta(days=n))
edges = st.sampled_from(
    [
        date(2025, 10, 31),
        date(2025, 11, 1),
        date(2025, 12, 31),
        date(2026, 1, 1),
        date(2026, 1, 31),
        date(2026, 2, 1),
        date(2026, 2, 28),
        date(2026, 3, 1),
        date(2026, 3, 2),
        date(2026, 3, 15),
        date(2026, 11, 1),
        date(2026, 12, 31),
    ]
)
any_day = st.one_of(edges, ordinary)


@st.composite
def instants(draw: st.DrawFn, day: st.SearchStrategy[date] = any_day) -> datetime:
    on = draw(day)
    hour = draw(st.sampled_from([0, 9, 9, 12, 24]))
    return end_of(on) - timedelta(microseconds=1) if hour == 24 else start_of(on) + timedelta(hours=hour)


@st.composite
def periods(draw: st.DrawFn, start: st.SearchStrategy[date] = any_day, longest: int = 400) -> Period:
    first = draw(start)
    length = draw(st.one_of(st.none(), st.integers(1, longest)))
    return Period(first, None if length is None else first + timedelta(days=length))


@st.composite
def associations(draw: st.DrawFn, id: int) -> Association:
    npn = draw(st.sampled_from([*BROKERS, *BROKERS, NAVIGATOR]))
    confirmed_at = draw(instants())
    ends = []
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        kind = draw(st.sampled_from([EndKind.ENDED, EndKind.ENDED, *EndKind][:9]))
        if kind in (EndKind.DECERTIFIED, EndKind.LICENSE_REVOKED, EndKind.DIED):
            kind = EndKind.ENDED
        at = draw(st.one_of(st.just(confirmed_at), instants()))
        ends.append(End(at, kind, draw(st.sampled_from([None, None, 2026, 2027]))))
    scope = draw(st.sampled_from([None, None, None, 2026, 2027]))
    return Association(id, npn, "designated", confirmed_at, scope, npn == NAVIGATOR, tuple(ends))


@st.composite
def standings(draw: st.DrawFn, npn: str) -> BrokerStanding:
    if draw(st.sampled_from([True, False])):
        certified = (Certification(2025, FIRST), Certification(2026, FIRST), Certification(2027, date(2026, 10, 1)))
    else:
        own = st.builds(
            Certification,
            st.sampled_from([2025, 2026, 2027]),
            any_day,
            st.one_of(st.none(), any_day),
        )
        certified = tuple(
            c for c in draw(st.lists(own, max_size=3)) if not c.revoked_on or c.revoked_on > c.certified_on
        )
    always = [Period(date(2020, 1, 1))]
    licenses = draw(st.one_of(st.just(always), st.lists(periods(), max_size=2)))
    appointments = draw(st.one_of(st.just(always), st.lists(periods(), max_size=2)))
    gone = draw(st.lists(st.tuples(any_day, st.sampled_from(["decertified", "died"])), max_size=1))
    return BrokerStanding(
        npn, True, certified, tuple(merged(licenses)), {"10001": tuple(merged(appointments))}, tuple(gone)
    )


@st.composite
def enrollments(draw: st.DrawFn, id: int) -> EnrollmentFacts:
    start = draw(st.one_of(st.sampled_from([date(2026, 1, 1), date(2026, 2, 1), date(2027, 1, 1)]), any_day))
    end = draw(
        st.one_of(st.just(date(start.year + 1, 1, 1)), st.integers(1, 200).map(lambda n: start + timedelta(n)))
    )
    told = Period(start, end)
    kept = draw(st.sampled_from(["whole", "whole", "cancelled", "cut"]))
    coverage: Period | None = told
    if kept == "cancelled":
        coverage = None
    elif kept == "cut":
        coverage = Period(start, start + timedelta(draw(st.integers(1, (end - start).days))))
    moves = draw(st.one_of(st.none(), st.none(), any_day))
    memberships = (
        ((Period(date.min), "H1"),)
        if moves is None
        else ((Period(date.min, moves), "H1"), (Period(moves), draw(st.sampled_from(["H2", "S:alone"]))))
    )
    corrections = draw(st.lists(st.tuples(st.sampled_from(BROKERS), periods(), any_day), max_size=1))
    return EnrollmentFacts(
        id=id,
        policy_id=f"P{id}",
        subscriber_id=f"S{id}",
        carrier=draw(st.sampled_from([CARRIERS[0], CARRIERS[0], CARRIERS[0], *CARRIERS])),
        coverage_kind=draw(st.sampled_from(["HLT", "HLT", "DEN"])),
        coverage=coverage,
        told_coverage=told,
        enrolled_on=draw(st.one_of(any_day, st.integers(-60, 40).map(lambda n: start + timedelta(n)))),
        memberships=memberships,
        corrections=tuple(
            Correction(10 * id + n, "retro", npn, days, settled, "")
            for n, (npn, days, settled) in enumerate(corrections)
        ),
        told=tuple(
            draw(st.lists(st.tuples(st.sampled_from(BROKERS), st.one_of(st.just(start), any_day)), max_size=2))
        ),
    )


@st.composite
def households(draw: st.DrawFn) -> tuple[HouseholdFacts, Parameters]:
    counts = draw(st.tuples(st.sampled_from([1, 1, 2, 2, 3, 4]), st.integers(0, 2), st.sampled_from([1, 2, 2, 3])))
    held = {
        "H1": tuple(draw(associations(id)) for id in range(counts[0])),
        "H2": tuple(draw(associations(100 + id)) for id in range(counts[1])),
    }
    facts = HouseholdFacts(
        enrollments=tuple(draw(enrollments(id)) for id in range(counts[2])),
        associations=held,
        standings={npn: draw(standings(npn)) for npn in BROKERS},
    )
    world = World(values=dict(NUMBERS))
    world.set("navigator_displaces_broker", draw(st.booleans()))
    if draw(st.booleans()):
        world.open_enrollment[2027] = Period(date(2026, 10, 15), date(2026, 12, 16))
    return facts, world.parameters
