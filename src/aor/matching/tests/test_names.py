"""Names as they are typed, scanned, heard and shortened, beside names on file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.matching import names
from aor.matching.names import Likeness, Name

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("  MUÑOZ ", "munoz"),
        ("Ødegård", "odegard"),
        ("O'Dálaigh", "odalaigh"),
        ("O’Brien-Smith", "obrien smith"),
        ("Nguyễn", "nguyen"),
        ("Łukasz", "lukasz"),
        ("Strauß", "strauss"),
        ("MuÃ±oz", "munoz"),
        ("Ã…kerlund", "akerlund"),
        ("Ã\x81vila", "avila"),
        ("5ilva", "silva"),
        ("Mu?oz", "muoz"),
        ("...", ""),
    ],
)
def test_a_name_becomes_plain_words(typed: str, plain: str) -> None:
    assert names.plain(typed) == plain


@given(st.text(max_size=30))
def test_plain_words_stay_as_they_are(text: str) -> None:
    once = names.plain(text)
    assert names.plain(once) == once
    assert set(once) <= {*LETTERS, " "}


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        (("Mai See", "", "Vang"), Name(("mai", "see"), (), ("vang",), "")),
        (("José", "M", "de la Peña Jr."), Name(("jose",), ("m",), ("pena",), "jr")),
        (("Robert", "III", "Olson"), Name(("robert",), (), ("olson",), "iii")),
        (("Robert", "", "Olson 2nd"), Name(("robert",), (), ("olson",), "ii")),
        (("Junior", "", "Muñoz"), Name(("junior",), (), ("munoz",), "")),
        (("Mrs. Mary", "", "Olson,"), Name(("mary",), (), ("olson",), "")),
        (("", "", "Vang, Kaying"), Name(("kaying",), (), ("vang",), "")),
        (("", "", "Kaying Vang"), Name(("kaying",), (), ("vang",), "")),
        (("Kaying Vang, Jr.", "", ""), Name(("kaying",), (), ("vang",), "jr")),
        (("", "", "Vang"), Name((), (), ("vang",), "")),
        (("", "", ""), Name((), (), (), "")),
        (("De", "", "La"), Name(("de",), (), ("la",), "")),
    ],
)
def test_a_name_is_read_from_cells_as_people_fill_them(cells: tuple[str, str, str], name: Name) -> None:
    assert names.read(*cells) == name


@pytest.mark.parametrize(
    ("claimed", "filed", "likeness"),
    [
        ("Muñoz", "MUNOZ", Likeness.SAME),
        ("de la Cruz", "Cruz", Likeness.SAME),
        ("Oedegaard", "Ødegård", Likeness.WRITTEN),
        ("Pahoua", "Pa Houa", Likeness.WRITTEN),
        ("Lind qvist", "Lindqvist", Likeness.WRITTEN),
        ("Soliss", "Solís", Likeness.WRITTEN),
        ("Paz Solís", "Solís-Paz", Likeness.ORDER),
        ("Solís", "Solís-Paz", Likeness.PART),
        ("Soliis", "Solís-Paz", Likeness.PART),
        ("M", "M Luz", Likeness.INITIAL),
        ("Bill", "William", Likeness.NICKNAME),
        ("Bill", "William Henry", Likeness.NICKNAME),
        ("Hassan", "Xasan", Likeness.NICKNAME),
        ("Xyooj", "Xiong", Likeness.NICKNAME),
        ("Pepe", "José", Likeness.NICKNAME),
        ("Lnidqvist", "Lindqvist", Likeness.TYPO),
        ("Modonald", "Mcdonald", Likeness.TYPO),
        ("Bjomstad", "Bjørnstad", Likeness.TYPO),
        ("Wang", "Vang", Likeness.TYPO),
        ("Mai Sea", "Mai See", Likeness.TYPO),
        ("Torkilsin", "Torkelsen", Likeness.SOUND),
        ("Stefenson", "Stephensen", Likeness.SOUND),
        ("Hellstrand", "Hellstrøm", Likeness.NEAR),
        ("Munos", "Muñoz Peña", Likeness.NEAR),
        ("María José", "María Luz", Likeness.NEAR),
        ("Anne Bo", "Karl Ziad", Likeness.OTHER),
        ("K.", "Kaying", Likeness.INITIAL),
        ("K", "Astrid", Likeness.OTHER),
        ("Kaying", "Astrid", Likeness.OTHER),
        ("Ty", "Pa", Likeness.OTHER),
        ("", "Astrid", Likeness.MISSING),
    ],
)
def test_likeness_of_two_names(claimed: str, filed: str, likeness: Likeness) -> None:
    assert names.best(names.words(claimed), names.words(filed)) is likeness


WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=9), min_size=1, max_size=3).map(tuple)


@given(WORDS, WORDS)
def test_likeness_is_the_same_from_both_sides(a: tuple[str, ...], b: tuple[str, ...]) -> None:
    assert names.best(a, b) is names.best(b, a)


@given(WORDS)
def test_a_name_is_the_same_as_itself(words: tuple[str, ...]) -> None:
    assert names.best(words, words) is Likeness.SAME


@pytest.mark.parametrize(
    ("a", "b"),
    [("vang", "wang"), ("xiong", "shiong"), ("phillip", "filip"), ("kjaergaard", "kergard"), ("strom", "stromm"),
     ("odegard", "oedegaard"), ("thao", "tao"), ("munoz", "munos")],
)  # fmt: skip
def test_spellings_of_many_tongues_sound_alike(a: str, b: str) -> None:
    assert names.sound(a) == names.sound(b)


@given(st.text(LETTERS, min_size=3, max_size=9))
def test_every_slip_of_the_pen_is_among_the_slips(word: str) -> None:
    found = set(names.slips(word))
    assert word[1:] in found
    assert f"{word}x" in found
    assert f"{word[:-1]}x" in found
    assert word[:-2] + word[-1] + word[-2] in found
