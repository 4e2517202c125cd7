"""An enrollment file of the marketplace, of any size: about as long a policy as the federal exchange writes."""

from __future__ import annotations

from pathlib import Path

from benchmarks import market

_OPENING = (
    "ISA*00*          *00*          *ZZ*MN0            *ZZ*410000001      *260105*1200*^*00501*000000501*1*T*:~"
    "GS*BE*MN0*31616MN0010001*20260105*1200*501*X*005010X220A1~"
)
_SET = (
    "ST*834*{st02}*005010X220A1~BGN*00*{st02}*20260105*120000*UT***2~QTY*TO*{members}~"
    "N1*P5*{first} {last}*94*{subscriber}~N1*IN*NORTH STAR HEALTH*FI*410000001~{people}SE*{segments}*{st02}~"
)
_PERSON = (
    "INS*{line}*{relation}*021*EC*A***AC~REF*0F*{subscriber}~REF*17*{member}~DTP*356*D8*20260101~"
    "NM1*IL*1*{last}*{first}****ZZ*{member}~PER*IP**HP*6125550100*EM*somebody@example.org~"
    "N3*100 MAIN STREET*APARTMENT 4~N4*SAINT PAUL*MN*55101**CY*27123~DMG*D8*{birthday}*F~"
    "HD*021**HLT*{plan}*IND~DTP*348*D8*20260101~AMT*P3*512.31~REF*CE*{plan}~REF*1L*{policy}~"
    "LS*2700~LX*1~N1*75*PRE AMT TOT~REF*9X*512.31~LX*2~N1*75*APTC AMT~REF*9V*100.00~"
    "LX*3~N1*75*REQUEST SUBMIT TIMESTAMP~REF*17*2025120510000000~"
    "LX*4~N1*75*APPLICATION ID AND ORIGIN~REF*6M*{application}-1~LE*2700~"
)
_HEAD = 6  # segments of a set beside its people


def write(path: Path, policies: int, *, first: int = 1) -> None:
    """One interchange; every second policy has a dependant."""
    with path.open("w", encoding="ascii") as file:
        file.write(_OPENING)
        for number in range(first, first + policies):
            file.write(_policy(number))
        file.write(f"GE*{policies}*501~IEA*1*000000501~")


def _policy(number: int) -> str:
    last, first = (part.upper() for part in market.name(number))
    members = 1 + number % 2
    people = "".join(
        _PERSON.format(
            line="NY"[at == 0],
            relation=("18", "01")[at],
            subscriber=f"91{number:08d}",
            member=f"91{number:08d}" if at == 0 else f"92{number:08d}",
            last=last,
            first=first,
            birthday=f"{market.birthday(number):%Y%m%d}",
            plan=market.PLAN,
            policy=f"2026{number:08d}",
            application=5_000_000 + number,
        )
        for at in range(members)
    )
    return _SET.format(
        st02=f"{number:09d}",
        members=members,
        first=first,
        last=last,
        subscriber=f"91{number:08d}",
        people=people,
        segments=_HEAD + people.count("~"),
    )
