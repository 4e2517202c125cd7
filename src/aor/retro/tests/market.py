"""A household whose association came late: P1 of Kaying Vang from January, Ana associated in March."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from tests import builders
from tests.builders import ANA, BEN, NORTH_STAR, Policy, enrollment_file

from aor.acts import associate, receive
from aor.associations.operations import ConsentGiven
from aor.record.models import Entry
from aor.retro import operations as retro
from aor.retro.queries import Fields
from aor.terms.actor import Actor, Role, system

BROKER = Actor(Role.BROKER, "ana", npn=ANA)
OTHER_BROKER = Actor(Role.BROKER, "ben", npn=BEN)
CONSUMER = Actor(Role.CONSUMER, "account 17")
OFFICER, SECOND = Actor(Role.OFFICER, "officer 3"), Actor(Role.OFFICER, "officer 4")
MARCH_10, MARCH_11 = datetime(2026, 3, 10, 15, tzinfo=UTC), datetime(2026, 3, 11, 15, tzinfo=UTC)
JANUARY, APRIL, YEAR_END = date(2026, 1, 1), date(2026, 4, 1), date(2027, 1, 1)
ASKED = Fields(
    npn=ANA,
    last_name="Vang",
    first_name="Kaying",
    birth_date=date(1984, 5, 2),
    hios_issuer_id=NORTH_STAR,
    coverage_kind="HLT",
    effective_on=JANUARY,
    enrolled_on=date(2025, 12, 5),
    enrolled_is="enrollment completed",
    because="paper application",
    agreement_on=date(2025, 12, 5),
    attested=True,
)


def open_market(folder: Path) -> None:
    builders.carrier()
    builders.broker(ANA)
    builders.broker(BEN, "Ben", "Lee")
    path = folder / "enrollments.834"
    path.write_bytes(
        enrollment_file(
            Policy("P1", "S1", extra=("PER*IP**EM*KAYING@EXAMPLE.ORG",)),
            Policy("P2", "S2", last="LEE", first="MAI", application="5500002-1"),
            Policy("P3", "S1", coverage="DEN", plan="31616MN002000104"),
        )
    )
    receive.receive(path, by=system("test"), now=datetime(2026, 1, 5, 18, tzinfo=UTC))


def associated(npn: str = ANA, subscriber: str = "S1", now: datetime = MARCH_10) -> None:
    consent = ConsentGiven(act="designated", shown="…", template_version="2026-1", parties="consumer, broker")
    assert associate.designate(
        subscriber_id=subscriber, npn=npn, consent=consent, second_factor=True, by=CONSUMER, now=now
    ).granted


def submitted(fields: Fields = ASKED, *, evidence: bool = True, by: Actor = BROKER, now: datetime = MARCH_11) -> str:
    number = retro.submit(fields=replace(fields, npn=by.npn), by=by, now=now).number
    if evidence:
        retro.add_evidence(
            number, content=b"%PDF signed", name="agreement.pdf", media_type="application/pdf", by=by, now=now
        )
    return number


def entries(policy: str = "P1") -> list[tuple[str, date, date]]:
    rows = Entry.objects.known_at().filter(enrollment__policy_id=policy).order_by("effective_from")
    return [(row.npn, row.effective_from, row.effective_until) for row in rows]
