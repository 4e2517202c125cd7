"""An identity provider whose answers are not for us, too old, or of somebody else: nobody is signed in."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from urllib.parse import urlsplit

import jwt
import pytest
import requests
from django.core.cache import cache
from django.test import Client
from oidc_provider_mock import User as Person
from oidc_provider_mock import run_server_in_thread
from pytest_django.fixtures import Settings

from aor.accounts.models import User

pytestmark = pytest.mark.django_db
type Claims = dict[str, object]


def port(server: BaseServer) -> int:
    return int(server.server_address[1])  # type: ignore[arg-type]  # of TCP, so host and port


class Altering(BaseHTTPRequestHandler):
    """Stands before a real provider, and alters what it says of the person."""

    provider = ""
    token: Claims
    userinfo: Claims

    def do_GET(self) -> None:
        told = requests.get(
            self.provider + self.path, headers={"Authorization": self.headers.get("Authorization", "")}, timeout=10
        ).json()
        if self.path.endswith("openid-configuration"):
            here = f"http://localhost:{port(self.server)}"
            told |= {"token_endpoint": f"{here}/oauth2/token", "userinfo_endpoint": f"{here}/userinfo"}
        elif self.path.startswith("/userinfo"):
            told |= self.userinfo
        self._say(told)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kept = {name: value for name, value in self.headers.items() if name in ("Authorization", "Content-Type")}
        told = requests.post(self.provider + self.path, data=body, headers=kept, timeout=10).json()
        if "id_token" in told:
            claims = jwt.decode(told["id_token"], options={"verify_signature": False}) | self.token
            given = {name: value for name, value in claims.items() if value is not None}
            told["id_token"] = jwt.encode(given, "a key of nobody, as long as it must be", algorithm="HS256")
        self._say(told)

    def _say(self, told: Claims) -> None:
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """The test says what is wrong."""


@contextmanager
def provider(settings: Settings, *, token: Claims | None = None, userinfo: Claims | None = None) -> Iterator[str]:
    """One consumer, S1, with two factors, at a provider whose words are altered."""
    person = Person(sub="kaying", claims={"exchange_subscriber_id": "S1", "amr": ["pwd", "otp"]})
    with run_server_in_thread(user_claims=(person,)) as real:
        url = f"http://localhost:{real.server_port}"
        words = type("Words", (Altering,), {"provider": url, "token": token or {}, "userinfo": userinfo or {}})
        before = ThreadingHTTPServer(("localhost", 0), words)
        threading.Thread(target=before.serve_forever, daemon=True).start()
        server = f"http://localhost:{port(before)}"
        app = {"name": "Marketplace", "client_id": "portal", "secret": "s", "settings": {"server_url": server}}
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [{"provider_id": "marketplace", **app}]}
        }
        try:
            yield url
        finally:
            before.shutdown()
            before.server_close()


@pytest.fixture
def browser() -> Iterator[Client]:
    cache.clear()
    yield Client(headers={"host": "localhost"}, raise_request_exception=False)
    cache.clear()


def allowed(browser: Client) -> str:
    """The address to which the provider sends the browser back."""
    asked = browser.post("/account/provider/oidc/marketplace/login/").headers["Location"]
    back = requests.post(asked, data={"sub": "kaying"}, allow_redirects=False, timeout=10).headers["Location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_words_that_are_not_altered_sign_in(settings: Settings, browser: Client) -> None:
    with provider(settings):
        browser.get(allowed(browser))
    assert signed_in(browser)


@pytest.mark.parametrize(
    "token",
    [
        {"iss": "http://another.example"},
        {"iss": None},
        {"aud": "another portal"},
        {"aud": None},
        {"exp": int(time.time()) - 3_600},
        {"exp": None},
        {"sub": "somebody else"},
        {"sub": None},
    ],
    ids=lambda token: "-".join(f"{name}={value and 'wrong'}" for name, value in token.items()),
)
def test_a_token_of_another_for_another_or_too_old_signs_nobody_in(
    token: Claims, settings: Settings, browser: Client
) -> None:
    with provider(settings, token=token):
        answer = browser.get(allowed(browser))
    assert answer.status_code < 500
    assert not signed_in(browser)
    assert not User.objects.exists()


def test_what_is_told_of_somebody_else_signs_nobody_in(settings: Settings, browser: Client) -> None:
    with provider(settings, userinfo={"sub": "somebody else", "exchange_subscriber_id": "S9"}):
        assert browser.get(allowed(browser)).status_code < 500
    assert not signed_in(browser)
    assert not User.objects.exists()


def test_an_answer_belongs_to_the_visit_that_asked(settings: Settings, browser: Client) -> None:
    other = Client(headers={"host": "localhost"}, raise_request_exception=False)
    with provider(settings):
        back = allowed(browser)
        assert other.get(back).status_code < 500
        assert not signed_in(other)


def test_an_answer_is_taken_once(settings: Settings, browser: Client) -> None:
    with provider(settings):
        back = allowed(browser)
        browser.get(back)
        browser.post("/account/logout/")
        assert browser.get(back).status_code < 500
    assert not signed_in(browser)
