"""Whatever was told, rejected or undone before: one send brings the carrier to what is so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from aor.policy.timeline import Point
from aor.terms.period import Period
from aor.transmissions import lifecycle
from aor.transmissions.lifecycle import (
    ACCEPTED,
    AGENT,
    BY_SET,
    CORRECTION,
    REJECTED,
    REMOVAL,
    UNANSWERED,
    Account,
    Entry,
    Told,
)

COVERAGE = Period(date(2026, 1, 1), date(2027, 1, 1))
MONTHS = [date(2026, month, 1) for month in range(1, 13)] + [date(2027, 1, 1)]
BROKERS = ["7000001", "7000002", "7000003"]
AT = datetime(2026, 2, 2, tzinfo=UTC)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Disjoint entries of the record, some held."""
    edges = sorted(draw(st.sets(st.integers(0, 12), min_size=2, max_size=6)))
    result: list[Entry] = []
    for number, (start, until) in enumerate(pairwise(edges)):
        npn = draw(st.sampled_from([*BROKERS, ""]))
        if npn and not (result and result[-1].npn == npn and result[-1].until == MONTHS[start]):
            in_standing = draw(st.booleans())
            result.append(Entry(number, 1, npn, MONTHS[start], MONTHS[until], in_standing, AT, None, number))
    return result


TOLD = st.builds(
    lambda minutes, npn, month, verdict: Told(
        AT + timedelta(minutes=minutes), minutes + 1, npn, MONTHS[month], AT.date(), AT, verdict, BY_SET, AGENT, "old"
    ),
    st.integers(0, 99),
    st.sampled_from([*BROKERS, ""]),
    st.integers(0, 11),
    st.sampled_from([UNANSWERED, ACCEPTED, REJECTED]),
)
HISTORY = st.lists(TOLD, max_size=6, unique_by=lambda one: one.at).map(sorted)


def account(own: list[Entry], told: list[Told]) -> Account:
    return Account(1, COVERAGE, own, own, told)


def after(one: Account, points: list[Point]) -> Account:
    """The same, with the points handed over."""
    last = one.told[-1].at if one.told else AT
    more = [
        Told(
            last + timedelta(minutes=number), 1000 + number, point.npn, point.day, AT.date(), AT, UNANSWERED, BY_SET,
            AGENT, "new",
        )
        for number, point in enumerate(points, 1)
    ]  # fmt: skip
    return account(one.entries, [*one.told, *more])


def told_on(one: Account, day: date) -> str:
    told = lifecycle.told_map(one.told)
    return told[max(known)] if (known := [since for since in told if since <= day]) else ""


@given(entries(), HISTORY, st.sets(st.sampled_from(BROKERS)))
def test_one_send_brings_the_carrier_to_what_is_so_and_the_next_is_empty(
    own: list[Entry], told: list[Told], ready: set[str]
) -> None:
    before = account(own, told)
    points = lifecycle.to_send(before, lambda entry: entry.npn in ready, lambda _: "new")
    assert points == sorted(points, key=lambda point: point.day)
    now = after(before, points)
    assert lifecycle.to_send(now, lambda entry: entry.npn in ready, lambda _: "new") == []
    for day in MONTHS[:-1]:
        entry = next((e for e in own if e.start <= day < e.until and e.in_standing), None)
        if entry is not None and entry.npn in ready:
            assert told_on(now, day) == entry.npn
        elif entry is None:
            assert told_on(now, day) == ""


@given(entries(), HISTORY)
def test_nothing_goes_to_a_broker_who_is_held_and_was_never_told(own: list[Entry], told: list[Told]) -> None:
    one = account(own, told)
    points = lifecycle.to_send(one, lambda entry: False, lambda _: "new")
    known = {each.npn for each in told if each.verdict != REJECTED}
    assert {point.npn for point in points} <= known | {""}


@given(entries(), HISTORY)
def test_what_was_rejected_does_not_go_again_while_its_facts_are_the_same(own: list[Entry], told: list[Told]) -> None:
    one = account(own, told)
    for point in lifecycle.to_send(one, lambda entry: True, lambda _: "old"):
        assert not lifecycle.rejected(lifecycle.spell(told, point.npn, point.day))


@given(entries(), HISTORY)
def test_what_was_rejected_waits_and_the_next_send_is_empty_too(own: list[Entry], told: list[Told]) -> None:
    one = account(own, told)
    points = lifecycle.to_send(one, lambda entry: True, lambda _: "old")
    now = after(one, points)
    assert lifecycle.to_send(now, lambda entry: True, lambda _: "old") == []
    for entry in own:
        waits = lifecycle.rejected(lifecycle.spell(told, entry.npn, entry.start))
        if waits and entry.in_standing:
            assert entry.start not in {point.day for point in points}, "its day is a person's to settle"


@given(entries(), HISTORY)
def test_an_own_set_is_first_and_all_else_is_a_removal_or_a_correction(own: list[Entry], told: list[Told]) -> None:
    one = account(own, told)
    for point in lifecycle.to_send(one, lambda entry: True, lambda _: "new"):
        kind = lifecycle.kind_of(one, point)
        assert (kind == REMOVAL) == (point.npn == "")
        if kind == AGENT:
            assert any(entry.start == point.day and entry.npn == point.npn for entry in own)
            assert lifecycle.first_sent(told, point.npn, point.day) is None
        assert kind in (AGENT, REMOVAL, CORRECTION)


@given(entries(), entries(), st.integers(0, 11), st.integers(1, 12), st.booleans(), st.sets(st.sampled_from(BROKERS)))
def test_the_short_way_of_the_first_telling_ends_where_the_long_one_does(
    own: list[Entry], earlier: list[Entry], start: int, months: int, free: bool, left_out: set[str]
) -> None:
    coverage = Period(MONTHS[start], MONTHS[min(start + months, 12)])
    excluded = frozenset(Point(entry.start, entry.npn) for entry in own if entry.npn in left_out)
    for one in own:
        for before in ([one], earlier):
            known = Account(1, coverage, [one], before)
            if before == [one]:
                known.before = known.entries
            short = lifecycle.to_send(known, lambda _: free, None, excluded)
            assert short == lifecycle.changes(known, coverage, lambda _: free, None, excluded)


@given(entries(), HISTORY, st.booleans())
def test_what_was_rejected_of_somebody_else_changes_no_state(own: list[Entry], told: list[Told], free: bool) -> None:
    strange = Told(AT, 9999, "7999999", MONTHS[11], AT.date(), AT, REJECTED, BY_SET, AGENT, "old")
    for some in (told, told[:1]):
        for entry in own:
            plain = lifecycle.state_of(account(own, some), entry, lambda _: free, MONTHS[5])
            assert plain == lifecycle.state_of(account(own, [*some, strange]), entry, lambda _: free, MONTHS[5])


@given(entries(), HISTORY)
def test_coverage_never_in_force_tells_nothing(own: list[Entry], told: list[Told]) -> None:
    one = Account(1, None, own, own, told)
    assert lifecycle.to_send(one, lambda entry: True, lambda _: "new") == []
