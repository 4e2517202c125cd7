"""Who is decided on, who is left to an officer, and why."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aor.matching import explain, keys, names, score
from aor.matching.doubts import Doubt
from aor.matching.fields import Field
from aor.matching.frequencies import Frequencies
from aor.matching.score import Comparison, Match, Outcome, Verdict
from aor.terms.person import PersonClaim, PersonFacts

HEALTHCO, OTHER = "31616", "57129"
DAY, BORN = date(2025, 12, 5), date(1980, 3, 4)
HOME = "924 TAMARACK TRL, SAINT PAUL, MN 55104"
FREQUENCIES = Frequencies.counted(
    100_000,
    first_names=[("Kaying", 300), ("José", 900), ("Jose", 100), ("Elin", 200), ("Erin", 200), ("Marit", 50)],
    last_names=[("Vang", 1_500), ("Muñoz", 700), ("Lindqvist", 400), ("Peña", 90), ("Yang", 900)],
    birth_dates=[(date(1960, 1, 1), 800)],
    carriers=[(HEALTHCO, 60_000), (OTHER, 40_000)],
)
KAYING = PersonFacts(
    "k", "Kaying", "Lindqvist", BORN, middle_name="Mee", former_last_names=("Vang",),
    hios_issuer_ids=frozenset({HEALTHCO}), days=frozenset({DAY}), addresses=("1 Old Rd, Duluth, MN 55802", HOME),
)  # fmt: skip
CLAIM = PersonClaim("Kaying", "Lindqvist", BORN, "", HEALTHCO, DAY, "924 Tamarack Trail, 55104")


def chosen(claim: PersonClaim, *people: PersonFacts) -> Match:
    return score.choose(claim, people or (KAYING,), FREQUENCIES)


def level(comparison: Comparison | None, field: Field) -> str:
    assert comparison is not None
    return next(one.level for one in comparison.fields if one.field is field)


def test_one_who_agrees_in_everything_is_decided() -> None:
    match = chosen(CLAIM)
    assert (match.outcome, match.runner_up) == (Outcome.DECIDED, None)
    assert match.best is not None
    assert (match.best.key, match.best.verdict, match.best.doubts) == ("k", Verdict.SAME, ())
    assert match.why == (
        "everything of weight agrees: the odds are more than a million to one that this is the person",
    )


@pytest.mark.parametrize(
    "claim",
    [
        replace(CLAIM, first_name="Lindqvist", last_name="Kaying"),
        replace(CLAIM, first_name="", last_name="Lindqvist, Kaying"),
        replace(CLAIM, first_name="KAYING MEE", last_name="Lindquist"),
        replace(CLAIM, last_name="Vang"),
        replace(CLAIM, last_name="Lindqvist-Olson"),
        replace(CLAIM, first_name="Mee"),
        replace(CLAIM, birth_date=date(1980, 4, 3)),
        replace(CLAIM, birth_date=date(1880, 3, 4)),
        replace(CLAIM, birth_date=date(1980, 4, 3), address=""),
        replace(CLAIM, hios_issuer_id="", day=None),
        replace(CLAIM, hios_issuer_id=OTHER, day=date(2025, 12, 9)),
        replace(CLAIM, middle_name="M"),
        replace(CLAIM, middle_name="Mee"),
    ],
    ids=str,
)
def test_one_plain_slip_is_decided_all_the_same(claim: PersonClaim) -> None:
    assert chosen(claim).outcome is Outcome.DECIDED


@pytest.mark.parametrize(
    ("claim", "doubt"),
    [
        (replace(CLAIM, first_name="Astrid"), Doubt.FIRST_NAME),
        (replace(CLAIM, first_name="K."), Doubt.FIRST_NAME),
        (replace(CLAIM, last_name="Olson"), Doubt.LAST_NAME),
        (replace(CLAIM, birth_date=date(1980, 3, 5)), Doubt.BIRTH_DATE),
        (replace(CLAIM, birth_date=date(1960, 3, 4)), Doubt.BIRTH_DATE),
        (replace(CLAIM, birth_date=date(1962, 7, 9)), Doubt.BIRTH_DATE),
        (replace(CLAIM, birth_date=None), Doubt.BIRTH_DATE),
        (replace(CLAIM, last_name="Lindqvist Jr", birth_date=date(1980, 4, 3)), Doubt.SUFFIX),
        (replace(CLAIM, birth_date=date(1980, 4, 3), address="", day=date(2026, 2, 20)), Doubt.ALONE),
        (replace(CLAIM, birth_date=date(1980, 4, 3), address="", hios_issuer_id=OTHER), Doubt.ALONE),
        (replace(CLAIM, first_name="Kayin", last_name="Lindqwist"), Doubt.SLIPS),
        (replace(CLAIM, first_name="Kayin", birth_date=date(1980, 4, 3)), Doubt.SLIPS),
        (PersonClaim("Kaying", "Lindqvist", date(1980, 4, 3)), Doubt.WEAK),
    ],
    ids=str,
)
def test_what_is_in_doubt_goes_to_an_officer(claim: PersonClaim, doubt: Doubt) -> None:
    match = chosen(claim)
    assert match.outcome is Outcome.REVIEW
    assert match.best is not None
    assert match.best.verdict is Verdict.PERHAPS
    assert doubt in match.best.doubts
    assert doubt.value in match.why


def test_a_slip_that_may_belong_to_another_name_is_doubted() -> None:
    elin = replace(KAYING, first_name="Elin")
    assert Doubt.KNOWN_NAME in score.compare(replace(CLAIM, first_name="Erin"), elin, FREQUENCIES).doubts
    assert Doubt.KNOWN_NAME in score.compare(replace(CLAIM, first_name="Ein"), elin, FREQUENCIES).doubts
    assert Doubt.KNOWN_NAME not in score.compare(replace(CLAIM, first_name="Elim"), elin, FREQUENCIES).doubts
    yang = replace(CLAIM, last_name="Yang")
    vang = replace(KAYING, last_name="Vang", former_last_names=())
    assert Doubt.KNOWN_NAME in score.compare(yang, vang, FREQUENCIES).doubts
    two = replace(KAYING, first_name="Marit Xenobia")
    assert not score.compare(replace(CLAIM, first_name="Marit Xenobbia"), two, FREQUENCIES).doubts
    assert not score.compare(replace(CLAIM, first_name="Marit Xemobia"), two, FREQUENCIES).doubts


def test_twins_at_one_address_are_told_apart_or_left_to_an_officer() -> None:
    twin = replace(KAYING, key="t", first_name="Mai")
    both = chosen(CLAIM, KAYING, twin)
    assert both.outcome is Outcome.DECIDED
    assert both.runner_up is not None
    assert both.runner_up.key == "t"
    assert Doubt.FIRST_NAME in both.runner_up.doubts
    assert chosen(CLAIM, twin).outcome is Outcome.REVIEW


def test_father_and_son_of_one_name_are_not_confused() -> None:
    father = replace(KAYING, key="f", first_name="José", last_name="Muñoz Sr", birth_date=date(1960, 3, 4))
    son = replace(father, key="s", last_name="Muñoz Jr", birth_date=date(1983, 9, 2))
    claim = replace(CLAIM, first_name="Jose", last_name="Munoz Jr", birth_date=date(1983, 9, 2))
    assert chosen(claim, father).outcome is Outcome.REVIEW
    assert Doubt.SUFFIX in score.compare(claim, father, FREQUENCIES).doubts
    match = chosen(claim, father, son)
    assert match.outcome is Outcome.DECIDED
    assert match.best is not None
    assert match.best.key == "s"
    assert level(match.best, Field.SUFFIX) == "same"


def test_two_who_agree_alike_are_left_to_an_officer() -> None:
    match = chosen(replace(CLAIM, address=""), KAYING, replace(KAYING, key="z", addresses=()))
    assert match.outcome is Outcome.REVIEW
    assert match.why == (Doubt.CLOSE.value,)
    assert [one.key for one in (match.best, match.runner_up) if one] == ["k", "z"]


def test_nobody_resembles_a_stranger() -> None:
    stranger = PersonClaim("Astrid", "Haugen", BORN, "", HEALTHCO, DAY, HOME)
    assert chosen(stranger) == Match(Outcome.NONE, None, None, (explain.NOBODY,))
    assert score.choose(CLAIM, (), FREQUENCIES).outcome is Outcome.NONE
    assert score.compare(stranger, KAYING, FREQUENCIES).verdict is Verdict.OTHER
    other = PersonClaim("Kaying", "Lindqvist", date(1951, 7, 30), "", OTHER, date(2026, 6, 1), "1 Elm St 55802")
    assert score.compare(other, replace(KAYING, addresses=(HOME,)), FREQUENCIES).verdict is Verdict.OTHER


def test_a_common_birth_date_with_a_common_name_is_not_enough() -> None:
    everybody = replace(FREQUENCIES, first_names={"jose": 60_000}, birth_dates={date(1960, 1, 1): 60_000})
    born = replace(KAYING, first_name="José", birth_date=date(1960, 1, 1))
    claim = replace(CLAIM, first_name="José", birth_date=date(1960, 1, 1))
    assert Doubt.COMMON in score.compare(claim, born, everybody).doubts
    assert score.compare(claim, born, FREQUENCIES).score > score.compare(claim, born, everybody).score


def test_a_rare_name_weighs_more_than_a_common_one() -> None:
    rare = replace(KAYING, last_name="Zzyzx")
    common = replace(KAYING, last_name="Vang")
    weighs = [
        score.compare(replace(CLAIM, last_name=one.last_name), one, FREQUENCIES).score for one in (rare, common)
    ]
    assert weighs[0] > weighs[1] + 8


def test_names_elsewhere_are_found() -> None:
    axmed = replace(KAYING, first_name="Axmed", middle_name="Cali", last_name="Warsame", former_last_names=())
    by_father = score.compare(replace(CLAIM, first_name="Ahmed", last_name="Cali"), axmed, FREQUENCIES)
    assert level(by_father, Field.LAST_NAME) == "a middle name"
    two = replace(KAYING, last_name="Muñoz", former_last_names=())
    among = score.compare(replace(CLAIM, first_name="Kaying Muñoz", last_name="Peña"), two, FREQUENCIES)
    assert level(among, Field.LAST_NAME) == "a middle name"
    called = score.compare(replace(CLAIM, first_name="K", middle_name="Kaying"), KAYING, FREQUENCIES)
    assert level(called, Field.FIRST_NAME) == "a middle name"


def test_a_cell_full_of_letters_is_answered_like_any_other() -> None:
    endless = replace(
        CLAIM, last_name="Va" + "ia" * 16_000 + "ng", first_name="Kaying " * 5_000, address="9" * 32_000
    )
    vang = replace(KAYING, last_name="Vang")
    assert len(names.claimed(endless).family[0]) == names.LONGEST
    assert chosen(endless, vang).outcome is Outcome.REVIEW
    assert max(map(len, keys.asking_keys(endless))) <= 16


def test_every_field_is_told_in_a_sentence_without_what_is_on_file() -> None:
    claim = replace(CLAIM, first_name="Kaynig", birth_date=date(1980, 4, 3), middle_name="Xa", day=date(2025, 12, 20))
    compared = score.compare(replace(claim, hios_issuer_id=OTHER, address="5 Elm St 55104"), KAYING, FREQUENCIES)
    assert [one.because for one in compared.fields] == [
        "last name: is the same; speaks somewhat for it",
        "first name: differs by one letter; speaks somewhat for it",
        "order of the names: is the same",
        "middle name: is another; speaks somewhat against it",
        "suffix: was not given on both sides",
        "date of birth: has day and month exchanged; speaks somewhat for it",
        "carrier: is another; speaks somewhat against it",
        "application or enrollment date: is within a month; speaks a little against it",
        "address: agrees in the ZIP code only; speaks somewhat for it",
    ]
    told = json.dumps(compared.as_json())
    assert "Lindqvist" not in told
    assert "1980" not in told
    assert compared.as_json()["key"] == "k"


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (25.0, "everything of weight agrees: the odds are more than a million to one that this is the person"),
        (10.0, "the odds are about 1,000 to one that this is the person"),
        (3.0, "the odds are about 8 to one that this is the person"),
        (-10.0, "the odds are about 1,000 to one that this is somebody else"),
        (-90.0, "the odds are about 1,000,000 to one that this is somebody else"),
    ],
)
def test_odds_are_said(bits: float, words: str) -> None:
    assert explain.odds(bits) == words


FIRST = st.sampled_from(("Kaying", "Kayin", "José", "Bill", "", "K.", "Mai See"))
LAST = st.sampled_from(("Lindqvist", "Vang", "Lindqvist Jr", "Muñoz-Peña", "", "Kaying"))
BIRTH = st.none() | st.sampled_from((BORN, date(1980, 4, 3), date(1960, 1, 1)))
DAYS = st.none() | st.sampled_from((DAY, date(2025, 12, 20)))
CLAIMS = st.builds(
    PersonClaim, FIRST, LAST, BIRTH, st.sampled_from(("", "Mee")), st.sampled_from(("", HEALTHCO)), DAYS
)
PEOPLE = st.lists(
    st.builds(
        PersonFacts,
        st.uuids().map(str),
        FIRST,
        LAST,
        BIRTH,
        hios_issuer_ids=st.sampled_from((frozenset[str](), frozenset({HEALTHCO}))),
        days=st.sampled_from((frozenset[date](), frozenset({DAY}))),
    ),
    max_size=5,
)


@settings(deadline=None)
@given(CLAIMS, PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_the_candidates_does_not_matter(
    claim: PersonClaim, people: list[PersonFacts], random: Random
) -> None:
    shuffled = random.sample(people, len(people))
    assert chosen(claim, KAYING, *people) == chosen(claim, *shuffled, KAYING)


@settings(deadline=None)
@given(CLAIMS, PEOPLE)
def test_only_one_without_doubt_is_decided(claim: PersonClaim, people: list[PersonFacts]) -> None:
    match = chosen(claim, *people)
    if match.outcome is Outcome.DECIDED:
        assert match.best is not None
        assert match.best.score >= score.DECIDE
        assert not match.best.doubts
    assert match.why


@settings(deadline=None)
@given(CLAIMS)
def test_agreement_in_one_more_field_never_lowers_the_score(claim: PersonClaim) -> None:
    least = replace(claim, hios_issuer_id=OTHER, day=date(2024, 1, 1), address="1 Elm St, Tyler, MN 56178")
    for better in ({"hios_issuer_id": HEALTHCO}, {"day": DAY}, {"address": HOME}, {"birth_date": BORN}):
        more = score.compare(replace(least, **better), KAYING, FREQUENCIES)
        assert more.score >= score.compare(least, KAYING, FREQUENCIES).score
