"""The sign-in library's own pages: each opens, each speaks as we do, and a passkey comes before a password."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import allauth
import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from aor.accounts import operations as accounts
from aor.accounts.models import User
from aor.terms.actor import system
from aor.web import access
from tests.portal import world

pytestmark = pytest.mark.django_db
CATALOG = Path(access.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "django.po"
HEADING = re.compile(r"<h[12][^>]*>\s*(.*?)\s*</h[12]>", re.DOTALL)
FOR_VISITORS = ("account_login", "account_signup", "account_reset_password", "account_reset_password_done",
                "account_inactive", "account_email_verification_sent")  # fmt: skip


def sentences(catalog: str) -> set[str]:
    """What a catalog translates."""
    found = re.finditer(r'^msgid ((?:".*"\n)+)', catalog, re.MULTILINE)
    return {"".join(line[1:-1] for line in one[1].splitlines()) for one in found} - {""}


def own_pages() -> list[str]:
    """The addresses of the library's pages about one's own account, without those of a single passkey."""
    found = []
    for name, rule in access.OF_LIBRARIES.items():
        if rule is access.OWN:
            try:
                found.append(reverse(name))
            except NoReverseMatch:
                continue
    return found


@pytest.fixture
def ana() -> User:
    """Has recovery codes."""
    cache.clear()
    user = accounts.open_account(email="ana@example.org", name="Ana", by=system("test"), now=datetime.now(UTC))
    user.emailaddress_set.create(email="ana@example.org", verified=True, primary=True)  # type: ignore[attr-defined]  # allauth's
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "a" * 32, "used_mask": 1})
    return user


@pytest.fixture
def browser(ana: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(ana, backend=world.BACKEND)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": name, "at": datetime.now(UTC).timestamp()} for name in ("password", "mfa")
    ]
    session.save()
    return client


@pytest.mark.parametrize("url", own_pages())
def test_a_page_about_ones_own_account_opens_and_its_headings_are_sentences(url: str, browser: Client) -> None:
    answer = browser.get(url, follow=True)
    assert answer.status_code in (200, 404)
    for heading in HEADING.findall(answer.content.decode()):
        assert not re.search(r"\w [A-Z][a-z]", heading), heading


@pytest.mark.parametrize("name", FOR_VISITORS)
def test_a_page_for_visitors_opens_and_its_headings_are_sentences(name: str) -> None:
    answer = Client(headers={"host": "localhost"}).get(reverse(name))
    assert answer.status_code == 200
    for heading in HEADING.findall(answer.content.decode()):
        assert not re.search(r"\w [A-Z][a-z]", heading), heading


def test_ones_passkeys_are_listed_by_name(ana: User, browser: Client) -> None:
    alone = {"name": "My phone", "credential": {"clientExtensionResults": {"credProps": {"rk": True}}}}
    Authenticator.objects.create(user=ana, type="webauthn", data=alone)
    page = browser.get("/account/second-factor/webauthn/").content.decode()
    assert "My phone" in page
    assert "signs in alone" in page
    assert "never" in page


def test_a_passkey_comes_before_a_password() -> None:
    page = Client(headers={"host": "localhost"}).get("/account/login/").content.decode()
    assert 0 < page.index("Sign in with a passkey") < page.index("Or with your password") < page.index('name="login"')
    assert page.count("forgot") == 1


def test_what_we_say_anew_is_still_said_by_the_library() -> None:
    theirs = Path(allauth.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "django.po"
    ours = sentences(CATALOG.read_text())
    assert len(ours) > 50
    assert ours <= sentences(theirs.read_text())
