"""Accounts opened and closed, roles granted and taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from datetime import datetime, timedelta

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction

from aor.accounts.models import Digest, Grant, KeptView, RoleName, Submission, User
from aor.audit import operations as journal
from aor.terms.actor import Actor


def open_account(
    *,
    email: str | None,
    name: str,
    by: Actor,
    now: datetime,
    password: str | None = None,
    only_for_demo: bool = False,
) -> User:
    """A new account; without a password it is entered by an identity provider or after setting one."""
    user = User(email=email.lower() if email else None, name=name, created_at=now, only_for_demo=only_for_demo)
    if password is None:
        user.set_unusable_password()
    else:
        user.set_password(password)
    user.save()
    _journal("account.opened", user, by, now)
    return user


@transaction.atomic
def grant(user: User, *, role: RoleName, subject: str = "", by: Actor, now: datetime) -> None:
    """Gives an account a role; one that it has already changes nothing."""
    if Grant.objects.known_at().filter(user=user, role=role, subject=subject).exists():
        return
    Grant.objects.create(user=user, role=role, subject=subject, known_from=now)
    _journal("role.granted", user, by, now, role=role.value, subject=subject)


@transaction.atomic
def revoke(user: User, *, role: RoleName, subject: str = "", by: Actor, now: datetime) -> bool:
    """Takes a role away at once, open sessions included; whether there was one."""
    found = Grant.objects.known_at().select_for_update().filter(user=user, role=role, subject=subject).first()
    if found is None:
        return False
    found.known_until = max(now, found.known_from + timedelta(microseconds=1))
    found.save(update_fields=["known_until"])
    _journal("role.revoked", user, by, now, role=role.value, subject=subject)
    return True


@transaction.atomic
def follow_provider(user: User, wanted: Iterable[tuple[RoleName, str]], *, by: Actor, now: datetime) -> None:
    """An identity provider's word on an account's roles: exactly these, from now on."""
    after = set(wanted)
    before = {(RoleName(one.role), one.subject) for one in Grant.objects.known_at().filter(user=user)}
    for role, subject in sorted(before - after):
        revoke(user, role=role, subject=subject, by=by, now=now)
    for role, subject in sorted(after - before):
        grant(user, role=role, subject=subject, by=by, now=now)


@transaction.atomic
def close_account(user: User, *, by: Actor, now: datetime) -> None:
    """Nobody signs in with it again, and whoever is signed in is out; what it did stays."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    _end_visits({str(user.pk)})
    _journal("account.closed", user, by, now)


@transaction.atomic
def sign_out(users: Sequence[User], *, by: Actor, now: datetime) -> int:
    """Ends every visit of some accounts, wherever they are signed in; how many. They may sign in again."""
    ended = _end_visits({str(user.pk) for user in users})
    for user in users:
        _journal("account.signed out", user, by, now)
    return ended


def _end_visits(accounts: Set[str]) -> int:
    """A visit says whose it is in itself alone, and those of the last half hour are few."""
    theirs = [one.pk for one in Session.objects.all() if one.get_decoded().get(SESSION_KEY) in accounts]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)


def begin_submission(token: str, *, user: User | None, now: datetime) -> Submission | None:
    """Takes a form's token, in the caller's transaction; None when the form was sent before."""
    try:
        with transaction.atomic():
            return Submission.objects.create(token=token, user=user, location="", at=now)
    except IntegrityError:
        return None


def end_submission(taken: Submission, *, location: str) -> None:
    """The page that a form led to; without one it may be sent again."""
    rows = Submission.objects.filter(pk=taken.pk)
    rows.update(location=location) if location else rows.delete()


def submission(token: str, *, user: User | None) -> Submission | None:
    """The form sent before under this token by the same account."""
    return Submission.objects.filter(token=token, user=user).first()


def keep_view(*, account: int, page: str, name: str, query: str) -> None:
    """Keeps the filters of a list under a name; an empty `query` drops them."""
    kept = KeptView.objects.filter(user=account, page=page, name=name)
    if not query:
        kept.delete()
    elif not kept.update(query=query[:500]):
        KeptView.objects.create(user_id=account, page=page, name=name, query=query[:500])


def want_digest(*, account: int, agency_npn: str, wanted: bool) -> None:
    """Whether an account gets an agency's daily digest."""
    if wanted:
        Digest.objects.get_or_create(user_id=account, agency_npn=agency_npn)
    else:
        Digest.objects.filter(user=account, agency_npn=agency_npn).delete()


def forget_submissions(*, before: datetime) -> int:
    """Forms that led somewhere long ago are forgotten; how many."""
    return Submission.objects.filter(at__lt=before).delete()[0]


def _journal(verb: str, user: User, by: Actor, now: datetime, **details: object) -> None:
    journal.write(verb=verb, subject=("account", str(user.pk)), by=by, at=now, details=details)
