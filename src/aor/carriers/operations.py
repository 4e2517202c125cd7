"""What becomes known of carriers other than by file: whom to ask there."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from aor.carriers.models import Contact


@transaction.atomic
def name_contact(*, hios_issuer_id: str, name: str, email: str, phone: str, now: datetime) -> bool:
    """Keeps whom to ask at a carrier, and closes who was asked before; whether that is news."""
    known = Contact.objects.known_at().select_for_update().filter(hios_issuer_id=hios_issuer_id).first()
    if known is not None:
        if (known.name, known.email, known.phone) == (name, email, phone):
            return False
        now = max(now, known.known_from + timedelta(microseconds=1))
        known.known_until = now
        known.save(update_fields=["known_until"])
    Contact.objects.create(hios_issuer_id=hios_issuer_id, name=name, email=email, phone=phone, known_from=now)
    return True
