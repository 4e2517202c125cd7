"""Who may open what: every address, in every role, one's own and another's. Nothing is listed by hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve, reverse
from pytest_django import DjangoDbBlocker

from aor.accounts import roles
from aor.accounts.models import RoleName
from aor.audit.models import Read
from aor.web import access
from tests.portal import world
from tests.portal.world import MARK, SEATS, World

KINDS: dict[RoleName, type[roles.Holder]] = {
    RoleName.BROKER: roles.Broker,
    RoleName.AGENCY_MANAGER: roles.AgencyManager,
    RoleName.SUPPORT_STAFF: roles.SupportStaff,
    RoleName.CONSUMER: roles.Consumer,
    RoleName.OFFICER: roles.Officer,
    RoleName.LEAD: roles.Lead,
    RoleName.AUDITOR: roles.Auditor,
    RoleName.CARRIER: roles.CarrierStaff,
}
pytestmark = pytest.mark.django_db
LIBRARIES = ("account_", "mfa_", "usersessions_", "socialaccount_", "openid_connect_", "set_language")
OF_THE_VISIT = {"django_session", "usersessions_usersession", "portal_cache"}
SEEN = {"audit_read", "cases_message"}  # that it was looked at, and when its reader saw a message
TAKEN_BACK = {"brokers_suspension"}  # a preview does the act and takes it back in one transaction
LEFT_BY_LOOKING = OF_THE_VISIT | SEEN | TAKEN_BACK
STAFF = (RoleName.OFFICER, RoleName.LEAD, RoleName.AUDITOR)


@dataclass(frozen=True)
class Page:
    """An address of the portal: its name, its parts, its rule."""

    name: str
    parts: tuple[str, ...]
    rule: access.Rule | None

    def url(self, objects: dict[str, object]) -> str:
        return reverse(self.name, kwargs={part: objects[part] for part in self.parts})

    @property
    def of_a_library(self) -> bool:
        return self.name.startswith(LIBRARIES)


def pages(patterns: object = None, spaces: tuple[str, ...] = ()) -> Iterator[Page]:
    """Every address that the resolver knows, but the API's, which has its own door."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:  # type: ignore[attr-defined]  # URL patterns and answers as Django has them
        if isinstance(entry, URLResolver):
            if str(entry.pattern).startswith("api/"):
                continue
            yield from pages(entry.url_patterns, (*spaces, entry.namespace) if entry.namespace else spaces)
        elif isinstance(entry, URLPattern):
            name = ":".join((*spaces, entry.name or "?"))
            yield Page(name, tuple(entry.pattern.converters), access.rule_of(entry.callback, entry.name))


PAGES = list(pages())
OURS = [page for page in PAGES if not page.of_a_library and page.rule]


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: DjangoDbBlocker, portal_home: Path) -> Iterator[World]:
    """One world for the whole matrix, taken back at the end."""
    with override_settings(AOR_HOME=portal_home), django_db_blocker.unblock(), transaction.atomic():
        made = world.make(portal_home)
        for name in (None, *SEATS):  # the visits outlive each test's own savepoint
            made.client(name)
            made.client(name, factors=1)
        yield made
        transaction.set_rollback(True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_address_says_who_may_pass(page: Page) -> None:
    assert page.rule is not None, f"{page.name} declares nothing: it would be closed to all"


@pytest.mark.parametrize("page", OURS, ids=lambda page: page.name)
def test_every_part_of_an_address_is_tried(page: Page, town: World) -> None:
    assert set(page.parts) <= set(town.ours), f"tests/portal/world.py has no object for {page.parts}"


@pytest.mark.parametrize("page", OURS, ids=lambda page: page.name)
def test_a_visitor_passes_only_where_everyone_does(page: Page, town: World) -> None:
    response = town.client(None).get(page.url(town.ours))
    assert page.rule is not None
    if page.rule.public:
        assert response.status_code < 500
    else:
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/account/login/")


GUARDED = [page for page in OURS if page.rule and page.rule.kinds]


@pytest.mark.parametrize("page", GUARDED, ids=lambda page: page.name)
def test_one_factor_opens_nothing(page: Page, town: World) -> None:
    for name in SEATS:
        response = town.client(name, factors=1).get(page.url(town.ours))
        assert (response.status_code, response.headers.get("Location")) == (302, "/second-step/"), name


@pytest.mark.parametrize("page", GUARDED, ids=lambda page: page.name)
def test_a_role_passes_where_it_is_named_and_sees_its_own(page: Page, town: World) -> None:
    """Every role with one's own and another's object; all that is wrong is said at once."""
    wrong = [words for name in SEATS for words in _wrong(page, name, town)]
    assert not wrong, "\n".join(wrong)


def _wrong(page: Page, name: str, town: World) -> Iterator[str]:
    assert page.rule is not None
    admitted = issubclass(KINDS[SEATS[name][0]], page.rule.kinds)
    for objects in (town.ours, town.theirs) if page.parts and admitted else (town.ours,):
        before = Read.objects.count()
        with _writes() as written:
            response = town.client(name).get(page.url(objects))
            seen = _shown(response)
        if changed := written - LEFT_BY_LOOKING:
            yield f"{name} changes {changed} by looking"
        if response.status_code >= 500:
            yield f"{name}: {response.status_code}"
        if not admitted and (response.status_code != 403 or MARK in seen):
            yield f"{name} is not named and gets {response.status_code}"
        if "<main" in seen and 'action="/account/logout/"' not in seen:
            yield f"{name} cannot sign out there"
        if admitted and response.status_code == 403 and not page.parts:
            yield f"{name} is named and is refused"
        if foreign := [person for person in _foreign(name) if person in seen]:
            yield f"{name} sees {foreign}"
        if MARK in seen and Read.objects.count() == before:
            yield f"{name} is shown a person and no read is written down"
        for led in sorted(set(re.findall(r'<a [^>]*href="(/[^"#?]*)', seen))):
            if not _admits(led, KINDS[SEATS[name][0]]):
                yield f"{name} is led to {led}, which refuses them"


def _admits(url: str, kind: type[roles.Holder]) -> bool:
    """Whether a link of a page leads where its reader may go; what is no page of ours is not asked."""
    try:
        found = resolve(url)
    except Resolver404:
        return True
    rule = access.rule_of(found.func, found.url_name)
    return rule is None or not rule.kinds or issubclass(kind, rule.kinds)


@contextmanager
def _writes() -> Iterator[set[str]]:
    """The tables that are written to meanwhile."""
    tables: set[str] = set()

    def note(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        if found := re.match(r'(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM) "(\w+)"', sql):
            tables.add(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield tables


def _shown(response: object) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]  # URL patterns and answers as Django has them
    return bytes(content).decode("utf-8", errors="replace")


def _foreign(name: str) -> tuple[str, ...]:
    """Whom this person must never see."""
    role, _ = SEATS[name]
    if role in STAFF or name == "carrier":  # whose both policies are
        return ()
    mine = {"Ana": "KAYING", "manager": "KAYING", "support": "KAYING", "consumer": "KAYING"}
    his = {"Cruz": "ASAD", "other manager": "ASAD", "other support": "ASAD", "other consumer": "ASAD"}
    own = mine.get(name) or his.get(name) or ""
    return tuple(f"{MARK}-{person}" for person in ("KAYING", "ASAD") if person != own)


def test_no_answer_is_without_its_headers(town: World) -> None:
    for name, url in ((None, "/"), (None, "/nothing"), ("Ana", "/start/"), ("Ana", "/staff/")):
        headers = town.client(name).get(url).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in headers["Cache-Control"]
        assert headers["X-Frame-Options"] == "DENY"


def test_a_page_without_a_rule_is_closed(town: World, client: Client) -> None:
    assert access.rule_of(lambda request: None, "unheard_of") is None
