"""Small builders that one can read in one screen: rosters as rows, enrollment files as text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from aor.associations.models import Association, Ending
from aor.brokers.models import Appointment, Broker, Certification, License
from aor.carriers.models import Carrier
from aor.consumers import operations as consumers
from aor.record import operations as record
from aor.terms.period import start_of

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR_AHEAD = datetime(2040, 1, 1, tzinfo=UTC)  # never too early for a household
ANA, BEN, CRUZ = "7000001", "7000002", "7000003"
NORTH_STAR = "31616"


def carrier(hios: str = NORTH_STAR, **others: object) -> None:
    Carrier.objects.create(
        **{
            "known_from": LONG_AGO,
            "hios_issuer_id": hios,
            "name": "North Star Health",
            "naic_company_code": hios,
            "coverages": "HLT;DEN",
            "tax_id": "410000001",
            "x12_id": "410000001",
            "unknown_appointment": "hold",
            **others,
        }
    )


def broker(
    npn: str,
    first: str = "Ana",
    last: str = "Garcia",
    *,
    certified: Iterable[int] = (2026,),
    licensed: bool = True,
    appointed: Iterable[str] = (NORTH_STAR,),
    email: str = "broker@example.org",
    kind: str = "broker",
    **others: object,
) -> None:
    """A broker in full standing, unless told otherwise; `others` are further columns of the roster."""
    names = {"npn": npn, "first_name": first, "last_name": last, "email": email, "kind": kind}
    Broker.objects.create(known_from=LONG_AGO, **names, **others)
    for year in certified:
        Certification.objects.create(known_from=LONG_AGO, npn=npn, plan_year=year, certified_on=date(year - 1, 9, 1))
    if licensed:
        License.objects.create(
            known_from=LONG_AGO,
            npn=npn,
            state="MN",
            license_number=f"L{npn}",
            line_of_authority="Accident & Health",
            status="Active",
            effective_date=date(2020, 1, 1),
        )
    for naic in appointed:
        Appointment.objects.create(
            known_from=LONG_AGO,
            npn=npn,
            naic_company_code=naic,
            state="MN",
            status="Active",
            effective_date=date(2020, 1, 1),
        )


def associated(
    subscriber: str, npn: str, day: date, *, until: date | None = None, plan_year: int | None = None
) -> Association:
    """A designation on a day, ended during another, with its household due."""
    row = Association.objects.create(
        subscriber_id=subscriber,
        npn=npn,
        path="designated",
        plan_year=plan_year,
        confirmed_at=start_of(day),
        recorded_at=start_of(day),
    )
    if until is not None:
        Ending.objects.create(
            association=row, at=start_of(until), kind="ended", plan_year=plan_year, recorded_at=start_of(until)
        )
    households = consumers.join(subscribers=[subscriber], now=start_of(day))
    record.mark_due(households, cause="test", now=FAR_AHEAD)
    return row


@dataclass(frozen=True)
class Policy:
    """One transaction set of an enrollment file."""

    policy: str
    subscriber: str
    start: date = date(2026, 1, 1)
    kind: str = "021"
    end: date | None = None
    coverage: str = "HLT"
    plan: str = "31616MN001000104"
    last: str = "VANG"
    first: str = "KAYING"
    birth: date = date(1984, 5, 2)
    application: str = "5500001-1"
    submitted: str = "2025120510000000"
    broker: str = ""
    subscriber_line: str = "Y"
    extra: tuple[str, ...] = field(default=())


def day(value: date) -> str:
    return value.strftime("%Y%m%d")


def segments_of(p: Policy, st02: str, sent: datetime) -> list[str]:
    """The segments of one set, as the marketplace writes them."""
    cancels = p.kind == "024"
    lines = [
        f"BGN*00*{st02}*{sent:%Y%m%d}*{sent:%H%M%S}*UT***2",
        f"N1*P5*{p.first} {p.last}*94*{p.subscriber}",
        "N1*IN*North Star Health*FI*410000001",
        *([f"N1*BO*SOME BROKER*94*{p.broker}"] if p.broker else []),
        f"INS*{p.subscriber_line}*18*{p.kind}*{'14' if cancels else 'EC'}*A***{'TE' if cancels else 'AC'}",
        f"REF*0F*{p.subscriber}",
        f"REF*17*{p.subscriber}",
        *([f"REF*1L*{p.policy}"] if cancels else []),
        f"DTP*356*D8*{day(p.start)}",
        *([f"DTP*357*D8*{day(p.end)}"] if p.end and cancels else []),
        f"NM1*IL*1*{p.last}*{p.first}",
        f"DMG*D8*{day(p.birth)}*F",
        *p.extra,
    ]
    if not cancels:
        lines += [
            f"HD*{p.kind}**{p.coverage}",
            f"DTP*348*D8*{day(p.start)}",
            *([f"DTP*349*D8*{day(p.end)}"] if p.end else []),
            f"REF*CE*{p.plan}",
            f"REF*1L*{p.policy}",
        ]
    categories = [f"N1*75*REQUEST SUBMIT TIMESTAMP~REF*17*{p.submitted}"]
    if p.application:
        categories.append(f"N1*75*APPLICATION ID AND ORIGIN~REF*6M*{p.application}~DTP*007*D8*{day(p.start)}")
    lines.append("LS*2700")
    for number, category in enumerate(categories, start=1):
        lines += [f"LX*{number}", *category.split("~")]
    return [*lines, "LE*2700"]


def enrollment_file(
    *policies: Policy,
    sent: datetime = datetime(2026, 1, 5, 12, tzinfo=UTC),
    isa13: int = 501,
    receiver: str = "410000001",
) -> bytes:
    """An interchange of the marketplace's own to a carrier, with right counts."""
    out = [
        f"ISA*00*          *00*          *ZZ*{'MN0':<15}*ZZ*{receiver:<15}*{sent:%y%m%d}*{sent:%H%M}*^*00501*"
        f"{isa13:09d}*1*T*:",
        f"GS*BE*MN0*31616MN0010001*{sent:%Y%m%d}*{sent:%H%M}*{isa13}*X*005010X220A1",
    ]
    for number, policy in enumerate(policies, start=1):
        st02 = f"{number:09d}"
        body = segments_of(policy, st02, sent)
        out += [f"ST*834*{st02}*005010X220A1", *body, f"SE*{len(body) + 2}*{st02}"]
    out += [f"GE*{len(policies)}*{isa13}", f"IEA*1*{isa13:09d}"]
    return ("~".join(out) + "~").encode()
