"""Carriers as trading partners: what sending, acknowledging and reporting need of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Min

from aor.carriers.models import Carrier, Contact
from aor.engine import kept
from aor.policy.standing import CarrierFacts

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAILY = "daily"


@dataclass(frozen=True, slots=True)
class TradingPartner:
    """A carrier's row. `send_days` are weekdays, 0 Monday to 6 Sunday; `cutoff` is Minnesota's clock.

    `x12_id` is its tax id where it has none of its own; hours are whole hours; `mailbox` "" is its own folder.
    """

    hios_issuer_id: str
    name: str
    naic_company_code: str
    holding_group: str
    coverages: tuple[str, ...]
    tax_id: str
    x12_id: str
    profile: str
    unknown_appointment: str
    acknowledgment_hours: int
    send_days: frozenset[int]
    cutoff: time | None
    mailbox: str
    wait_after_enrollment: int


@kept.once
def trading_partners(known_at: datetime | None = None) -> dict[str, TradingPartner]:
    """Every carrier by HIOS issuer id, ascending."""
    rows = Carrier.objects.known_at(known_at).order_by("hios_issuer_id")
    return {row.hios_issuer_id: _partner(row) for row in rows}


@kept.once
def names(known_at: datetime | None = None) -> dict[str, str]:
    """What carriers are called, by HIOS issuer id."""
    return dict(Carrier.objects.known_at(known_at).values_list("hios_issuer_id", "name"))


def contact(hios_issuer_id: str) -> Contact | None:
    """Whom to ask at a carrier, as known now; None: nobody was named."""
    return Contact.objects.known_at().filter(hios_issuer_id=hios_issuer_id).first()


def known_since() -> dict[str, datetime]:
    """Since when each carrier is known, by HIOS issuer id."""
    return dict(Carrier.objects.values_list("hios_issuer_id").annotate(Min("known_from")))


def unknown(hios_issuer_id: str) -> CarrierFacts:
    """A carrier that is on no roster, as the rules see it."""
    return CarrierFacts(hios_issuer_id, f"carrier {hios_issuer_id or 'unnamed'}", known=False)


def send_days(text: str) -> frozenset[int]:
    """Weekdays of `daily` or two-letter days by `;`. Raises ValueError."""
    if text.strip().lower() == DAILY:
        return frozenset(range(7))
    days = [day.strip().upper() for day in text.split(";")]
    if wrong := [day for day in days if day not in WEEKDAYS]:
        raise ValueError(f"send days are `daily` or {';'.join(WEEKDAYS)}, not {wrong[0]!r}")
    return frozenset(map(WEEKDAYS.index, days))


def _partner(row: Carrier) -> TradingPartner:
    return TradingPartner(
        hios_issuer_id=row.hios_issuer_id,
        name=row.name,
        naic_company_code=row.naic_company_code,
        holding_group=row.holding_group,
        coverages=tuple(row.coverages.split(";")),
        tax_id=row.tax_id,
        x12_id=row.x12_id or row.tax_id,
        profile=row.profile,
        unknown_appointment=row.unknown_appointment,
        acknowledgment_hours=row.acknowledgment_hours,
        send_days=send_days(row.send_days),
        cutoff=time.fromisoformat(row.cutoff) if row.cutoff else None,
        mailbox=row.mailbox,
        wait_after_enrollment=row.wait_after_enrollment,
    )
