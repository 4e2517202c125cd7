"""People signed in with two factors; Django is set up before this is imported."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName
from aor.terms.actor import system

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed_in(email: str, *, role: RoleName, subject: str = "", now: datetime) -> str:
    """Opens an account in a role; the key of its visit."""
    by = system("benchmarks")
    user = accounts.open_account(email=email, name=email, by=by, now=now)
    accounts.grant(user, role=role, subject=subject, by=by, now=now)
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session["account_authentication_methods"] = [{"method": "mfa", "at": now.timestamp()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return session.session_key or ""
