"""A month that was closed: Ben had Kaying's household until Ana came in March; Mai's came to Ana too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests import builders
from tests.builders import ANA, BEN, Policy, enrollment_file

from aor.acts import associate, receive
from aor.associations.operations import ConsentGiven
from aor.close import operations as close
from aor.record.models import Entry
from aor.reports.models import Report
from aor.terms.actor import Actor, Role, system
from aor.terms.month import Month
from aor.transmissions import operations as transmissions
from aor.transmissions.models import TransactionSet

BY = system("test")
BROKER, OTHER_BROKER = Actor(Role.BROKER, "ana", ANA), Actor(Role.BROKER, "ben", BEN)
CONSUMER = Actor(Role.CONSUMER, "account 17")
OFFICER, SECOND = Actor(Role.OFFICER, "ola"), Actor(Role.OFFICER, "per")
JANUARY_10 = datetime(2026, 1, 10, 15, tzinfo=UTC)
MARCH_10 = datetime(2026, 3, 10, 15, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, 18, tzinfo=UTC)
MARCH = Month(2026, 3)
HOUR = timedelta(hours=1)


def open_market(folder: Path) -> None:
    builders.carrier()
    builders.broker(ANA, email="ana@example.org")
    builders.broker(BEN, "Ben", "Lee", email="ben@example.org")
    path = folder / "enrollments.834"
    path.write_bytes(
        enrollment_file(
            Policy("P1", "S1", extra=("PER*IP**EM*KAYING@EXAMPLE.ORG",)),
            Policy("P2", "S2", last="LEE", first="MAI", birth=date(1990, 3, 17), application="5500002-1"),
            Policy("P3", "S3", last="THAO", first="BAO", birth=date(1979, 12, 30), application="5500003-1"),
        )
    )
    receive.receive(path, by=BY, now=datetime(2026, 1, 5, 18, tzinfo=UTC))


def designate(subscriber: str, npn: str, now: datetime) -> None:
    consent = ConsentGiven(act="designated", shown="…", template_version="2026-1", parties="consumer, broker")
    assert associate.designate(
        subscriber_id=subscriber, npn=npn, consent=consent, second_factor=True, by=CONSUMER, now=now
    ).granted


def send(now: datetime) -> list[tuple[str, str, str, str]]:
    """The sets that went: policy, broker, effective day, kind."""
    before = set(TransactionSet.objects.values_list("pk", flat=True))
    transmissions.send(by=BY, now=now)
    rows = TransactionSet.objects.exclude(pk__in=before).order_by("pk")
    return [(one.enrollment.policy_id, one.npn, str(one.effective_from), one.kind) for one in rows]


def closed(month: Month = MARCH, now: datetime = APRIL_1) -> None:
    """The month's last run goes, and it is closed."""
    transmissions.send(by=BY, now=now - timedelta(hours=19))
    result = close.close(month, by=BY, now=now)
    assert result.state == "closed", result.blockers


def through_march() -> None:
    """January and February with Ben, then Ana; each month is closed."""
    designate("S1", BEN, JANUARY_10)
    send(JANUARY_10 + HOUR)
    closed(Month(2026, 1), datetime(2026, 2, 1, 19, tzinfo=UTC))
    closed(Month(2026, 2), datetime(2026, 3, 1, 19, tzinfo=UTC))
    designate("S1", ANA, MARCH_10)
    designate("S2", ANA, MARCH_10)
    send(MARCH_10 + HOUR)
    closed()


def report(npn: str = ANA, month: Month = MARCH) -> Report:
    return Report.objects.filter(npn=npn, month=str(month)).latest("issue")


def entries(policy: str = "P1") -> list[tuple[str, date, date]]:
    rows = Entry.objects.known_at().filter(enrollment__policy_id=policy).order_by("effective_from")
    return [(row.npn, row.effective_from, row.effective_until) for row in rows]
