"""Signing in: passwords, second factors, the length of a visit, and a real OpenID Connect provider."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.test import Client
from oidc_provider_mock import User as Person
from oidc_provider_mock import run_server_in_thread
from pytest_django.fixtures import Settings

import aor.web
from aor.accounts import operations as accounts
from aor.accounts.models import Grant, RoleName, User
from aor.terms.actor import system

pytestmark = pytest.mark.django_db
PASSWORD = "a long walk by the lake"
ADDRESS = "ana@example.org"


@pytest.fixture
def ana() -> User:
    user = accounts.open_account(
        email=ADDRESS, name="Ana", by=system("test"), now=datetime.now(UTC), password=PASSWORD
    )
    user.emailaddress_set.create(email=ADDRESS, verified=True, primary=True)  # type: ignore[attr-defined]  # allauth's
    accounts.grant(user, role=RoleName.OFFICER, by=system("test"), now=datetime.now(UTC))
    return user


@pytest.fixture
def browser() -> Iterator[Client]:
    cache.clear()
    yield Client(headers={"host": "localhost"})
    cache.clear()


def sign_in(browser: Client, password: str = PASSWORD) -> object:
    return browser.post("/account/login/", {"login": ADDRESS, "password": password})


def code(secret: str) -> str:
    return totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))


def test_a_password_alone_leads_to_the_second_step(ana: User, browser: Client) -> None:
    sign_in(browser)
    assert browser.get("/start/").headers["Location"] == "/second-step/"
    assert b"passkey" in browser.get("/second-step/").content


def test_an_app_with_codes_is_set_up_and_used(ana: User, browser: Client) -> None:
    sign_in(browser)
    page = browser.get("/account/second-factor/totp/activate/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)
    assert secret is not None, page
    assert browser.post("/account/second-factor/totp/activate/", {"code": code(secret[1])}).status_code == 302
    cache.clear()  # the same code is not taken twice within its half minute
    asked = browser.get("/second-step/").headers["Location"]
    assert asked.startswith("/account/second-factor/reauthenticate/")
    browser.post(asked, {"code": code(secret[1])})
    assert browser.get("/second-step/").headers["Location"] == "/start/"


def test_a_code_is_not_taken_twice(ana: User, browser: Client) -> None:
    sign_in(browser)
    page = browser.get("/account/second-factor/totp/activate/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page)
    assert secret is not None
    browser.post("/account/second-factor/totp/activate/", {"code": code(secret[1])})
    asked = browser.get("/second-step/").headers["Location"]
    assert browser.post(asked, {"code": code(secret[1])}).status_code == 302
    assert b"That did not work" in browser.post(asked, {"code": code(secret[1])}).content


@pytest.mark.parametrize("weak", ["fourteen chars", "1q2w3e4r5t6y7u8i9o0p", "ana@example.org"])
def test_a_weak_password_is_refused(weak: str, browser: Client) -> None:
    answer = browser.post("/account/signup/", {"email": "new@example.org", "password1": weak, "password2": weak})
    assert answer.status_code == 200 or not User.objects.filter(email="new@example.org").exists()
    assert len(weak) >= 15 or b"15" in answer.content


def test_a_visit_ends_after_thirty_minutes_without_a_request(ana: User, browser: Client) -> None:
    sign_in(browser)
    session = browser.session
    session["seen"] = (datetime.now(UTC) - timedelta(minutes=31)).isoformat()
    session.save()
    assert browser.get("/start/").headers["Location"].startswith("/account/login/")


def test_a_visit_ends_after_twelve_hours_whatever_happens(ana: User, browser: Client) -> None:
    sign_in(browser)
    session = browser.session
    session["began"] = (datetime.now(UTC) - timedelta(hours=12, minutes=1)).isoformat()
    session.save()
    assert browser.get("/start/").headers["Location"].startswith("/account/login/")


def test_signing_out_ends_the_visit_and_clears_the_device(ana: User, browser: Client) -> None:
    sign_in(browser)
    answer = browser.post("/account/logout/")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "/account/login/" in browser.get("/start/").headers["Location"]


def test_a_visit_is_named_by_more_than_128_bits_of_chance(ana: User, browser: Client) -> None:
    sign_in(browser)
    key = browser.session.session_key
    assert key is not None
    assert re.fullmatch(r"[a-z0-9]{32}", key)  # 36 ** 32 is more than 2 ** 165


def test_one_sees_ones_visits_and_ends_another(ana: User, browser: Client) -> None:
    other = Client(headers={"host": "localhost"})
    sign_in(browser)
    sign_in(other)
    assert other.get("/start/").headers["Location"] == "/second-step/"
    page = browser.get("/account/sessions/").content.decode()
    assert page.count("127.0.0.1") == 2
    browser.post("/account/sessions/")
    assert "/account/login/" in other.get("/start/").headers["Location"]
    assert browser.get("/start/").headers["Location"] == "/second-step/"


def test_a_password_is_masked_and_may_be_pasted(browser: Client) -> None:
    page = browser.get("/account/login/").content.decode()
    (field,) = re.findall(r'<input[^>]*name="password"[^>]*>', page)
    assert 'type="password"' in field
    assert 'autocomplete="current-password"' in field
    script = Path(aor.web.__file__).parent / "static" / "web" / "portal.js"
    assert "paste" not in page + script.read_text(encoding="utf-8")


def test_guessing_is_stopped(ana: User, browser: Client) -> None:
    for _ in range(5):
        sign_in(browser, "not the password at all")
    assert b"Too many" in sign_in(browser).content  # type: ignore[attr-defined]  # an answer of the test client
    assert browser.get("/start/").headers["Location"].startswith("/account/login/")


def test_a_closed_account_is_out_at_once(ana: User, browser: Client) -> None:
    sign_in(browser)
    accounts.close_account(ana, by=system("test"), now=datetime.now(UTC))
    assert browser.get("/start/").headers["Location"].startswith("/account/login/")


def test_a_mail_names_the_public_address_by_whatever_name_one_came(
    ana: User, browser: Client, mailoutbox: list[EmailMessage], settings: Settings
) -> None:
    settings.AOR_URL, settings.AOR_MARKETPLACE = "https://broker.example.org", "North Market"
    for email in (ADDRESS, "nobody@example.org"):
        browser.post("/account/password/reset/", {"email": email})
    browser.post("/account/signup/", {"email": ADDRESS, "password1": PASSWORD, "password2": PASSWORD})
    assert len(mailoutbox) == 3
    for mail in mailoutbox:
        assert "https://broker.example.org/account/" in str(mail.body)
        assert "North Market" in str(mail.body)
        assert "localhost" not in f"{mail.subject} {mail.body}"


def test_the_old_address_is_told_of_a_new_one(ana: User, browser: Client, mailoutbox: list[EmailMessage]) -> None:
    sign_in(browser)
    asked = browser.post("/account/email/", {"email": "elsewhere@example.org", "action_add": ""})
    browser.post(asked.headers["Location"], {"password": PASSWORD})
    browser.post("/account/email/", {"email": "elsewhere@example.org", "action_add": ""})
    confirm = re.search(r"/account/confirm-email/[^/\s]+/", "".join(str(mail.body) for mail in mailoutbox))
    assert confirm is not None, mailoutbox
    browser.post(confirm[0])
    assert ADDRESS in [address for mail in mailoutbox for address in mail.to]


@pytest.fixture
def provider(settings: Settings) -> Iterator[str]:
    """A real provider: one consumer with a subscriber id and two factors, one without, one officer."""
    people = (
        Person(
            sub="kaying", claims={"exchange_subscriber_id": "S1", "amr": ["pwd", "otp"], "email": "k@example.org"}
        ),
        Person(sub="unknown", claims={"email": "u@example.org"}),
        Person(sub="single", claims={"exchange_subscriber_id": "S2", "amr": ["pwd"]}),
        Person(sub="both", claims={"exchange_subscriber_id": "S3", "roles": ["officer"], "amr": ["mfa"]}),
    )
    with run_server_in_thread(user_claims=people) as server:
        url = f"http://localhost:{server.server_port}"
        app = {"name": "Marketplace", "client_id": "portal", "secret": "s", "settings": {"server_url": url}}
        apps = [{"provider_id": name, **app} for name in ("marketplace", "state")]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": apps}}
        yield url


def through(provider: str, browser: Client, subject: str, *, name: str = "marketplace") -> object:
    """Signs in at the provider as a browser would."""
    asked = browser.post(f"/account/provider/oidc/{name}/login/").headers["Location"]
    assert asked.startswith(provider)
    allowed = requests.post(asked, data={"sub": subject}, allow_redirects=False, timeout=10)
    back = urlsplit(allowed.headers["Location"])
    return browser.get(f"{back.path}?{back.query}")


def test_a_consumer_comes_by_the_marketplace_account(provider: str, browser: Client) -> None:
    through(provider, browser, "kaying")
    grant = Grant.objects.known_at().get()
    assert (grant.role, grant.subject) == (RoleName.CONSUMER, "S1")
    assert (grant.user.email, grant.user.name) == (None, "")  # nothing of the person is kept here
    assert browser.get("/second-step/").headers["Location"] == "/start/"


def test_an_account_that_is_nobody_here_is_told_so(provider: str, browser: Client) -> None:
    answer = through(provider, browser, "unknown")
    assert answer.status_code == 403  # type: ignore[attr-defined]  # an answer of the test client
    assert not User.objects.exists()


def test_one_factor_at_the_provider_is_not_two(provider: str, browser: Client) -> None:
    through(provider, browser, "single")
    assert browser.get("/start/").headers["Location"] == "/second-step/"


def test_the_household_is_what_the_provider_says_at_each_sign_in(provider: str, browser: Client) -> None:
    through(provider, browser, "kaying")
    browser.post("/account/logout/")
    requests.put(f"{provider}/users/kaying", json={"exchange_subscriber_id": "S9"}, timeout=10).raise_for_status()
    through(provider, browser, "kaying")
    assert [grant.subject for grant in Grant.objects.known_at()] == ["S9"]


def test_one_provider_does_not_speak_for_another(provider: str, browser: Client) -> None:
    through(provider, browser, "both")
    browser.post("/account/logout/")
    through(provider, browser, "both", name="state")
    roles = Grant.objects.known_at().values_list("user_id", "role").order_by("user_id")
    assert [role for _, role in roles] == [RoleName.CONSUMER, RoleName.OFFICER]
    assert len({user for user, _ in roles}) == 2
