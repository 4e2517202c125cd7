"""People are asked to take a role by a code that goes to their address. Doors say

from aor.accounts import invitations

invitations.invite(email, name=..., role=RoleName.SUPPORT_STAFF, subject=agency_npn, by=manager, now=now)
invitations.accept(invitation, user=user, by=by, now=now)
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import QuerySet

from aor.accounts import operations as accounts
from aor.accounts import queries
from aor.accounts.models import Invitation, RoleName, User
from aor.audit import operations as journal
from aor.notices import operations as notices
from aor.notices import words
from aor.notices.operations import Message
from aor.terms.actor import Actor
from aor.terms.period import day_of

OPEN_FOR = timedelta(days=14)
ACCEPTED, WITHDRAWN, AGAIN = "accepted", "withdrawn", "again"


@transaction.atomic
def invite(email: str, *, name: str, role: RoleName, subject: str, by: Actor, now: datetime) -> Invitation:
    """Sends a code to an address; an open one to the same address for the same role ends."""
    email = email.lower()
    earlier = open_ones(role=role, subject=subject, now=now).filter(email=email)
    earlier.update(how=AGAIN, ended_at=now)
    code = secrets.token_hex(10).upper()
    row = Invitation.objects.create(
        email=email,
        name=name[:200],
        role=role,
        subject=subject,
        code_sha256=hashed(code),
        by=by.name[:150],
        sent_at=now,
        expires_at=now + OPEN_FOR,
    )
    notices.queue([_message(row, "-".join(code[at : at + 4] for at in range(0, 20, 4)))], now=now)
    _journal("account.invited", row, by, now)
    return row


def hashed(code: str) -> str:
    """Of a code as typed: in any case, with spaces and hyphens."""
    return hashlib.sha256("".join(letter for letter in code.upper() if letter.isalnum()).encode()).hexdigest()


def by_code(code: str) -> Invitation | None:
    """The invitation of a code, open or not."""
    return Invitation.objects.filter(code_sha256=hashed(code)).first()


def open_ones(*, role: RoleName, subject: str, now: datetime) -> QuerySet[Invitation]:
    """Those that wait for an answer, the latest first."""
    rows = Invitation.objects.filter(role=role, subject=subject, how="", expires_at__gt=now)
    return rows.order_by("-sent_at", "-id")


@transaction.atomic
def accept(invitation: int, *, user: User | None, password: str = "", by: Actor, now: datetime) -> User | None:
    """The account gets the role; without one it is opened for the invited address, which the code has verified.

    None when the invitation is no longer open, or was sent to another address than the account's.
    """
    row = Invitation.objects.select_for_update().filter(pk=invitation, how="", expires_at__gt=now).first()
    if row is None or (user is not None and (user.email or "").lower() != row.email):
        return None
    if user is None:
        if queries.by_email(row.email) is not None:
            return None
        user = accounts.open_account(email=row.email, name=row.name, password=password, by=by, now=now)
        EmailAddress.objects.create(user=user, email=row.email, verified=True, primary=True)
    row.how, row.ended_at = ACCEPTED, now
    row.save(update_fields=["how", "ended_at"])
    accounts.grant(user, role=RoleName(row.role), subject=row.subject, by=by, now=now)
    _journal("account.invitation accepted", row, by, now)
    return user


@transaction.atomic
def withdraw(invitation: int, *, role: RoleName, subject: str, by: Actor, now: datetime) -> bool:
    """Takes an open invitation of one's own back; whether there was one."""
    row = open_ones(role=role, subject=subject, now=now).select_for_update().filter(pk=invitation).first()
    if row is None:
        return False
    row.how, row.ended_at = WITHDRAWN, now
    row.save(update_fields=["how", "ended_at"])
    _journal("account.invitation withdrawn", row, by, now)
    return True


def _message(row: Invitation, code: str) -> Message:
    sentences = (
        "An agency or the marketplace asks you to work with it there.",
        f"Open {words.address('/agency/accept/')} and enter this code: {{code}}",
        f"The code works once, until {day_of(row.expires_at)}. Give it to nobody.",
        "If you did not expect this, do nothing: nothing changes.",
    )
    return Message(
        kind="account invitation",
        recipient_kind="account",
        recipient_id=f"invitation {row.pk}",
        address=row.email,
        subject="You are invited to the marketplace",
        body="\n\n".join(sentences),
        dedupe_key=f"account invitation:{row.pk}",
        secret=code,
    )


def _journal(verb: str, row: Invitation, by: Actor, now: datetime) -> None:
    details = {"role": row.role, "subject": row.subject}
    journal.write(verb=verb, subject=("invitation", str(row.pk)), by=by, at=now, details=details)
