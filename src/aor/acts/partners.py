"""Carriers as partners: whom to ask there."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aor.audit import operations as journal
from aor.carriers import operations as carriers
from aor.terms.actor import Actor


@transaction.atomic
def name_contact(*, hios_issuer_id: str, name: str, email: str, phone: str, by: Actor, now: datetime) -> bool:
    """Keeps whom to ask at a carrier, from now on; whether that is news. The journal says that, not who it is."""
    news = carriers.name_contact(hios_issuer_id=hios_issuer_id, name=name, email=email, phone=phone, now=now)
    if news:
        journal.write(verb="carrier.contact_named", subject=("carrier", hios_issuer_id), by=by, at=now)
    return news
