"""A market for workers, in the database of the process that asks: what comes to it, and what came of it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from aor.acts import invite, receive
from aor.notices.models import Notice, State
from aor.record.models import Entry
from aor.terms.actor import Actor, Role, system
from aor.transmissions.models import Run, TransactionSet
from tests import builders
from tests.builders import ANA, Policy, enrollment_file

START = datetime(2026, 1, 5, 15, tzinfo=UTC)  # a Monday, nine in the morning in Minnesota
BROKER = Actor(Role.BROKER, "ana", ANA)


def market() -> None:
    """A carrier served on weekdays at noon, and Ana, of whom six households have been clients since December."""
    builders.carrier(send_days="MO;TU;WE;TH;FR", cutoff="12:00", acknowledgment_hours=48, profile="ffe")
    builders.broker(ANA, email="ana@example.org")
    for number in range(6):
        builders.associated(f"S{number}", ANA, date(2025, 12, 1))
    news(0)


def news(number: int) -> None:
    """An enrollment file with two policies of clients of Ana's, and one household that she invites."""
    sent = START + timedelta(days=7 * number, hours=-1)
    policies = [
        Policy(f"P{n}", f"S{n}", start=date(2026, 2, 1), application=f"A{n}", last=f"VANG{n}", extra=_mail(n))
        for n in (2 * number, 2 * number + 1, 10 + number)
    ]
    path = Path(settings.AOR_HOME) / f"{number}.834"
    path.write_bytes(enrollment_file(*policies, isa13=501 + number, sent=sent))
    receive.receive(path, by=system("test"), now=sent)
    invite.invite_by_name(
        npn=ANA, first_name="KAYING", last_name=f"VANG{10 + number}", birth_date=date(1984, 5, 2), by=BROKER, now=sent
    )


def _mail(number: int) -> tuple[str, ...]:
    return (f"PER*IP**EM*P{number}@EXAMPLE.ORG",)


def standing() -> dict[str, object]:
    """What workers have done: each set as often as it went, each notice as often as it was queued."""
    sets = TransactionSet.objects.order_by("pk").values_list("enrollment__policy_id", flat=True)
    kinds = Notice.objects.order_by("pk").values_list("kind", "recipient_id")
    return {
        "sets": Counter(sets),
        "runs": sorted({str(at.date()) for at in Run.objects.values_list("at", flat=True)}),
        "notices": sorted(f"{kind} {whom}: {count}" for (kind, whom), count in Counter(kinds).items()),
        "waiting": Notice.objects.filter(state=State.QUEUED).exclude(address="").count(),
        "entries": Entry.objects.known_at().count(),
    }
