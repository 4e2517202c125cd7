"""Notices read: what did not arrive, and what was said to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aor.notices.models import Attempt, Notice, State

UNDELIVERED = (State.BOUNCED, State.FAILED, State.UNADDRESSED)


@dataclass(frozen=True, slots=True)
class Told:
    """A notice and how far it came; `words` are those of its last attempt."""

    kind: str
    recipient_kind: str
    recipient_id: str
    subject: str
    dedupe_key: str
    queued_at: datetime
    state: State
    next_try_at: datetime | None
    words: str


def undelivered(*, kind: str | None = None) -> list[Told]:
    """What bounced, was given up, or has no address: the staff's and the agency administrator's list."""
    found = Notice.objects.filter(state__in=UNDELIVERED)
    return _told(list(found if kind is None else found.filter(kind=kind)))


def undelivered_to(recipient_kind: str, recipients: Iterable[str], *, most: int = 200) -> list[Told]:
    """What did not reach some recipients: the latest."""
    rows = Notice.objects.filter(state__in=UNDELIVERED, recipient_kind=recipient_kind)
    return _told(list(rows.filter(recipient_id__in=list(recipients)).order_by("-queued_at", "-id")[:most]))


def said(dedupe_keys: Iterable[str]) -> set[str]:
    """Which of these were said before."""
    return set(Notice.objects.filter(dedupe_key__in=list(dedupe_keys)).values_list("dedupe_key", flat=True))


def told(recipient_kind: str, recipient_id: str) -> list[Told]:
    """Everything that was, or is to be, said to one recipient, by instant."""
    return _told(list(Notice.objects.filter(recipient_kind=recipient_kind, recipient_id=recipient_id)))


def _told(notices: Sequence[Notice]) -> list[Told]:
    attempts = Attempt.objects.filter(notice__in=[notice.pk for notice in notices]).order_by("id")
    words = dict(attempts.values_list("notice_id", "words"))
    return [
        Told(
            kind=notice.kind,
            recipient_kind=notice.recipient_kind,
            recipient_id=notice.recipient_id,
            subject=notice.subject,
            dedupe_key=notice.dedupe_key,
            queued_at=notice.queued_at,
            state=State(notice.state),
            next_try_at=notice.next_try_at,
            words=words.get(notice.pk, ""),
        )
        for notice in sorted(notices, key=lambda notice: (notice.queued_at, notice.pk))
    ]
