"""Candidates are found by the keys they share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.matching import keys
from aor.terms.person import PersonClaim, PersonFacts

KAYING = PersonFacts("1", "Kaying", "Lindqvist", date(1980, 3, 12), middle_name="Mee A", former_last_names=("Vang",))
CLAIM = PersonClaim("Kaying", "Lindqvist", date(1980, 3, 12))


def shared(claim: PersonClaim, person: PersonFacts) -> frozenset[str]:
    return keys.asking_keys(claim) & keys.blocking_keys(person)


@pytest.mark.parametrize(
    "claim",
    [
        CLAIM,
        replace(CLAIM, first_name="Zed", last_name="Qu"),
        replace(CLAIM, last_name="Vang", birth_date=date(1980, 7, 12)),
        replace(CLAIM, first_name="Lindqvist", last_name="Kaying", birth_date=date(1980, 3, 21)),
        replace(CLAIM, first_name="Xed", birth_date=date(1980, 12, 3)),
        replace(CLAIM, first_name="Xed", birth_date=date(1890, 3, 12)),
        replace(CLAIM, first_name="Xed", birth_date=date(1980, 8, 12)),
        replace(CLAIM, last_name="Olson", first_name="Mee", birth_date=date(1980, 3, 11)),
        replace(CLAIM, birth_date=date(1980, 11, 30)),
        replace(CLAIM, last_name="Vank", birth_date=date(1980, 3, 30)),
    ],
    ids=str,
)
def test_a_slip_in_either_name_or_date_leaves_a_key(claim: PersonClaim) -> None:
    assert shared(claim, KAYING)


def test_a_stranger_shares_no_key() -> None:
    assert not shared(PersonClaim("Astrid", "Haugen", date(1971, 4, 1)), KAYING)
    assert not shared(replace(CLAIM, birth_date=date(1971, 4, 1)), KAYING)


def test_a_person_without_a_birth_date_is_found_by_the_whole_name() -> None:
    unknown = replace(KAYING, birth_date=None)
    assert shared(CLAIM, unknown)
    assert shared(replace(CLAIM, birth_date=None), unknown)
    assert not shared(replace(CLAIM, first_name="Astrid"), unknown)


def test_the_first_of_january_alone_makes_nobody_a_candidate() -> None:
    born = replace(KAYING, birth_date=date(1980, 1, 1))
    assert not shared(PersonClaim("Astrid", "Haugen", date(1980, 1, 1)), born)
    assert not shared(PersonClaim("Astrid", "Lindqvist", date(1971, 1, 1)), born)
    assert shared(PersonClaim("Astrid", "Lindqvist", date(1980, 1, 1)), born)
    assert shared(PersonClaim("Kaying", "Lindqvist", date(1971, 1, 1)), born)


def test_nameless_claims_have_keys_too() -> None:
    assert keys.asking_keys(PersonClaim("", "", date(1980, 3, 12)))


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30), st.dates())
def test_keys_are_few_and_short(first: str, middle: str, last: str, born: date) -> None:
    found = keys.blocking_keys(PersonFacts("1", first, last, born, middle_name=middle))
    assert 0 < len(found) <= 4 * keys.MOST_WORDS + 2
    assert max(map(len, found)) <= 16
