"""What is said about a request: notices without personal data, queued in the act's own transaction."""

from __future__ import annotations

from datetime import datetime

from aor.brokers import queries as brokers
from aor.consumers import queries as consumer_facts
from aor.notices import operations as notices
from aor.notices import words
from aor.notices.models import Notice
from aor.notices.operations import Message
from aor.policy.retro import Outcome
from aor.retro.models import Request

MORE = (
    "Your request needs more information",
    "Request {number} waits for you. Sign in to the marketplace to see why.",
)
DECIDED = ("Your request is decided", "Request {number} is decided. Sign in to the marketplace to read the letter.")
STILL_MISSING = (
    "Your request still waits for an association",
    "Request {number} waits until the consumer has confirmed you as their broker. Sign in to the marketplace.",
)


def broker(row: Request, what: tuple[str, str], *, now: datetime, dedupe: str) -> bool:
    """The broker is told that something waits behind the sign-in; whether it had not been said before."""
    subject, body = what
    message = Message(
        kind="retro request",
        recipient_kind="broker",
        recipient_id=row.npn,
        address=brokers.report_addresses([row.npn]).get(row.npn, ""),
        subject=subject,
        body=body.format(number=row.case.number),
        dedupe_key=f"{subject}:{row.case.number}:{dedupe}",
    )
    said = Notice.objects.filter(dedupe_key=message.dedupe_key).exists()
    notices.queue([message], now=now)
    return not said


def consumer_asked(row: Request, subscriber_id: str, *, now: datetime) -> None:
    """The consumer is told of every request, and how to object (readings, R8)."""
    _consumer(row, subscriber_id, "past months asked", now=now, dedupe="asked")


def consumer_decided(row: Request, subscriber_id: str, outcome: Outcome, *, now: datetime, dedupe: str) -> None:
    """The consumer is told how it was decided."""
    kind = "past months granted" if outcome is Outcome.APPROVED else "past months not granted"
    _consumer(row, subscriber_id, kind, now=now, dedupe=dedupe)


def _consumer(row: Request, subscriber_id: str, kind: str, *, now: datetime, dedupe: str) -> None:
    """In their language; without an address of its own it is kept, and goes as a letter."""
    language = consumer_facts.languages_of([subscriber_id]).get(subscriber_id, "en")
    said = words.to_consumer(kind, language=language)
    message = Message(
        kind=kind,
        recipient_kind="subscriber",
        recipient_id=subscriber_id,
        address=consumer_facts.emails_of([subscriber_id]).get(subscriber_id, ""),
        subject=said.subject,
        body=said.body,
        dedupe_key=f"{kind}:{row.case.number}:{subscriber_id}:{dedupe}",
    )
    notices.queue([message], now=now)
