"""Social Security numbers stop at the door."""

from __future__ import annotations

from io import BytesIO

import pytest

from aor.x12 import acknowledgment, privacy
from aor.x12.findings import EdiFinding
from aor.x12.guides import x220a1
from aor.x12.separators import Delimiters
from aor.x12.tests import written
from aor.x12.tests.written import COVERAGE, MEMBER, enrollment, group, interchange, text

SSN = "123456789"


def stripped(segment: str, keep_tax_id: privacy.KeepTaxId = privacy.keep_none) -> str:
    [one] = privacy.strip_private([segment], Delimiters(), keep_tax_id)
    return one


@pytest.mark.parametrize(
    ("segment", "kept"),
    [
        (f"NM1*IL*1*VANG*KAYING****34*{SSN}", "NM1*IL*1*VANG*KAYING"),
        (f"NM1*70*1*VANG*KAYING****34*{SSN}*X", "NM1*70*1*VANG*KAYING******X"),
        (f"NM1*IN*1*VANG*KAYING****FI*{SSN}", "NM1*IN*1*VANG*KAYING"),
        ("NM1*IN*2*NORTH STAR*****FI*410000001", "NM1*IN*2*NORTH STAR*****FI*410000001"),
        ("NM1*36*1*X*Y****ZZ*1", "NM1*36*1*X*Y****ZZ*1"),
        (f"REF*SY*{SSN}", "REF*SY"),
        (f"REF*sy *{SSN}", "REF*sy "),
        ("REF*SY", "REF*SY"),
        ("REF*0F*123-45-6789", "REF*0F*XXX-XX-XXXX"),
        ("REF*17*123-45-6789", "REF*17*XXX-XX-XXXX"),
        ("REF*0F*123456789", "REF*0F*123456789"),
        (f"N1*P5*KAYING VANG*FI*{SSN}", "N1*P5*KAYING VANG*FI"),
        ("N1*P5*KAYING VANG*94*910000001", "N1*P5*KAYING VANG*94*910000001"),
        (f"N1*IN*X*34*{SSN}", "N1*IN*X*34"),
        ("N1*IN*North Star Health*FI*410000001", "N1*IN*North Star Health*FI*410000001"),
        (f"N1*BO*ANA GARCIA*FI*{SSN}", "N1*BO*ANA GARCIA*FI"),
        (f"N1*TV*LAKES AGENCY*FI*{SSN}*X", "N1*TV*LAKES AGENCY*FI"),
        ("N1*75*FI", "N1*75*FI"),
        (f"IK4*9*67*7*{SSN}", "IK4*9*67*7"),
        ("IK4*9*67*7*123-45-6789", "IK4*9*67*7"),
        ("IK4*3*1035*6*V@NG", "IK4*3*1035*6*V@NG"),
        (f"AK4*9*67*7*{SSN}", "AK4*9*67*7"),
    ],
)
def test_private_elements_are_emptied(segment: str, kept: str) -> None:
    # Beside one that is surely private, each is looked at by itself; alone, the quick look must not pass it over.
    assert privacy.strip_private([segment, "REF*SY*1"], Delimiters()) == [kept, "REF*SY"]
    assert stripped(segment) == kept


def test_the_tax_id_of_a_known_agency_stays() -> None:
    known = {"411234567"}.__contains__
    assert stripped("N1*BO*ANA GARCIA*FI*411234567", known) == "N1*BO*ANA GARCIA*FI*411234567"
    assert stripped("N1*P5*KAYING VANG*FI*411234567", known) == "N1*P5*KAYING VANG*FI"


def test_a_stripped_file_balances_and_reads_the_same() -> None:
    body = (
        f"N1*P5*KAYING VANG*FI*{SSN}", *MEMBER[:3], f"REF*SY*{SSN}", f"NM1*IL*1*VANG*KAYING****34*{SSN}",
        f"NM1*70*1*VANG*KAY****34*{SSN}", *COVERAGE, "COB*U*1*5", f"REF*SY*{SSN}",
    )  # fmt: skip
    kept: list[str] = []
    first = list(x220a1.read(BytesIO(text(*interchange(group(enrollment(*body))))), stripped=kept.append))
    assert SSN not in repr(first) + "".join(kept)
    assert list(x220a1.read(BytesIO("".join(kept).encode()))) == first
    assert not any(isinstance(event, EdiFinding) for event in first)


def test_an_id_that_looks_like_a_number_of_social_security_refuses_the_file() -> None:
    kept: list[str] = []
    body = (MEMBER[0], "REF*0F*123-45-6789", *MEMBER[2:], *COVERAGE)
    events = list(x220a1.read(BytesIO(text(*interchange(group(enrollment(*body))))), stripped=kept.append))
    because = [event.because for event in events if isinstance(event, EdiFinding)]
    assert "REF*0F looks like a Social Security number; it was not kept" in because
    assert "6789" not in repr(events) + "".join(kept)


def test_bad_data_in_an_acknowledgment_is_not_repeated_where_it_is_private() -> None:
    kept: list[str] = []
    content = written.acknowledgment(
        "AK1*BE*501", "AK2*834*0001", "IK3*NM1*5*2100*8", f"IK4*9*67*7*{SSN}", "IK5*R*5", "AK9*R*1*1*0"
    )
    events = list(acknowledgment.read(BytesIO(content), stripped=kept.append))
    assert SSN not in repr(events) + "".join(kept)
