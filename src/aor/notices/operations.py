"""Saying things: queued with the act that causes them, delivered by whoever is due to."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import batched

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min

from aor.engine import faults
from aor.gateways import shadow
from aor.gateways.outcomes import Bounced, Retryable
from aor.gateways.secure_mail import Courier, Mail
from aor.notices import words
from aor.notices.models import Attempt, Notice, Outcome, State

FIRST_DELAY = timedelta(minutes=5)
GIVEN_UP_AFTER = timedelta(hours=72)
LEASE = timedelta(minutes=30)
"""Longer than a claim of notices can take, at half a minute each."""
CLAIM = 20
DOWN_AFTER = 5
"""So many temporary failures on end mean that the relay is down, not that its recipients are busy."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said; without an address it is kept and listed. No personal data in subject or body.

    A `secret` takes the place of `{code}` in the body when it is relayed, and is kept encrypted until then.
    """

    kind: str
    recipient_kind: str
    recipient_id: str
    address: str
    subject: str
    body: str
    dedupe_key: str
    secret: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How many notices ended how; `postponed` are tried again later."""

    relayed: int = 0
    postponed: int = 0
    bounced: int = 0
    failed: int = 0

    @property
    def tried(self) -> int:
        return self.relayed + self.postponed + self.bounced + self.failed


def queue(messages: Iterable[Message], *, now: datetime) -> None:
    """Queues messages, in the caller's transaction; one whose `dedupe_key` was queued before changes nothing."""
    for chunk in batched(messages, 1_000):
        Notice.objects.bulk_create((_notice(message, now) for message in chunk), ignore_conflicts=True)


def _notice(message: Message, now: datetime) -> Notice:
    return Notice(
        kind=message.kind,
        recipient_kind=message.recipient_kind,
        recipient_id=message.recipient_id,
        address=message.address,
        subject=message.subject,
        body=_with_address(message),
        secret=_cipher().encrypt(message.secret.encode()).decode() if message.secret else "",
        dedupe_key=message.dedupe_key,
        queued_at=now,
        state=State.QUEUED if message.address else State.UNADDRESSED,
        next_try_at=now if message.address else None,
    )


def _with_address(message: Message) -> str:
    """Whoever is told to sign in is told where; consumers are in the words themselves, in their language."""
    if message.recipient_kind == "subscriber" or settings.AOR_URL in message.body:
        return message.body
    return f"{message.body.rstrip()}\n\n{words.address('/')}"


def _cipher() -> Fernet:
    return Fernet(urlsafe_b64encode(sha256(b"notices:" + str(settings.SECRET_KEY).encode()).digest()))


def deliver(*, courier: Courier, now: datetime, limit: int = 500) -> Delivery:
    """Delivers up to `limit` due notices; call again with a later `now` while it `tried` some.

    Nothing is locked while the relay is spoken to: due notices are claimed, a few at a time, by putting their
    next try off. Whoever dies between the relay's answer and its recording leaves that one notice to be relayed
    a second time when the claim has lapsed, with the same Message-ID.
    """
    if shadow.on():
        return Delivery()
    done, failures_on_end = Delivery(), 0
    while done.tried < limit and (claimed := _claim(now, min(CLAIM, limit - done.tried))):
        for place, notice in enumerate(claimed):
            state = _try(notice, courier, now)
            done = _counted(done, state)
            failures_on_end = failures_on_end + 1 if state is State.QUEUED else 0
            if failures_on_end == DOWN_AFTER:
                _give_back(claimed[place + 1 :], now)
                return done
    return done


def _claim(now: datetime, count: int) -> list[Notice]:
    with transaction.atomic():
        due = Notice.objects.filter(state=State.QUEUED, next_try_at__lte=now).order_by("next_try_at", "pk")
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:count])
        Notice.objects.filter(pk__in=ids).update(next_try_at=now + LEASE)
    faults.reached("deliver:claimed")
    return list(Notice.objects.filter(pk__in=ids).order_by("pk"))


def _give_back(notices: Iterable[Notice], now: datetime) -> None:
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(next_try_at=now)


def _try(notice: Notice, courier: Courier, now: datetime) -> State:
    """One attempt, recorded; what became of the notice."""
    try:
        mail = _mail(notice)
    except InvalidToken:
        return _record(notice, Outcome.PERMANENT, "its code can no longer be read", State.FAILED, now)
    try:
        courier.send(mail)
    except Retryable as trouble:
        return _postpone(notice, str(trouble), now)
    except Bounced as refusal:
        return _record(notice, Outcome.PERMANENT, str(refusal), State.BOUNCED, now)
    faults.reached("notice relayed")
    return _record(notice, Outcome.RELAYED, "", State.RELAYED, now)


def _mail(notice: Notice) -> Mail:
    """The same at every try, its Message-ID and date too."""
    sender = str(settings.AOR_MAIL_FROM)
    body = notice.body
    if notice.secret:
        body = body.replace("{code}", _cipher().decrypt(notice.secret.encode()).decode())
    identifier = sha256(notice.dedupe_key.encode()).hexdigest()[:32]
    return Mail(
        sender=sender,
        to=notice.address,
        subject=notice.subject,
        body=body,
        message_id=f"{identifier}@{sender.rpartition('@')[2]}",
        at=notice.queued_at,
    )


def _postpone(notice: Notice, words: str, now: datetime) -> State:
    """Tries again after 5, 10, 20 … minutes, for 72 hours from the first try; then it has failed."""
    before = notice.attempts.aggregate(first=Min("at"), count=Count("pk"))
    given_up_at = (before["first"] or now) + GIVEN_UP_AFTER
    if now >= given_up_at:
        return _record(notice, Outcome.TEMPORARY, words, State.FAILED, now)
    again = min(now + FIRST_DELAY * 2 ** before["count"], given_up_at)
    return _record(notice, Outcome.TEMPORARY, words, State.QUEUED, now, next_try_at=again)


@transaction.atomic
def _record(
    notice: Notice,
    outcome: Outcome,
    words: str,
    state: State,
    now: datetime,
    next_try_at: datetime | None = None,
) -> State:
    Attempt.objects.create(notice=notice, at=now, outcome=outcome, words=words[:200])
    Notice.objects.filter(pk=notice.pk).update(state=state, next_try_at=next_try_at)
    return state


def _counted(done: Delivery, state: State) -> Delivery:
    match state:
        case State.RELAYED:
            return replace(done, relayed=done.relayed + 1)
        case State.BOUNCED:
            return replace(done, bounced=done.bounced + 1)
        case State.FAILED:
            return replace(done, failed=done.failed + 1)
        case _:
            return replace(done, postponed=done.postponed + 1)
