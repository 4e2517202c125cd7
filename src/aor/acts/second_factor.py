"""A code for a consumer who replaces a broker: to the contact held before, once, for ten minutes (readings, R1).

Nothing of it is kept but a digest, by the visit that asked, and the journal: how many were sent, how many were wrong.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from aor.acts import contacts
from aor.acts.place import hold
from aor.audit import operations as journal
from aor.audit import queries as acts
from aor.consumers import queries as consumer_facts
from aor.notices import operations as notices
from aor.notices import words
from aor.notices.operations import Message
from aor.terms.actor import Actor

WORKS = timedelta(minutes=10)
TRIES, CODES_A_DAY = 5, 5  # 25 guesses among a million codes a day
DAY = timedelta(days=1)
SENT, RIGHT, WRONG = "second factor.sent", "second factor.given", "second factor.wrong"


class Answer(StrEnum):
    """What became of a code that was typed in, or of the wish for one."""

    RIGHT = "right"
    WRONG = "wrong"
    OVER = "over"
    SENT = "sent"
    NO_CONTACT = "no contact"
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a visit keeps of a code that was sent."""

    digest: str
    sent_at: datetime


@transaction.atomic
def send(*, subscriber_id: str, by: Actor, now: datetime) -> tuple[Answer, Kept | None]:
    """Sends a code, where the marketplace holds a contact of the consumer's own and not too many were sent."""
    hold(subscriber_id, now)
    subject = ("subscriber", subscriber_id)
    if acts.times(SENT, subject, since=now - DAY) >= CODES_A_DAY:
        return Answer.TOO_MANY, None
    address = contacts.contact_for(subscriber_id, now=now).address
    if not address:
        return Answer.NO_CONTACT, None
    code = f"{secrets.randbelow(1_000_000):06}"
    language = consumer_facts.languages_of([subscriber_id]).get(subscriber_id, "en")
    said = words.to_consumer("second factor", language=language)
    message = Message(
        kind="second factor",
        recipient_kind="subscriber",
        recipient_id=subscriber_id,
        address=address,
        subject=said.subject,
        body=said.body,
        dedupe_key=f"second factor:{subscriber_id}:{now.isoformat()}",
        secret=code,
    )
    notices.queue([message], now=now)
    journal.write(verb=SENT, subject=subject, by=by, at=now)
    return Answer.SENT, Kept(_digest(subscriber_id, code), now)


@transaction.atomic
def check(code: str, kept: Kept, *, subscriber_id: str, by: Actor, now: datetime) -> Answer:
    """Whether a code is the one that was sent, in time, within five tries; each answer is journaled."""
    hold(subscriber_id, now)  # guesses at once are counted one after the other
    subject = ("subscriber", subscriber_id)
    used = acts.times(RIGHT, subject, since=kept.sent_at)
    if used or now > kept.sent_at + WORKS or acts.times(WRONG, subject, since=kept.sent_at) >= TRIES:
        return Answer.OVER
    right = constant_time_compare(_digest(subscriber_id, code.strip()), kept.digest)
    journal.write(verb=RIGHT if right else WRONG, subject=subject, by=by, at=now)
    return Answer.RIGHT if right else Answer.WRONG


def _digest(subscriber_id: str, code: str) -> str:
    return salted_hmac("aor.acts.second_factor", f"{subscriber_id}:{code}", algorithm="sha256").hexdigest()
