"""Identifiers say in plain words what is wrong with them."""

from __future__ import annotations

import pytest

from aor.terms.actor import Actor, Role, system
from aor.terms.coverage import Coverage
from aor.terms.identifiers import HiosIssuerId, NaicCompanyCode
from aor.terms.npn import Npn


@pytest.mark.parametrize("text", ["1", "1234567", "9999999999"])
def test_an_npn_is_up_to_ten_digits(text: str) -> None:
    assert Npn(text) == text == Npn.parse(text)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "digits only"),
        ("12 34", "digits only"),
        ("12E4", "digits only"),
        ("١٢٣", "digits only"),
        ("0123", "no leading zeros"),
        ("12345678901", "up to 10 digits"),
    ],
)
def test_what_is_no_npn_is_refused_with_the_reason(text: str, because: str) -> None:
    with pytest.raises(ValueError, match=because):
        Npn(text)


@pytest.mark.parametrize("text", ["1234567", " 1234567 ", "0001234567", "\t00000000001234567"])
def test_a_roster_may_pad_an_npn(text: str) -> None:
    assert Npn.parse(text) == "1234567"


@pytest.mark.parametrize(
    ("text", "because"), [("000", "not zero"), ("", "digits only"), (" ", "digits only"), ("00x", "digits only")]
)
def test_padding_hides_no_mistake(text: str, because: str) -> None:
    with pytest.raises(ValueError, match=because):
        Npn.parse(text)


def test_a_hios_issuer_id_has_five_digits() -> None:
    assert HiosIssuerId(" 31616 ") == "31616"
    for text in ("3161", "316160", "3161A", "٣١٦١٦"):
        with pytest.raises(ValueError, match="five digits"):
            HiosIssuerId(text)


def test_a_naic_company_code_keeps_its_leading_zeros() -> None:
    assert NaicCompanyCode("111") == NaicCompanyCode(" 00111") == "00111"
    for text in ("", "123456", "12A"):
        with pytest.raises(ValueError, match="up to five digits"):
            NaicCompanyCode(text)


def test_a_command_acts_as_the_system_for_nobody() -> None:
    assert system("send") == Actor(Role.SYSTEM, "send", npn="")


def test_coverage_is_written_as_in_the_834() -> None:
    assert [Coverage("HLT"), Coverage("DEN")] == [Coverage.MEDICAL, Coverage.DENTAL]
