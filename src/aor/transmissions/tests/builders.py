"""Small marketplaces of rows: a carrier, brokers in standing, enrollments and what the record says of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from aor.acts import settle
from aor.associations.models import Association
from aor.audit.models import Decision
from aor.brokers.models import Appointment, Broker, Certification, License
from aor.carriers.models import Carrier
from aor.consumers.models import Household, Subscriber
from aor.enrollments.models import Enrollment, EnrollmentFile, Event
from aor.record import operations as record
from aor.record.models import Closing, Correction, Entry
from aor.terms import actor

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 2, 2, 18, 0, tzinfo=UTC)  # a Monday noon in Minnesota
ANA, BEN = "7000001", "7000002"
HIOS = "31616"
BY = actor.system("test")


def carrier(hios: str = HIOS, **others: object) -> Carrier:
    columns: dict[str, object] = {
        "hios_issuer_id": hios,
        "name": "North Star Health",
        "naic_company_code": "12345" if hios == HIOS else hios,
        "coverages": "HLT;DEN",
        "tax_id": "410000001" if hios == HIOS else f"4100{hios}",
        "unknown_appointment": "hold",
        "known_from": LONG_AGO,
    }
    return Carrier.objects.create(**columns | others)


def broker(npn: str = ANA, *, appointed: bool = True, naic: str = "12345", last_name: str = "Garcia") -> None:
    Broker.objects.create(npn=npn, first_name="Ana", last_name=last_name, known_from=LONG_AGO)
    for year in (2025, 2026, 2027):
        Certification.objects.create(npn=npn, plan_year=year, certified_on=date(year - 1, 9, 1), known_from=LONG_AGO)
    License.objects.create(
        npn=npn,
        state="MN",
        license_number=f"L{npn}",
        line_of_authority="Accident and Health",
        status="active",
        effective_date=date(2020, 1, 1),
        known_from=LONG_AGO,
    )
    if appointed:
        appointment(npn, naic=naic)


def appointment(npn: str, *, naic: str = "12345", since: date = date(2020, 1, 1)) -> None:
    Appointment.objects.create(
        npn=npn,
        naic_company_code=naic,
        state="MN",
        status="active",
        effective_date=since,
        known_from=LONG_AGO,
    )


def enrollment(
    policy: str = "P1",
    *,
    hios: str = HIOS,
    start: date = date(2026, 1, 1),
    until: date = date(2027, 1, 1),
    sent_at: datetime | None = LONG_AGO,
    last_name: str = "Vang",
) -> Enrollment:
    household = Household.objects.create()
    subscriber = Subscriber.objects.create(exchange_subscriber_id=f"S{policy}", household=household)
    return Enrollment.objects.create(
        hios_issuer_id=hios,
        policy_id=policy,
        subscriber=subscriber,
        coverage_kind="HLT",
        plan_id=f"{hios}MN001000104",
        member_id=f"M{policy}",
        start=start,
        until=until,
        told_until=until,
        enrolled_on=date(2025, 12, 1),
        sent_at=sent_at,
        sent_day=None if sent_at is None else sent_at.date(),
        last_name=last_name,
        first_name="Kaying",
        birth_date=date(1984, 5, 2),
        sex="F",
    )


def entry(
    of: Enrollment,
    npn: str = ANA,
    *,
    start: date | None = None,
    until: date | None = None,
    in_standing: bool = True,
    known_from: datetime = LONG_AGO,
) -> Entry:
    return Entry.objects.create(
        enrollment=of,
        npn=npn,
        effective_from=start or of.start,
        effective_until=until or of.until,
        in_standing=in_standing,
        decision=Decision.objects.create(findings="[]", granted=in_standing, parameters_version="1"),
        cause="test",
        known_from=known_from,
    )


def associated(of: Enrollment, npn: str = ANA) -> None:
    """The record decided from an association, as it is decided in life."""
    Association.objects.create(
        subscriber_id=of.subscriber.exchange_subscriber_id,
        npn=npn,
        path="designated",
        confirmed_at=datetime(2025, 12, 1, 18, tzinfo=UTC),
        recorded_at=LONG_AGO,
    )
    record.mark_due([of.subscriber.household_id], cause="test", now=NOW)
    settle.settle(now=LONG_AGO)


def close(one: Entry, at: datetime) -> None:
    Entry.objects.filter(pk=one.pk).update(known_until=at)
    Closing.objects.create(entry=one, at=at, cause="test")


def mention(
    of: Enrollment, npn: str, sent_at: datetime, *, kind: str = "add", accepted_at: datetime | None = None
) -> Event:
    """An enrollment file that names a broker in loop 1000C."""
    file = EnrollmentFile.objects.create(
        sha256=f"{of.policy_id}{sent_at}"[:64],
        name="enrollments.834",
        received_at=accepted_at or sent_at,
        accepted_at=accepted_at or sent_at,
        folded_at=accepted_at or sent_at,
    )
    return Event.objects.create(
        file=file,
        sent_at=sent_at,
        sent_day=sent_at.date(),
        isa08="410000001",
        isa13="000000001",
        st02="0001",
        kind=kind,
        hios_issuer_id=of.hios_issuer_id,
        policy_id=of.policy_id,
        subscriber_id="S",
        start=of.start,
        broker_npn=npn,
    )


def opening_balance(of: Enrollment, npn: str, *, start: date, until: date | None = None) -> Correction:
    return Correction.objects.create(
        policy_id=of.policy_id,
        hios_issuer_id=of.hios_issuer_id,
        npn=npn,
        kind="opening balance",
        effective_from=start,
        effective_until=until,
        settles_until=start,
        sent_on=date(2025, 12, 15),
        known_from=LONG_AGO,
    )


def later(hours: float = 1) -> datetime:
    return NOW + timedelta(hours=hours)


def mailbox(hios: str = HIOS, folder: str = "to-carrier") -> Path:
    return Path(settings.AOR_HOME) / "mailboxes" / hios / folder
