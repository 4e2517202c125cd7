"""The sign-in library's own pages: each opens, each speaks as we do, and a passkey comes before a password."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import allauth
import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import NoReverseMatch, resolve, reverse

from aor.accounts import operations as accounts
from aor.accounts.models import User
from aor.audit.models import Act
from aor.terms.actor import system
from aor.web import access, signing_in_changes
from tests.portal import world

pytestmark = pytest.mark.django_db
CATALOG = Path(access.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "django.po"
PASSWORD = "a long walk by the lake"
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
    now = datetime.now(UTC)
    user = accounts.open_account(email="ana@example.org", name="Ana", by=system("test"), now=now, password=PASSWORD)
    user.emailaddress_set.create(email="ana@example.org", verified=True, primary=True)  # type: ignore[attr-defined]  # allauth's
    Authenticator.objects.create(user=user, type="recovery_codes", data={"seed": "a" * 32, "used_mask": 1})
    return user


@pytest.fixture
def browser(ana: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(ana, backend=world.BACKEND)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": name, "at": datetime.now(UTC).timestamp(), "reauthenticated": True} for name in ("password", "mfa")
    ]
    session["account_authentication_methods_user"] = str(ana.pk)
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


NO_CHANGE = {
    "account_login": "signs in", "account_logout": "signs out", "account_signup": "leads to the page of its mail",
    "account_confirm_email": "the link of a mail: leads to the sign-in, or to the address",
    "mfa_authenticate": "signs in",
    "account_reset_password": "leads to the page that says where the mail went",
    "account_reset_password_from_key": "leads to the page that says it is done",
    "account_reauthenticate": "goes on to what was asked for", "mfa_reauthenticate": "goes on to what was asked for",
    "mfa_reauthenticate_webauthn": "goes on to what was asked for", "mfa_login_webauthn": "signs in",
    "mfa_generate_recovery_codes": "ends on the codes, which are shown once",
    "account_confirm_login_code": "closed", "socialaccount_signup": "closed", "socialaccount_connections": "closed",
}  # fmt: skip
"""The library's forms that change nothing of how one signs in, or end on what they made."""


def test_each_change_of_ones_own_sign_in_ends_on_a_confirmation() -> None:
    found = {}
    for name in access.OF_LIBRARIES:
        for parts in ([], [1], ["a", "b"]):
            try:
                view = getattr(resolve(reverse(name, args=parts)).func, "view_class", None)
            except NoReverseMatch:
                continue
            if view is not None and hasattr(view, "post"):
                found[name] = issubclass(view, signing_in_changes._Changed)
    assert {name for name, ours in found.items() if not ours} == set(NO_CHANGE) & set(found)
    assert sum(found.values()) == 9


CHANGES = [
    (
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": f"{PASSWORD}.", "password2": f"{PASSWORD}."},
    ),
    ("/account/email/", {"email": "elsewhere@example.org", "action_add": ""}),
    ("/account/sessions/", {}),
    ("/account/second-factor/totp/deactivate/", {}),
    ("/account/second-factor/webauthn/keys/{key}/edit/", {"name": "Another phone"}),
    ("/account/second-factor/webauthn/keys/{key}/remove/", {}),
]


@pytest.mark.parametrize(("url", "form"), CHANGES, ids=lambda one: one if isinstance(one, str) else "")
def test_a_change_is_in_the_journal_under_its_reference(
    url: str, form: dict[str, str], ana: User, browser: Client
) -> None:
    Authenticator.objects.create(user=ana, type="totp", data={"secret": "A" * 32})
    alone = {"name": "My phone", "credential": {"clientExtensionResults": {}}}
    key = Authenticator.objects.create(user=ana, type="webauthn", data=alone)
    answer = browser.post(url.format(key=key.pk), form, follow=True)
    page = answer.content.decode()
    act = Act.objects.filter(verb__startswith="account changed", subject_id=str(ana.pk)).get()
    assert f'<strong class="aor-reference">J-{act.pk}</strong>' in page
    assert "What happens next" in page
    assert browser.get("/account/changed/app/").status_code == 404, "of another change"


def test_who_has_a_second_factor_can_change_their_address(
    ana: User, browser: Client, mailoutbox: list[EmailMessage]
) -> None:
    Authenticator.objects.create(user=ana, type="totp", data={"secret": "A" * 32})
    browser.post("/account/email/", {"email": "elsewhere@example.org", "action_add": ""})
    (link,) = re.findall(r"/account/confirm-email/[^/\s]+/", str(mailoutbox[-1].body))
    browser.post(link)
    ana.refresh_from_db()
    assert ana.email == "elsewhere@example.org"
    assert "ana@example.org" in [address for mail in mailoutbox for address in mail.to], "the old one is told"


def test_what_we_say_anew_is_still_said_by_the_library() -> None:
    theirs = Path(allauth.__file__).parent / "locale" / "en" / "LC_MESSAGES" / "django.po"
    ours = sentences(CATALOG.read_text())
    assert len(ours) > 50
    assert ours <= sentences(theirs.read_text())
