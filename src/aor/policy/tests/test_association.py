"""Whose association was open when, where days and instants collide."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest

from aor.policy.association import ANNULLING, Association, End, EndKind, Opening, Reach, open_at, openings
from aor.policy.tests.facts import NAVIGATOR, A, B, association, at, standing

ENDED, REPLACED = EndKind.ENDED, EndKind.REPLACED


def spans(*held: Association, reach: Reach | None = None, **standings: object) -> list[tuple[str, str, str]]:
    """NPN, since, until of each opening, the same whatever order the associations come in."""
    brokers = [standing(A, **standings), standing(B)]
    every = {
        tuple((o.association.npn, str(o.since), str(o.until)) for o in openings(order, brokers, reach))
        for order in permutations(held)
    }
    assert len(every) == 1
    return list(every.pop())


def test_a_later_confirmed_one_ends_the_earlier() -> None:
    assert spans(association(1, A, "2026-01-08T15"), association(2, B, "2026-03-10T15")) == [
        (A, "2026-01-08", "2026-03-10"),
        (B, "2026-03-10", "None"),
    ]


def test_of_two_at_the_same_instant_the_one_that_ended_comes_first_then_the_lower_npn() -> None:
    both = association(1, A, "2026-01-08T15"), association(2, B, "2026-01-08T15")
    assert spans(*both) == [(B, "2026-01-08", "None")]
    ended = association(2, B, "2026-01-08T15", ("2026-02-01T15", ENDED))
    assert spans(both[0], ended) == [(A, "2026-01-08", "None")]


def test_one_that_ended_as_it_was_confirmed_is_not_open() -> None:
    assert spans(association(1, A, "2026-01-08T15", ("2026-01-08T15", ENDED))) == []


def test_an_end_before_its_confirmation_ends_nothing() -> None:
    assert spans(association(1, A, "2026-01-08T15", ("2026-01-07T15", ENDED))) == [(A, "2026-01-08", "None")]


def test_one_that_began_and_ended_within_a_day_was_never_open_at_its_end() -> None:
    assert spans(association(1, A, "2026-01-08T15", ("2026-01-08T16", ENDED))) == []


@pytest.mark.parametrize("last", ["2026-01-09T05:59:59.999999", "2026-01-08T15"])
def test_decertified_on_the_day_of_confirmation_up_to_its_last_instant(last: str) -> None:
    assert spans(association(1, A, last), ends=((date(2026, 1, 8), "decertified"),)) == []


def test_confirmed_after_the_broker_was_decertified_stays_open() -> None:
    gone = ((date(2026, 1, 7), "decertified"),)
    assert spans(association(1, A, "2026-01-08T15"), ends=gone) == [(A, "2026-01-08", "None")]


def test_the_end_of_a_broker_who_is_not_associated_ends_nobody() -> None:
    assert spans(association(2, B, "2026-01-08T15"), ends=((date(2026, 2, 1), "died"),)) == [
        (B, "2026-01-08", "None")
    ]


NEXT_YEAR = association(2, B, "2026-06-10T15", plan_year=2027)
THIS_YEAR = Reach(2026, date(2025, 12, 5))


@pytest.mark.parametrize(
    ("end", "until"),
    [
        ("2026-06-10T15", "None"),  # that replacement, told twice
        ("2026-06-10T16", "None"),
        ("2026-06-10T14", "2026-06-10"),  # the consumer ended all before naming the next
        ("2026-06-09T15", "2026-06-09"),
        ("2026-06-11T15", "2026-06-11"),  # the consumer acts again
    ],
)
def test_an_end_is_a_replacement_told_twice_only_on_its_day_and_after_it(end: str, until: str) -> None:
    earlier = association(1, A, "2026-01-08T15", (end, ENDED))
    assert spans(earlier, NEXT_YEAR, reach=THIS_YEAR) == [(A, "2026-01-08", until)]


def test_a_replacement_told_as_an_end_is_no_act_of_its_own() -> None:
    earlier = association(1, A, "2026-01-08T15", ("2026-06-12T15", REPLACED))
    assert spans(earlier, NEXT_YEAR, reach=THIS_YEAR) == [(A, "2026-01-08", "None")]
    assert spans(earlier, NEXT_YEAR) == [(A, "2026-01-08", "2026-06-10"), (B, "2026-06-10", "None")]


def test_a_scoped_end_closes_access_and_leaves_what_it_does_not_reach() -> None:
    ended = Association(1, A, "designated", at("2026-01-08T15"), ends=(End(at("2026-06-10T15"), ENDED, 2027),))
    assert spans(ended) == [(A, "2026-01-08", "2026-06-10")]
    assert spans(ended, reach=THIS_YEAR) == [(A, "2026-01-08", "None")]
    assert spans(ended, reach=Reach(2027, date(2026, 11, 5))) == [(A, "2026-01-08", "2026-06-10")]


@pytest.mark.parametrize(
    ("enrolled_on", "displaces", "expected"),
    [
        (date(2026, 3, 9), True, [(A, "2026-01-08", "None")]),
        (date(2026, 3, 10), True, [(A, "2026-01-08", "None")]),
        (date(2026, 3, 11), True, [(A, "2026-01-08", "2026-03-10"), (NAVIGATOR, "2026-03-10", "None")]),
        (date(2026, 3, 11), False, [(A, "2026-01-08", "None")]),
    ],
)
def test_a_navigator_displaces_only_for_enrollments_made_after(
    enrolled_on: date, displaces: bool, expected: list[tuple[str, str, str]]
) -> None:
    held = association(1, A, "2026-01-08T15"), association(2, NAVIGATOR, "2026-03-10T15")
    assert spans(*held, reach=Reach(2026, enrolled_on, displaces)) == expected


def test_a_navigator_from_the_next_plan_year_leaves_this_one() -> None:
    held = association(1, A, "2026-01-08T15"), association(2, NAVIGATOR, "2026-03-10T15", plan_year=2027)
    assert spans(*held, reach=Reach(2026, date(2026, 4, 1))) == [(A, "2026-01-08", "None")]


@pytest.mark.parametrize("kind", sorted(ANNULLING))
def test_an_annulled_one_was_never_and_only_a_plain_decline_leaves_nobody(kind: EndKind) -> None:
    held = association(1, A, "2026-01-08T15"), association(2, B, "2026-03-10T15", ("2026-03-12T15", kind))
    until = "2026-03-10" if kind is EndKind.DECLINED else "None"
    assert spans(*held) == [(A, "2026-01-08", until)]


def test_a_yes_after_a_decline_restores() -> None:
    asked = ("2026-03-12T15", EndKind.DECLINED), ("2026-04-01T15", EndKind.DECLINED_RESUMED)
    held = association(1, A, "2026-01-08T15"), association(2, B, "2026-03-10T15", *asked)
    assert spans(*held) == [(A, "2026-01-08", "None")]


def test_who_is_open_on_a_day() -> None:
    one = association(1, A, "2026-01-08T15")
    span = [Opening(one, date(2026, 1, 8), date(2026, 1, 10))]
    assert [open_at(span, date(2026, 1, day)) for day in (7, 8, 9, 10)] == [None, one, one, None]
