"""Tokens of other systems: given once, kept as a hash, bound to scopes, counted by the minute, revoked at once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Case, F, When

from aor.accounts.models import Token
from aor.audit import operations as journal
from aor.terms.actor import Actor, Role
from aor.terms.identifiers import HiosIssuerId

PREFIX = "aor_"
LONGEST, MOST = 3_660, 1_000_000  # days that a token lasts, requests a minute


class Scope(StrEnum):
    """What a token lets its holder do."""

    ENROLLMENTS = "enrollments:write"
    ASSOCIATIONS = "associations:write"
    RECORD = "record:read"
    RECEIPTS = "receipts:write"


SCOPES = {
    "eligibility": frozenset({Scope.ENROLLMENTS, Scope.ASSOCIATIONS, Scope.RECORD}),
    "carrier": frozenset({Scope.RECORD, Scope.RECEIPTS}),
}
"""What each role's tokens may be given."""


class CannotGive(Exception):
    """No such token can be given: says why."""


@transaction.atomic
def give(
    *,
    name: str,
    role: str,
    hios_issuer_id: str = "",
    scopes: Collection[str] = (),
    days: int,
    per_minute: int,
    by: Actor,
    now: datetime,
) -> str:
    """A new token, in clear this once; without scopes, all that its role may have. Raises CannotGive."""
    wanted = {str(one) for one in scopes or SCOPES[role]}
    if refused := sorted(wanted - SCOPES[role]):
        raise CannotGive(f"a token of {role} cannot have {', '.join(refused)}")
    try:
        hios = HiosIssuerId(hios_issuer_id) if role == "carrier" else ""
    except ValueError as wrong:
        raise CannotGive(str(wrong)) from None
    if role != "carrier" and hios_issuer_id:
        raise CannotGive("only a carrier's token has a carrier")
    if Token.objects.filter(name=name).exists():
        raise CannotGive(f"there is a token {name} already; names are not used twice")
    if not 0 < len(name) <= 80 or days < 1 or per_minute < 1:
        raise CannotGive("a token has a name of up to 80 characters, lasts a day and lets pass a request, at least")
    if days > LONGEST or per_minute > MOST:
        raise CannotGive(f"a token lasts {LONGEST:,} days and lets pass {MOST:,} requests a minute, at most")
    secret = PREFIX + secrets.token_urlsafe(32)
    Token.objects.create(
        name=name,
        role=role,
        hios_issuer_id=hios,
        scopes=" ".join(sorted(wanted)),
        sha256=_hash(secret),
        created_at=now,
        expires_at=now + timedelta(days=days),
        per_minute=per_minute,
    )
    details = {"role": role, "carrier": hios, "scopes": sorted(wanted), "days": days}
    journal.write(verb="token.given", subject=("token", name), by=by, at=now, details=details)
    return secret


@transaction.atomic
def revoke(name: str, *, by: Actor, now: datetime) -> bool:
    """Nobody passes with it any more, from the next request on; whether there was one in use."""
    revoked = Token.objects.filter(name=name, revoked_at=None).update(revoked_at=now)
    if revoked:
        journal.write(verb="token.revoked", subject=("token", name), by=by, at=now)
    return bool(revoked)


def listed() -> list[Token]:
    """Every token ever given, by name."""
    return list(Token.objects.order_by("name"))


def of(secret: str, *, now: datetime) -> Token | None:
    """The token in force with these words."""
    return Token.objects.filter(sha256=_hash(secret), revoked_at=None, expires_at__gt=now).first()


def spend(token: Token, *, now: datetime) -> int:
    """Counts one request; how many more may come in this minute, below zero when this was one too many.

    Of requests at the same instant a few may pass uncounted: the count protects the machine, not a secret.
    """
    minute = now.replace(second=0, microsecond=0)
    spent = token.spent if token.minute == minute else 0
    if spent < token.per_minute:
        more = Case(When(minute=minute, then=F("spent") + 1), default=1)
        Token.objects.filter(pk=token.pk).update(spent=more, minute=minute, used_at=now)
    return token.per_minute - spent - 1


def actor(token: Token) -> Actor:
    """Who the journal says acted: the system that has this token."""
    return Actor(Role.CARRIER if token.role == "carrier" else Role.SYSTEM, f"token {token.name}")


def for_consumer(token: Token) -> Actor:
    """The consumer, whose act the eligibility system passes on."""
    return Actor(Role.CONSUMER, f"token {token.name}")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
