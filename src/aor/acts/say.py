"""What acts say to people: notices without personal data, queued in the act's own transaction."""

from __future__ import annotations

from datetime import datetime

from aor.associations.models import Association
from aor.brokers import queries as broker_facts
from aor.notices import operations as notices


def association_began(row: Association, *, now: datetime) -> None:
    """The broker is told the same day."""
    _to_broker(
        row,
        kind="association began",
        subject="A household is now associated with you",
        body="A household was associated with you today. Sign in to the marketplace to see it.",
        now=now,
    )


def association_ended(row: Association, *, now: datetime) -> None:
    """The broker is told the same day; who follows is never said (readings, R11)."""
    _to_broker(
        row,
        kind="association ended",
        subject="An association with a household has ended",
        body="An association of yours with a household ended today. Sign in to the marketplace to see it.",
        now=now,
    )


def association_disowned(row: Association, *, now: datetime) -> None:
    """The broker is told that access is closed, and that the broker team will ask (readings, R12)."""
    _to_broker(
        row,
        kind="association disowned",
        subject="Your access to a household is closed",
        body="A household said that it did not ask for your help. Your access is closed until this is decided.",
        now=now,
    )


def _to_broker(row: Association, *, kind: str, subject: str, body: str, now: datetime) -> None:
    message = notices.Message(
        kind=kind,
        recipient_kind="broker",
        recipient_id=row.npn,
        address=broker_facts.report_addresses([row.npn]).get(row.npn, ""),
        subject=subject,
        body=body,
        dedupe_key=f"{kind}:{row.id}",
    )
    notices.queue([message], now=now)
