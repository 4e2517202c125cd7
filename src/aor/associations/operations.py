"""Associations changed: begun, ended, opened for access; invitations sent and answered."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from aor.associations.models import (
    Access,
    AccessChange,
    Association,
    Consent,
    Ending,
    Invitation,
    InvitationStep,
    Lock,
    Open,
    WrongCode,
)
from aor.engine import bulk
from aor.engine.among import among
from aor.policy.access import Change
from aor.policy.association import EndKind


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """What the consumer was shown and agreed to (readings, R1); `act` is the act that gave it."""

    act: str
    shown: str
    template_version: str
    parties: str
    scope: str = "all my coverage"
    purpose: str = "help with application, enrollment and coverage"
    duration: str = "until ended"
    how_to_rescind: str = "in the marketplace account, or by telephone"
    language: str = "en"
    interpreter: str = ""
    reference: str = ""


def keep_consent(consent: ConsentGiven, *, given_at: datetime) -> Consent:
    """Keeps what a consumer was shown and agreed to."""
    return Consent.objects.create(
        shown=consent.shown,
        language=consent.language,
        template_version=consent.template_version,
        scope=consent.scope,
        purpose=consent.purpose,
        duration=consent.duration,
        given_at=given_at,
        act=consent.act,
        parties=consent.parties,
        how_to_rescind=consent.how_to_rescind,
        interpreter=consent.interpreter,
        reference=consent.reference,
    )


def begin(
    *,
    subscriber_id: str,
    npn: str,
    path: str,
    confirmed_at: datetime,
    consent: ConsentGiven,
    now: datetime,
    plan_year: int | None = None,
    method: str = "portal",
) -> Association:
    """Records a confirmed association with its consent."""
    given = keep_consent(consent, given_at=confirmed_at)
    return Association.objects.create(
        subscriber_id=subscriber_id,
        npn=npn,
        path=path,
        method=method,
        plan_year=plan_year,
        confirmed_at=confirmed_at,
        consent=given,
        recorded_at=now,
    )


def end(association_id: int, *, kind: EndKind, at: datetime, now: datetime, plan_year: int | None = None) -> Ending:
    """Records an end; consent is revoked with it where the consumer ended all."""
    ending = Ending.objects.create(
        association_id=association_id, kind=kind, at=at, plan_year=plan_year, recorded_at=now
    )
    if plan_year is None and kind is not EndKind.REPLACED:
        Consent.objects.filter(
            id=Association.objects.values_list("consent_id", flat=True).get(id=association_id), revoked_at=None
        ).update(revoked_at=at)
    return ending


def set_open(open_by_key: Mapping[str, int | None], *, of: Iterable[int]) -> list[tuple[str, int]]:
    """The one association open for each household key; None closes access. What was closed: (key, association).

    `of` are all associations of these households: one that was open under a key which is no longer theirs (a
    household came to be known as a case) is closed there.
    """
    theirs = Open.objects.filter(among("household_key", open_by_key) | among("association", of))
    found = bulk.read(theirs, "id", "household_key", "association_id")
    rows = {(key, association): row for row, key, association in found}
    wanted = {(key, association) for key, association in open_by_key.items() if association is not None}
    if gone := [row for pair, row in rows.items() if pair not in wanted]:
        Open.objects.filter(among("id", gone)).delete()
    bulk.load(Open, ["household_key", "association_id"], sorted(wanted - rows.keys()))
    return sorted(rows.keys() - wanted)


_ACCESS = ("npn", "subscriber_id", "association_id", "start", "until")

Sight = tuple[str, int, int, date, date | None]  # NPN, subscriber row, association row, from, until


def set_access(sights: Iterable[Sight], *, of: Iterable[int]) -> None:
    """Whom some subscribers' open associations let see them, and on which days; `of` are the subscribers' rows."""
    known = Access.objects.filter(among("subscriber", of))
    rows: dict[tuple[Any, ...], int] = {row[1:]: row[0] for row in bulk.read(known, "id", *_ACCESS)}
    wanted = set(sights)
    if gone := [row for sight, row in rows.items() if sight not in wanted]:
        Access.objects.filter(among("id", gone)).delete()
    bulk.load(Access, _ACCESS, sorted(wanted - rows.keys(), key=itemgetter(1, 3)))


def change_access(association_id: int, *, kind: Change, at: datetime, consent: ConsentGiven | None = None) -> None:
    """Access under an association is closed or opened, whatever the association; the caller settles its household."""
    given = None if consent is None else keep_consent(consent, given_at=at)
    AccessChange.objects.create(association_id=association_id, kind=kind, at=at, consent=given)


def invite(
    *,
    npn: str,
    subscriber_id: str,
    contact: str,
    now: datetime,
    expires_at: datetime,
    asked: str = "",
    first_name: str = "",
    last_name: str = "",
    birth_date: date | None = None,
) -> tuple[Invitation, str]:
    """An invitation and its code, which is told once and kept only hashed."""
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
    row = Invitation.objects.create(
        npn=npn,
        subscriber_id=subscriber_id,
        contact=contact,
        first_name=first_name[:100],
        last_name=last_name[:100],
        birth_date=birth_date,
        asked=asked,
        code_hash=hashed(code),
        sent_at=now,
        expires_at=expires_at,
    )
    return row, code


def answer(invitation_id: int, *, kind: str, at: datetime, because: str = "") -> None:
    """How an invitation went on: sent, not sent, reminded, or ended."""
    InvitationStep.objects.create(invitation_id=invitation_id, kind=kind, at=at, because=because[:100])


def answer_many(invitations: Iterable[int], *, kind: str, at: datetime) -> int:
    """The same step of many invitations; how many."""
    return bulk.load(
        InvitationStep, ("invitation_id", "kind", "at", "because"), ((id, kind, at, "") for id in invitations)
    )


def wrong_code(who: str, *, at: datetime) -> None:
    """An account or a session gave a code that no invitation has."""
    WrongCode.objects.create(who=who[:150], at=at)


# Crockford's base 32: no letter that is read as another; 80 bits.
CODE_LETTERS, CODE_LENGTH = "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 16
_READ_AS = str.maketrans("OIL", "011")


def hashed(code: str) -> str:
    """Of a code as typed: in any case, with spaces and hyphens, O read as 0, I and L as 1."""
    letters = "".join(letter for letter in code.upper() if letter.isalnum()).translate(_READ_AS)
    return hashlib.sha256(letters.encode()).hexdigest()


def lock(household_key: str, *, locked: bool, at: datetime) -> None:
    """The consumer locks or unlocks their broker."""
    Lock.objects.create(household_key=household_key, locked=locked, at=at)
