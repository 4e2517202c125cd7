"""What racers do, and what stands afterwards; runs in the program."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.db.models import Count

from aor.acts import associate
from aor.associations.models import Open
from aor.associations.operations import ConsentGiven
from aor.audit import seal as sealer
from aor.brokers.models import Broker, Certification
from aor.engine.locks import Busy
from aor.enrollments.models import Enrollment
from aor.jobs import sealed
from aor.record.models import Entry
from aor.terms.actor import system


def designate(*, npn: str, subscribers: list[str], second_factor: bool, starts: float, now: str) -> list[Any]:
    """Names one broker in every household, all at once with the others; who is associated after each try."""
    consent = ConsentGiven(shown="the words", language="en", template_version="1", act="button pressed", parties=npn)
    time.sleep(max(0, starts - time.time()))
    at = datetime.fromisoformat(now)
    told = []
    for subscriber in subscribers:
        decision = associate.designate(
            subscriber_id=subscriber, npn=npn, consent=consent, second_factor=second_factor, by=system(npn), now=at
        )
        there = Open.objects.get(association__subscriber_id=subscriber)
        told.append([decision.granted, [finding.because for finding in decision.unmet], there.association.npn])
    return told


def associations() -> dict[str, Any]:
    """The broker with access to each subscriber's household, and who is agent of record of how many on each day."""
    double = Entry.objects.filter(known_until=None).values("enrollment_id").annotate(n=Count("id")).filter(n__gt=1)
    return {
        "open": dict(Open.objects.values_list("association__subscriber_id", "association__npn")),
        "entries": dict(
            Entry.objects.filter(known_until=None).values_list(
                "enrollment__subscriber__exchange_subscriber_id", "npn"
            )
        ),
        "double": list(double.values_list("enrollment_id", flat=True)),
    }


def seal(*, now: str) -> str:
    """Seals, or says who does."""
    try:
        sealer.seal(tables=sealed.tables(), at=datetime.fromisoformat(now))
    except Busy as busy:
        return str(busy)
    return ""


def enrolled() -> int:
    """How many enrollments there are."""
    return Enrollment.objects.count()


def history() -> dict[str, Any]:
    """Every value ever known of brokers and certifications, and whose versions do not follow each other."""
    broken = []
    for model in (Broker, Certification):
        versions: dict[str, list[Any]] = {}
        for row in model.objects.order_by("known_from", "id"):
            versions.setdefault(row.npn, []).append(row)
        for npn, rows in versions.items():
            starts, ends = [row.known_from for row in rows], [row.known_until for row in rows]
            if starts[1:] != ends[:-1] or ends[-1] is not None or len(set(starts)) < len(starts):
                broken.append(f"{model.__name__} {npn}")
    return {
        "emails": list(Broker.objects.values_list("email", flat=True)),
        "agreements": list(Certification.objects.values_list("agreement_version", flat=True)),
        "broken": broken,
    }
