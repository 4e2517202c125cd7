"""Whether the database is a copy made earlier that nobody has reconciled with the mailboxes yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aor.audit import operations as journal
from aor.audit.models import Act
from aor.terms.actor import Actor

SUBJECT = ("home", "database")
RESTORED, RECONCILED = "home.restored", "mailboxes.reconciled"


def restored(*, by: Actor, now: datetime, details: Mapping[str, object]) -> None:
    """Notes that the database is a copy made earlier: nothing is sent before `reconciling.reconcile`."""
    journal.write(verb=RESTORED, subject=SUBJECT, by=by, at=now, details=details)


def needed() -> bool:
    """Whether the database was restored and nobody has reconciled it since."""
    acts = Act.objects.filter(subject_kind=SUBJECT[0], subject_id=SUBJECT[1], verb__in=[RESTORED, RECONCILED])
    return acts.order_by("-id").values_list("verb", flat=True).first() == RESTORED
