"""Every page that shows private data says so, before it answers: whose, what, and what for (readings, R11)."""

from __future__ import annotations

from collections.abc import Iterable

from aor.audit import operations as journal
from aor.web.access import PortalRequest


def saw(request: PortalRequest, subscribers: Iterable[str], *, what: str, purpose: str = "") -> None:
    """Journals that the person of this request saw private data of these subscribers (exchange ids)."""
    journal.record_reads(
        subjects=[("subscriber", subscriber) for subscriber in dict.fromkeys(subscribers)],
        what=what,
        purpose=purpose or request.holder.label,
        by=request.actor,
        at=request.now,
    )
