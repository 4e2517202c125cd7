"""Interchanges put together for tests, with envelopes that balance."""

from __future__ import annotations

from pathlib import Path

SAMPLES = Path(__file__).parent / "samples"
ENROLLMENTS = (SAMPLES / "enrollments_to_carrier.834").read_bytes()
AGENTS_OF_RECORD = (SAMPLES / "agent_of_record_to_carrier.834").read_bytes()

BGN = "BGN*00*000000001*20260105*060000*ET***2"
MEMBER = (
    "INS*Y*18*021*EC*A***AC",
    "REF*0F*910000001",
    "REF*17*910000001",
    "DTP*356*D8*20260101",
    "NM1*IL*1*VANG*KAYING",
)
COVERAGE = ("HD*021**HLT", "DTP*348*D8*20260101", "REF*CE*31616MN001000104", "REF*1L*21000001")


def isa(*, isa13: str = "000000501", sender: str = "MN0", version: str = "00501", repetition: str = "^") -> str:
    parties = f"ZZ*{sender:15}*ZZ*{'410000001':15}"
    return f"ISA*00*{'':10}*00*{'':10}*{parties}*260105*0600*{repetition}*{version}*{isa13}*1*T*:"


def transaction(*segments: str, st02: str = "000000001", st01: str = "834", st03: str = "005010X220A1") -> list[str]:
    head = f"ST*{st01}*{st02}*{st03}".rstrip("*")
    return [head, *segments, f"SE*{len(segments) + 2}*{st02}"]


def enrollment(*segments: str, st02: str = "000000001") -> list[str]:
    return transaction(BGN, *segments, st02=st02)


def group(*sets: list[str], gs06: str = "501", gs01: str = "BE", gs08: str = "005010X220A1") -> list[str]:
    head = f"GS*{gs01}*MN0*31616MN0010001*20260105*0600*{gs06}*X*{gs08}"
    return [head, *(segment for one in sets for segment in one), f"GE*{len(sets)}*{gs06}"]


def interchange(
    *groups: list[str], isa13: str = "000000501", notes: tuple[str, ...] = (), **header: str
) -> list[str]:
    body = [segment for one in groups for segment in one]
    return [isa(isa13=isa13, **header), *notes, *body, f"IEA*{len(groups)}*{isa13}"]


def text(*segments: str, end: str = "~") -> bytes:
    return "".join(segment + end for segment in segments).encode()


def acknowledgment(
    *segments: str,
    notes: tuple[str, ...] = (),
    st01: str = "999",
    gs08: str = "005010X231A1",
    st03: str = "005010X231A1",
) -> bytes:
    one = transaction(*segments, st01=st01, st02="0001", st03=st03)
    return text(*interchange(group(one, gs01="FA", gs08=gs08), notes=notes))
