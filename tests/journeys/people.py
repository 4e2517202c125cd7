"""Who goes on a journey: accounts in their roles, signed in by a session of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from playwright.sync_api import BrowserContext, CDPSession, Page

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName, User
from aor.terms.actor import system
from aor.web import clock

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TEST = system("test")


def account(name: str, role: RoleName | None = None, subject: str = "", *, password: str | None = None) -> User:
    """An account, with a role if wanted: account("Ana", RoleName.BROKER, "1000001"). Known as ana@example.org."""
    now = clock.now()
    email = f"{name.lower().replace(' ', '.')}@example.org"
    user = User.objects.filter(email=email).first() or accounts.open_account(
        email=email, name=name, password=password, by=TEST, now=now
    )
    if password is not None:
        EmailAddress.objects.get_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    if role is not None:
        accounts.grant(user, role=role, subject=subject, by=TEST, now=now)
    return user


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    """The context carries a session as after a password and a second factor, without the pages of either."""
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    request = HttpRequest()
    request.session = session
    record_authentication(request, user, "password", email=user.email)
    record_authentication(request, user, "mfa", type="totp")
    session.save()
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": url}])


@dataclass
class Passkeys:
    """A virtual authenticator of the browser: passkeys are made and used without a person."""

    session: CDPSession
    authenticator: str

    @classmethod
    def of(cls, page: Page) -> Passkeys:
        """Built in, with user verification, as a phone or a laptop is."""
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made: dict[str, Any] = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return cls(session, made["authenticatorId"])

    def kept(self) -> int:
        """How many passkeys it holds."""
        asked = {"authenticatorId": self.authenticator}
        return len(self.session.send("WebAuthn.getCredentials", asked)["credentials"])
