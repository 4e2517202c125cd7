"""What docs/security/asvs.md rests on and no department shows: the habits of the code, the portal in production."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName, User
from aor.audit.models import Act
from aor.terms.actor import system
from aor.web.logs import Json, WithoutPersons
from tests.operations.test_settings import PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "aor"
WEB = SOURCE / "web"
ADDRESS, PASSWORD = "ana@example.org", "correct horse battery staple"
DANGEROUS = {"eval", "exec", "compile", "__import__", "mark_safe"}
PUT_TOGETHER = {  # of constants, and of separators that are escaped
    "workbooks/ours.py", "workbooks/returned_fields.py", "x12/guides/x220a1_maintenance.py", "x12/privacy.py",
}  # fmt: skip
NOT_IMPORTED = {"pickle", "marshal", "shelve", "yaml", "telnetlib", "ftplib", "ldap", "memcache", "xml.etree"}
PROBES = """
import json, sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
from allauth.account.adapter import get_adapter
from django.test import Client, RequestFactory
from django.conf import settings
from aor.accounts.models import User
plain = Client(headers={"host": "aor.example.org"}, raise_request_exception=False)
safe = Client(headers={"host": "aor.example.org", "x-forwarded-proto": "https"}, raise_request_exception=False)
def told(response):
    cookies = {name: {key: str(value) for key, value in one.items()} for name, one in response.cookies.items()}
    return {"status": response.status_code, "headers": dict(response.headers), "cookies": cookies,
            "body": response.content.decode()[:20000]}
print(json.dumps({
    "plain": told(plain.get("/account/login/")),
    "plain health": told(plain.get("/healthz")),
    "ready": told(plain.get("/readyz")),
    "login": told(safe.get("/account/login/")),
    "nothing": told(safe.get("/nothing/")),
    "folder": told(safe.get("/static/")),
    "git": told(safe.get("/.git/config")),
    "trace": told(safe.trace("/account/login/")),
    "demo": told(safe.get("/demo/")),
    "styleguide": told(safe.get("/styleguide/")),
    "host": told(Client(headers={"host": "evil.example", "x-forwarded-proto": "https"}).get("/")),
    "debug": settings.DEBUG,
    "accounts": User.objects.count(),
    "asks": get_adapter().get_client_ip(RequestFactory().get("/", headers={"x-forwarded-for": "6.6.6.6, 10.1.2.3"})),
}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the portal answers with the settings of production, in a home of its own."""
    given = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "aor.site.settings"}
    given |= PRODUCTION | {"AOR_HOME": str(tmp_path_factory.mktemp("production"))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBES],
        env=given, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_plain_http_is_led_to_tls_but_for_the_health_addresses(production: dict[str, Any]) -> None:
    assert production["plain"]["status"] == 301
    assert production["plain"]["headers"]["Location"].startswith("https://aor.example.org/")
    assert json.loads(production["plain health"]["body"]) == {"alive": True}
    assert json.loads(production["ready"]["body"]) == {"ready": True, "migrations_waiting": 0}


def test_strict_transport_security_lasts_two_years_with_subdomains(production: dict[str, Any]) -> None:
    for answer in ("login", "nothing"):
        headers = production[answer]["headers"]
        assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"


def test_cookies_are_bound_to_this_host_and_hidden_from_scripts(production: dict[str, Any]) -> None:
    cookies = production["login"]["cookies"]
    assert cookies
    for name, cookie in cookies.items():
        assert name.startswith("__Host-")
        assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == ("True", "True", "/", "")
        assert cookie["samesite"] == "Lax"


def test_production_tells_nothing_of_its_inside(production: dict[str, Any]) -> None:
    assert production["debug"] is False
    for answer in ("nothing", "folder", "git", "demo", "styleguide"):
        assert production[answer]["status"] in (403, 404), answer
        assert not re.search(r"Traceback|Django|urlpatterns|/site-packages/", production[answer]["body"]), answer
    assert production["trace"]["status"] == 405
    assert not {"Server", "X-Powered-By"} & set(production["login"]["headers"])


def test_another_host_is_not_answered(production: dict[str, Any]) -> None:
    assert production["host"]["status"] == 400


def test_who_asks_is_known_by_the_address_that_the_proxy_saw(production: dict[str, Any]) -> None:
    assert production["asks"] == "10.1.2.3", "what a visitor says of themselves before it is not believed"


def test_there_are_no_accounts_to_begin_with(production: dict[str, Any]) -> None:
    assert production["accounts"] == 0


def test_pages_say_what_they_are_and_in_which_letters(production: dict[str, Any]) -> None:
    assert production["login"]["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert "Access-Control-Allow-Origin" not in production["login"]["headers"]


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if "tests" not in path.parts:
            yield path, ast.parse(path.read_text())


def test_no_code_is_made_of_data() -> None:
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                assert name not in DANGEROUS, f"{path}:{node.lineno}"
                shell = [word for word in node.keywords if word.arg == "shell"]
                assert not shell, f"{path}:{node.lineno}"


def test_nothing_unsafe_is_imported() -> None:
    for path, tree in sources():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name for name in names if name in NOT_IMPORTED}, f"{path}: {names}"


def test_chance_that_must_not_be_guessed_is_the_systems() -> None:
    for path, tree in sources():
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        if "random" in imported:
            assert path.relative_to(SOURCE).parts[0] == "demo", path


def test_only_sound_hashes_are_used() -> None:
    for path, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                assert node.attr not in ("md5", "sha1"), f"{path}:{node.lineno}"


def test_no_template_lets_markup_through() -> None:
    templates = [*SOURCE.rglob("*.html")]
    assert len(templates) > 20
    for path in templates:
        assert not re.search(r"\|\s*safe\b|autoescape\s+off|\|\s*safeseq\b", path.read_text()), path


def test_scripts_keep_nothing_and_take_no_markup_from_data() -> None:
    script = (WEB / "static" / "web" / "portal.js").read_text()
    assert not re.search(r"localStorage|sessionStorage|indexedDB|innerHTML|outerHTML|postMessage|\beval\b", script)


def test_scripts_merge_nothing_and_set_no_property_by_a_name_from_data() -> None:
    script = (WEB / "static" / "web" / "portal.js").read_text()
    merging = r"__proto__|prototype|constructor|\bassign\b|structuredClone|JSON\.parse|\.\.\.|for\s*\([^)]*\bin\b"
    assert not re.search(merging, script)
    assert not re.search(r"\w\s*\[[^\]]*\]\s*=[^=]", script)


def test_no_page_loads_anything_from_elsewhere() -> None:
    for path in SOURCE.rglob("*.html"):
        loaded = re.findall(r'<(?:script|link|img|iframe)[^>]+(?:src|href)="(https?:)?//', path.read_text())
        assert not loaded, path


@pytest.fixture
def ana(db: None) -> User:
    now = datetime.now(UTC)
    user = accounts.open_account(email=ADDRESS, name="Ana", by=system("test"), now=now, password=PASSWORD)
    user.emailaddress_set.create(email=ADDRESS, verified=True, primary=True)  # type: ignore[attr-defined]  # allauth's
    accounts.grant(user, role=RoleName.OFFICER, by=system("test"), now=now)
    return user


@pytest.fixture
def browser() -> Iterator[Client]:
    cache.clear()
    yield Client(headers={"host": "localhost"})
    cache.clear()


def sign_in(browser: Client, password: str = PASSWORD, **more: str) -> Any:
    return browser.post("/account/login/", {"login": ADDRESS, "password": password, **more})


def inside(browser: Client) -> bool:
    return not browser.get("/start/").headers["Location"].startswith("/account/login/")


def test_passwords_are_kept_by_argon2(ana: User) -> None:
    assert ana.password.startswith("argon2$argon2id$")


@pytest.mark.parametrize("password", ["only small letters here", "ü" * 64, "1" * 9 + " 花" * 60, "long " * 30])
def test_a_password_of_any_letters_and_length_is_taken_as_it_is(ana: User, browser: Client, password: str) -> None:
    ana.set_password(password)
    ana.save()
    assert not sign_in(browser, password.upper() + "x").headers.get("Location")
    sign_in(browser, password)
    assert inside(browser)


def test_signing_in_gives_a_new_session_and_signing_out_ends_it(ana: User, browser: Client) -> None:
    browser.get("/account/login/")
    before = browser.session.session_key
    sign_in(browser)
    signed_in = browser.session.session_key
    assert signed_in not in (None, before)
    browser.post("/account/logout/")
    thief = Client(headers={"host": "localhost"})
    thief.cookies["sessionid"] = signed_in
    assert not inside(thief)


def test_a_changed_password_needs_the_old_one_and_ends_the_other_sessions(ana: User, browser: Client) -> None:
    other = Client(headers={"host": "localhost"})
    sign_in(browser)
    sign_in(other)
    new = "another horse and its battery"
    asked = {"oldpassword": "not the old one at all", "password1": new, "password2": new}
    browser.post("/account/password/change/", asked)
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    browser.post("/account/password/change/", asked | {"oldpassword": PASSWORD})
    ana.refresh_from_db()
    assert ana.check_password(new)
    assert not inside(other)


def test_a_form_without_its_token_is_refused(ana: User) -> None:
    forger = Client(headers={"host": "localhost"}, enforce_csrf_checks=True)
    assert forger.post("/account/login/", {"login": ADDRESS, "password": PASSWORD}).status_code == 403


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_sign_in_leads_nowhere_else(ana: User, browser: Client, elsewhere: str) -> None:
    assert "evil" not in sign_in(browser, next=elsewhere).headers["Location"]
    assert "javascript" not in sign_in(browser, next=elsewhere).headers.get("Location", "")


def test_a_forgotten_password_tells_nothing_of_the_account(ana: User, browser: Client) -> None:
    known = browser.post("/account/password/reset/", {"email": ADDRESS})
    unknown = browser.post("/account/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])


def test_sign_ins_are_in_the_journal_whether_they_succeed_or_fail(ana: User, browser: Client) -> None:
    sign_in(browser, "not the password at all")
    browser.post("/account/login/", {"login": "nobody@example.org", "password": PASSWORD})
    sign_in(browser)
    acts = Act.objects.filter(subject_kind="account", verb__in=("signed in", "sign-in failed")).order_by("id")
    assert list(acts.values_list("verb", "subject_id")) == [
        ("sign-in failed", str(ana.pk)), ("sign-in failed", "unknown"), ("signed in", str(ana.pk)),
    ]  # fmt: skip
    assert not [act for act in acts if "example.org" in f"{act.actor_name}{act.details}"]


def test_a_password_never_expires(ana: User, browser: Client) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=20 * 365)
    User.objects.filter(pk=ana.pk).update(created_at=long_ago, last_login=long_ago)
    sign_in(browser)
    assert inside(browser)


def test_a_refused_page_is_logged_without_its_address(
    ana: User, browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(browser)
    assert Client(headers={"host": "localhost"}, enforce_csrf_checks=True).post("/account/login/").status_code == 403
    refused = [record for record in caplog.records if getattr(record, "status_code", 0) == 403]
    assert refused
    for record in refused:
        assert WithoutPersons().filter(record)
        assert "/account/" not in Json().format(record)


def test_no_page_and_no_act_writes_sql_of_its_own() -> None:
    """Only these folders do, whose names of tables are our models'; values are parameters everywhere."""
    allowed = {"engine", "audit", "jobs", "site", "demo"}
    for path, tree in sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or "migrations" in path.parts:
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name in {"execute", "executemany", "raw", "extra", "RawSQL"}:
                part = path.relative_to(SOURCE).parts
                assert part[0] in allowed or part == ("web", "health.py"), f"{path}:{node.lineno}"


def test_no_pattern_is_made_of_data() -> None:
    """What a regular expression is made of is a literal, a constant, or escaped; a few are put together of such."""
    functions = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
    for path, tree in sources():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in functions:
                together = path.relative_to(SOURCE).as_posix() in PUT_TOGETHER
                assert _constant(node.args[0]) or together, f"{path}:{node.lineno}"


def _constant(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.isupper()
        case ast.JoinedStr(values=values):
            return all(_constant(one) for one in values)
        case ast.FormattedValue(value=value):
            return _constant(value)
        case ast.BinOp(left=left, right=right):
            return _constant(left) and _constant(right)
        case ast.Call(func=ast.Attribute(attr="escape")):
            return True
        case ast.Call(func=ast.Attribute(attr="join"), args=[ast.Call(args=[ast.Attribute(attr="escape"), _])]):
            return True
    return False


@pytest.mark.parametrize("query", ["login=nobody@example.org", f"login={ADDRESS}&password=x"])
def test_what_is_in_the_address_is_no_part_of_a_form(ana: User, browser: Client, query: str) -> None:
    answer = browser.post(f"/account/login/?{query}", {"login": ADDRESS, "password": PASSWORD})
    assert answer.status_code == 302
    assert inside(browser)
    other = Client(headers={"host": "localhost"})
    assert other.post(f"/account/login/?login={ADDRESS}&password={PASSWORD}", {}).status_code == 200
    assert not inside(other)
    twice = other.post("/account/login/", {"login": [ADDRESS, "nobody@example.org"], "password": PASSWORD})
    assert twice.status_code == 200
    assert not inside(other)


def test_a_form_takes_no_field_but_its_own(ana: User, browser: Client) -> None:
    sign_in(browser)
    browser.post("/account/login/", {"login": ADDRESS, "password": PASSWORD, "is_active": "", "role": "lead"})
    asked = {"oldpassword": PASSWORD, "password1": PASSWORD + "!", "password2": PASSWORD + "!", "name": "Root"}
    browser.post("/account/password/change/", asked | {"email": "root@example.org", "only_for_demo": "on"})
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD + "!")
    assert (ana.name, ana.email, ana.only_for_demo) == ("Ana", ADDRESS, False)
    assert [one.role for one in ana.grants.all()] == [RoleName.OFFICER]
