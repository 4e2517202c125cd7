"""Interchanges handed over to the carriers' mailboxes, once each, whatever dies on the way.

The mailbox's rename is the commit point. An attempt is recorded before it, the hand-over after. Whoever finds an
attempt without an outcome looks into the mailbox: a file that lies there was handed over. One that does not may
have been taken by the carrier already, or was never put: the same bytes go again under the same name, and the
carrier, which must know an ISA13 that it has read, reads them once. An answer of the carrier proves a hand-over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from aor.audit import operations as journal
from aor.carriers.queries import TradingPartner
from aor.engine import faults, locks, store
from aor.gateways import mailbox as mailboxes
from aor.gateways.mailbox import Mailbox
from aor.gateways.mailboxes import open_mailbox
from aor.gateways.outcomes import Refused, Retryable
from aor.record import operations as record
from aor.terms.actor import Actor
from aor.transmissions import lifecycle
from aor.transmissions.ledger import ATTEMPT, DISCARDED, FAILED, HANDED_OVER
from aor.transmissions.models import Interchange, Step, TransactionSet

# Where carriers are known to put what they took away.
TAKEN = (mailboxes.TO_CARRIER, f"{mailboxes.TO_CARRIER}/done", f"{mailboxes.TO_CARRIER}/taken")


class Unreachable(Exception):
    """The mailbox did not take the file; the words can be shown. The next run tries again."""


def mailbox_of(partner: TradingPartner) -> Mailbox:
    """Raises Unreachable."""
    root = Path(settings.AOR_HOME) / "mailboxes"
    try:
        return open_mailbox(partner.mailbox, root, partner.hios_issuer_id)
    except (Retryable, Refused, ValueError, OSError) as trouble:
        raise Unreachable(f"the mailbox of carrier {partner.hios_issuer_id}: {trouble}") from trouble


def pending(hios_issuer_ids: Iterable[str]) -> list[Interchange]:
    """Composed and neither handed over nor discarded, in the order they were composed."""
    return list(
        Interchange.objects.filter(hios_issuer_id__in=list(hios_issuer_ids))
        .exclude(steps__kind__in=[HANDED_OVER, DISCARDED])
        .order_by("id")
    )


def may_have_gone(interchange: Interchange, mailbox: Mailbox) -> bool:
    """Whether it lies in the mailbox, or an attempt was begun whose outcome nobody recorded."""
    last = interchange.steps.order_by("id").last()
    return last is not None and (last.kind == ATTEMPT or lies_there(interchange, mailbox))


def hand_over(interchange: Interchange, mailbox: Mailbox, *, by: Actor, now: datetime) -> None:
    """Puts the interchange into the mailbox and records it. Raises Unreachable."""
    try:
        begun = interchange.steps.filter(kind=ATTEMPT).order_by("id").last()
        if begun is not None and lies_there(interchange, mailbox):
            record_hand_over(interchange, at=begun.at, by=by, now=now)
            return
        _step(interchange, ATTEMPT, at=now, now=now)
        faults.reached("send:attempted")
        with store.open_document(interchange.sha256) as document:
            mailbox.put(interchange.name, document.read())
    except (Retryable, Refused, OSError) as trouble:
        words = f"{interchange.name} was not handed over: {trouble}"
        _step(interchange, FAILED, at=now, now=now, words=words[:300])
        raise Unreachable(words) from trouble
    faults.reached("send:put")
    record_hand_over(interchange, at=now, by=by, now=now)
    faults.reached("send:handed-over")


def lies_there(interchange: Interchange, mailbox: Mailbox) -> bool:
    return any(mailbox.exists(interchange.name, folder) for folder in TAKEN)


def record_hand_over(interchange: Interchange, *, at: datetime, by: Actor, now: datetime) -> None:
    """From now on the carrier knows; the record keeps what it was told of in standing (readings, R3).

    What was told last is what holds: when the clock went back, a hand-over is still not before the one before it.
    """
    with transaction.atomic(), locks.shared("writers"):
        before = Step.objects.filter(kind=HANDED_OVER, interchange__hios_issuer_id=interchange.hios_issuer_id)
        last = before.aggregate(last=Max("at"))["last"]
        _step(interchange, HANDED_OVER, at=max(at, last or at), now=now)
        told = TransactionSet.objects.filter(interchange=interchange, kind=lifecycle.AGENT)
        record.told_by(told, now=now)
        journal.write(
            verb="interchange.handed_over",
            subject=("interchange", f"{interchange.isa08}/{interchange.isa13}"),
            by=by,
            at=now,
            details={"carrier": interchange.hios_issuer_id, "file": interchange.name, "sets": interchange.sets},
        )


def discard(interchange: Interchange, *, because: str, by: Actor, now: datetime) -> None:
    """Never handed over and no longer right: discarded whole, its numbers spent (readings, R4)."""
    with transaction.atomic(), locks.shared("writers"):
        _step(interchange, DISCARDED, at=now, now=now, words=because)
        journal.write(
            verb="interchange.discarded",
            subject=("interchange", f"{interchange.isa08}/{interchange.isa13}"),
            by=by,
            at=now,
            details={"carrier": interchange.hios_issuer_id, "because": because},
        )


def _step(interchange: Interchange, kind: str, *, at: datetime, now: datetime, words: str = "") -> None:
    Step.objects.create(interchange=interchange, kind=kind, at=at, recorded_at=now, words=words)
