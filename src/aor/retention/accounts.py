"""Accounts that have no role any more, and invitations to an account that are long over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest

from aor.accounts.models import Grant, Invitation, RoleName, User
from aor.enrollments.models import Enrollment
from aor.retention.candidates import AT_ONCE, Candidate, Gathered, not_disposed
from aor.terms.period import day_of, end_of

OF_BROKERS = (RoleName.BROKER, RoleName.AGENCY_MANAGER, RoleName.SUPPORT_STAFF)


def accounts(by: date) -> Iterator[list[Candidate]]:
    """Accounts whose last role ended, and which were last signed in with, on that day or before; their invitations.

    A consumer's role lasts as long as the data of a coverage of theirs.
    """
    covered = not_disposed(Enrollment).filter(subscriber__exchange_subscriber_id=OuterRef("subject"))
    roles = Grant.objects.filter(user=OuterRef("pk"), known_until=None)
    rows = not_disposed(User).filter(~Exists(roles.filter(~Q(role=RoleName.CONSUMER) | Exists(covered))))
    ended = Greatest(
        "created_at", Coalesce("last_login", "created_at"), Coalesce(Max("grants__known_until"), "created_at")
    )
    old = rows.filter(created_at__lt=end_of(by)).annotate(ended=ended).filter(ended__lt=end_of(by)).order_by("pk")
    for some in batched(old.values_list("pk", "ended"), AT_ONCE):
        found = {id: _one("accounts.User", id) for id, _at in some}
        for id, role, subject in Grant.objects.filter(user__in=found).values_list("user_id", "role", "subject"):
            _about(found[id], role, subject)
        yield [found[id].candidate(ended=day_of(at)) for id, at in some]
    yield from _invitations(by)


def _invitations(by: date) -> Iterator[list[Candidate]]:
    rows = not_disposed(Invitation).annotate(ended=Coalesce("ended_at", F("expires_at")))
    old: Any = rows.filter(ended__lt=end_of(by)).order_by("pk").values_list("pk", "ended", "role", "subject")
    for some in batched(old, AT_ONCE):
        yield [_invitation(*one) for one in some]


def _invitation(id: int, ended: datetime, role: str, subject: str) -> Candidate:
    one = _one("accounts.Invitation", id)
    _about(one, role, subject)
    return one.candidate(ended=day_of(ended))


def _one(label: str, id: int) -> Gathered:
    gathered = Gathered()
    gathered.rows[label].add(id)
    return gathered


def _about(one: Gathered, role: str, subject: str) -> None:
    """Whom a role is for: a hold on them is on the account too."""
    if role in OF_BROKERS:
        one.npns.add(subject)
    elif role == RoleName.CARRIER:
        one.carriers.add(subject)
    elif role == RoleName.CONSUMER:
        one.subscribers.add(subject)
