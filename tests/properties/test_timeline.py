"""What is told brings the carrier to what is so, and nothing shorter does."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from aor.policy.timeline import Point, points, to_tell
from aor.terms.period import Period

START = date(2026, 2, 1)
COVERAGE = Period(START, START + timedelta(days=12))
DAYS = [START + timedelta(days=n) for n in range(12)]
NPNS = ("7000001", "7000002")

told_maps = st.dictionaries(
    st.integers(-3, 14).map(lambda n: START + timedelta(days=n)), st.sampled_from([*NPNS, ""]), max_size=4
)


@st.composite
def entries(draw: st.DrawFn) -> list[tuple[str, Period]]:
    edges = sorted(draw(st.sets(st.integers(0, 12), max_size=6)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    if draw(st.booleans()):
        pairs = list(pairwise(edges))
    return [(draw(st.sampled_from(NPNS)), Period(START + timedelta(a), START + timedelta(b))) for a, b in pairs]


def heard(told: dict[date, str]) -> list[str]:
    """Whom the carrier holds for each day of coverage: the latest day told at or before it."""
    return [told[max(days)] if (days := [d for d in told if d <= day]) else "" for day in DAYS]


def so(own: list[tuple[str, Period]]) -> list[str]:
    return [next((npn for npn, period in own if day in period), "") for day in DAYS]


def after(told: dict[date, str], sets: list[Point]) -> dict[date, str]:
    return told | {point.day: point.npn for point in sets}


@given(entries(), told_maps)
def test_what_is_told_brings_the_carrier_to_what_is_so(own: list[tuple[str, Period]], told: dict[date, str]) -> None:
    sets = to_tell(points(own, COVERAGE), told, COVERAGE)
    assert heard(after(told, sets)) == so(own)
    assert [point.day for point in sets] == sorted({point.day for point in sets})
    assert all(point.day in COVERAGE for point in sets)
    assert to_tell(points(own, COVERAGE), after(told, sets), COVERAGE) == []


@settings(max_examples=150, deadline=None)
@given(entries(), told_maps)
def test_nothing_shorter_would_do(own: list[tuple[str, Period]], told: dict[date, str]) -> None:
    sets = to_tell(points(own, COVERAGE), told, COVERAGE)
    if not 0 < len(sets) <= 3:
        return
    for days in combinations(DAYS, len(sets) - 1):
        for npns in product([*NPNS, ""], repeat=len(sets) - 1):
            fewer = [Point(day, npn) for day, npn in zip(days, npns, strict=True)]
            assert heard(after(told, fewer)) != so(own)


@given(entries())
def test_the_end_of_coverage_is_never_told(own: list[tuple[str, Period]]) -> None:
    assert COVERAGE.until not in {point.day for point in points(own, COVERAGE)}
    assert to_tell(points(own, COVERAGE), {p.day: p.npn for p in points(own, COVERAGE)}, COVERAGE) == []
