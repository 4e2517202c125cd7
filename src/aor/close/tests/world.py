"""Small marketplaces of rows, whose months can be closed: what was decided, handed over, rejected, run."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count

from aor.associations.models import Association, Open
from aor.audit.models import Decision
from aor.brokers.models import Broker, Certification, License
from aor.carriers import queries as carriers
from aor.carriers.models import Carrier
from aor.consumers.models import Household, Subscriber
from aor.enrollments.models import Enrollment, EnrollmentFile, Event
from aor.policy.timeline import Point
from aor.record.models import Correction, Entry
from aor.terms.actor import system
from aor.terms.period import day_of
from aor.transmissions.compose import Desk
from aor.transmissions.ledger import Ledger, Scope
from aor.transmissions.models import Acknowledgment, Answer, Interchange, Run, Step, TransactionSet

LONG_AGO = datetime(2026, 1, 2, 15, tzinfo=UTC)
ANA, BEN, CY = "1000001", "1000002", "1000003"
NORTH, SOUTH = "11111", "22222"
BY = system("test")
_numbers = count(1)


def carrier(
    hios: str = NORTH, *, name: str = "North Health", send_days: str = "daily", tax_id: str | None = None
) -> None:
    Carrier.objects.create(
        hios_issuer_id=hios,
        name=name,
        naic_company_code=hios,
        coverages="HLT;DEN",
        tax_id=f"4100{hios}" if tax_id is None else tax_id,
        x12_id=f"4100{hios}",
        unknown_appointment="send",
        send_days=send_days,
        known_from=LONG_AGO,
    )


def broker(npn: str = ANA, *, first_name: str = "Ana", email: str | None = None, certified: bool = True) -> None:
    Broker.objects.create(
        npn=npn,
        first_name=first_name,
        last_name="Broker",
        email=f"{first_name.lower()}@agency.example" if email is None else email,
        agency_name="Lake Agency",
        known_from=LONG_AGO,
    )
    License.objects.create(
        npn=npn,
        state="MN",
        license_number=npn,
        line_of_authority="Accident & Health",
        status="active",
        effective_date=date(2020, 1, 1),
        known_from=LONG_AGO,
    )
    for year in (2026, 2027) if certified else ():
        Certification.objects.create(npn=npn, plan_year=year, certified_on=date(year - 1, 9, 1), known_from=LONG_AGO)


def decertify(npn: str, on: date, *, known_from: datetime) -> None:
    for row in Certification.objects.filter(npn=npn, known_until=None):
        Certification.objects.filter(pk=row.pk).update(known_until=known_from)
        if row.certified_on < on:
            Certification.objects.create(
                npn=npn,
                plan_year=row.plan_year,
                certified_on=row.certified_on,
                revoked_on=on,
                known_from=known_from,
            )


def recertify(npn: str, on: date, plan_year: int, *, known_from: datetime) -> None:
    Certification.objects.create(npn=npn, plan_year=plan_year, certified_on=on, known_from=known_from)


def enrolled(
    policy: str,
    *,
    hios: str = NORTH,
    start: date = date(2026, 3, 1),
    until: date | None = None,
    sent_at: datetime = LONG_AGO,
    mentions: str = "",
    accepted_at: datetime | None = None,
    last_name: str = "",
) -> Enrollment:
    """An enrollment with the file that brought it; `mentions` is the NPN of its loop 1000C."""
    number = next(_numbers)
    file = EnrollmentFile.objects.create(
        sha256=f"{number:064x}",
        name=f"{policy}.834",
        received_at=accepted_at or sent_at,
        accepted_at=accepted_at or sent_at,
        folded_at=accepted_at or sent_at,
    )
    ends = until or date(start.year + 1, 1, 1)
    Event.objects.create(
        file=file,
        sent_at=sent_at,
        sent_day=day_of(sent_at),
        isa08=f"4100{hios}",
        isa13=f"{number:09}",
        st02="0001",
        kind="add",
        hios_issuer_id=hios,
        policy_id=policy,
        subscriber_id=f"S{policy}",
        start=start,
        until=ends,
        broker_npn=mentions,
    )
    subscriber = Subscriber.objects.create(
        exchange_subscriber_id=f"S{policy}", household=Household.objects.create(last_known=LONG_AGO)
    )
    return Enrollment.objects.create(
        hios_issuer_id=hios,
        policy_id=policy,
        subscriber=subscriber,
        coverage_kind="HLT",
        plan_id=f"{hios}MN0010001",
        start=start,
        until=ends,
        told_until=ends,
        enrolled_on=day_of(sent_at),
        sent_at=sent_at,
        sent_day=day_of(sent_at),
        last_name=last_name or f"Last{policy}",
        first_name=f"First{policy}",
        birth_date=date(1980, 4, 5),
    )


def associated(of: Enrollment, npn: str = ANA, *, since: datetime = LONG_AGO, plan_year: int | None = None) -> None:
    subscriber = of.subscriber.exchange_subscriber_id
    row = Association.objects.create(
        subscriber_id=subscriber,
        npn=npn,
        path="designated",
        confirmed_at=since,
        plan_year=plan_year,
        recorded_at=since,
    )
    Open.objects.create(household_key=f"S:{subscriber}", association=row)


def entry(
    of: Enrollment,
    npn: str = ANA,
    *,
    in_standing: bool = True,
    findings: str = "[]",
    known_from: datetime = LONG_AGO,
) -> Entry:
    return Entry.objects.create(
        enrollment=of,
        npn=npn,
        effective_from=of.start,
        effective_until=of.until,
        in_standing=in_standing,
        decision=Decision.objects.create(findings=findings, granted=in_standing, parameters_version="1"),
        cause="test",
        known_from=known_from,
    )


def handed_over(of: Enrollment, at: datetime, npn: str = ANA) -> TransactionSet:
    """One set naming the broker, in an interchange of its own."""
    number = next(_numbers)
    interchange = Interchange.objects.create(
        hios_issuer_id=of.hios_issuer_id,
        isa06="MNSURE",
        isa08=f"4100{of.hios_issuer_id}",
        isa13=f"{number:09}",
        name=f"AOR.{of.hios_issuer_id}.{number}.834",
        sha256=f"{number:064x}",
        sets=1,
        composed_at=at,
    )
    Step.objects.create(interchange=interchange, kind="handed over", at=at, recorded_at=at)
    return TransactionSet.objects.create(
        interchange=interchange,
        enrollment=of,
        npn=npn,
        effective_from=of.start,
        kind="agent",
        gs06=str(number),
        st02=f"{number:04}",
        bgn02=str(number),
        fingerprint=_fingerprint(of, npn),
    )


def _fingerprint(of: Enrollment, npn: str) -> str:
    """What the set says: rejected, it does not go again by itself."""
    desk = Desk.of(carriers.trading_partners()[of.hios_issuer_id], now=LONG_AGO)
    ((enrolled, _),) = Ledger(Scope(enrollments=(of.pk,)), now=LONG_AGO).accounts()
    return desk.fingerprint(enrolled, Point(of.start, npn))


def answered(one: TransactionSet, at: datetime, verdict: str = "accepted") -> None:
    number = next(_numbers)
    file = Acknowledgment.objects.create(sha256=f"{number:064x}", name=f"{number}.999", received_at=at)
    Answer.objects.create(
        acknowledgment=file,
        transaction_set=one,
        answers=f"999 ST02 {one.st02}",
        code="R" if verdict == "rejected" else "A",
        verdict=verdict,
        answered_at=at,
        isa13=f"{number:09}",
        recorded_at=at,
    )


def run(at: datetime, hios: str = NORTH) -> None:
    Run.objects.create(hios_issuer_id=hios, at=at, as_of=at, sets=0)


def opening_balance(of: Enrollment, sent_on: date, npn: str = ANA) -> None:
    Correction.objects.create(
        policy_id=of.policy_id,
        hios_issuer_id=of.hios_issuer_id,
        npn=npn,
        kind="opening balance",
        effective_from=of.start,
        settles_until=of.start,
        sent_on=sent_on,
        source="old system",
        known_from=LONG_AGO,
    )


def sold(policy: str, sent: datetime, npn: str = ANA, **others: object) -> TransactionSet:
    """Enrolled, associated, agent of record, and handed over at once."""
    of = enrolled(policy, **others)  # type: ignore[arg-type]  # whatever an enrollment has
    associated(of, npn)
    entry(of, npn)
    return handed_over(of, sent, npn)
