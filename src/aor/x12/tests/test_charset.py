"""Names as X12 can say them: never dropped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.x12.charset import EXTENDED, x12_text
from aor.x12.separators import Delimiters

USUAL = Delimiters()
ALLOWED = EXTENDED - set("*^:~")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Żółć", "Zolc"), ("Straße", "Strasse"), ("Ørsted Ærø", "Orsted AEro"), ("Þórður", "Thordur"),
        ("Đặng", "Dang"), ("Nguyễn Thị Ánh", "Nguyen Thi Anh"), ("İpek Işık", "Ipek Isik"), ("`Okina", "'Okina"),
        ("O’Brien–Ó", "O'Brien-O"), ("𖬃𖬥", "??"), ("محمد", "????"), ("李 明", "? ?"), ("A*B~C:D^E", "A B C D E"),
        ("  a \t b ", "a b"), ("ﬁ½", "fi1/2"), ("\u0301", "?"), ("***", "?"), ("", ""), ("  ", ""), ("\x85", ""),
        ("Mu\u200dn\u0303oz", "Munoz"),
    ],
)  # fmt: skip
def test_names_are_brought_over(name: str, said: str) -> None:
    assert x12_text(name, limit=60, delimiters=USUAL) == said


def test_names_are_cut_and_raised() -> None:
    assert x12_text("Straße Nord", limit=8, delimiters=USUAL, upper=True) == "STRASSE"
    assert x12_text("a|b", limit=8, delimiters=Delimiters(element="|", repetition="")) == "a b"


@given(st.text(max_size=80), st.booleans(), st.integers(1, 60))
def test_any_text_fits_and_none_becomes_empty(text: str, upper: bool, limit: int) -> None:
    said = x12_text(text, limit=limit, delimiters=USUAL, upper=upper)
    assert set(said) <= ALLOWED
    assert len(said) <= limit
    assert bool(said) == bool(text.strip())
    assert said == said.strip()
