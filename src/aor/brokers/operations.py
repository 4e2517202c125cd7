"""What becomes known of brokers other than by file."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from aor.brokers.models import Death


def died(*, npn: str, died_on: date, now: datetime) -> bool:
    """Records a broker's death, or its corrected day; returns whether that is news. The caller marks what is due."""
    with transaction.atomic():
        known = Death.objects.known_at().select_for_update().filter(npn=npn).first()
        if known is not None and known.died_on == died_on:
            return False
        if known is not None:
            now = max(now, known.known_from + timedelta(microseconds=1))
            known.known_until = now
            known.save(update_fields=["known_until"])
        Death.objects.create(npn=npn, died_on=died_on, known_from=now)
    return True
