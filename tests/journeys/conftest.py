"""Fixtures of a journey: the site on a port, a browser for this folder, pages that fail on any complaint.

    def test_ana_sees_her_clients(site, visit):
        page = visit(people.account("Ana", RoleName.BROKER, "1000001"))
        page.goto("/broker/")
        assert_accessible(page)

`visit()` without an account is a visitor; each visit is a browser of its own, so that two people can meet. Rows are
made with tests.builders before the page is opened: commits are real. The instant is AOR_NOW, if `at` sets it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django.fixtures import Settings

from aor.accounts.models import User
from aor.web import clock
from tests.journeys import chromium, people, server

Visit = Callable[..., Page]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What a browser makes of a page, no database changes: the pages themselves are tested on both."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("either_database")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for the folder. Playwright runs a loop in this thread, which Django takes for async code."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.ARGUMENTS)
        yield started
        started.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def address(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the site is served, for this folder."""
    with server.served(tmp_path_factory.mktemp("static")) as url:
        yield url


@pytest.fixture
def site(committed: None, address: str, settings: Settings) -> str:
    """The address of the real site: every middleware, static files as collected, commits."""
    settings.AOR_TIME_TRAVEL = True
    return address


@pytest.fixture
def at(site: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the portal's clock, which then runs on. To be called before anybody signs in."""

    def set_clock(instant: datetime) -> None:
        monkeypatch.setenv("AOR_NOW", instant.isoformat())
        monkeypatch.setattr(clock, "_STARTED", clock.time.monotonic())

    return set_clock


@pytest.fixture
def visit(site: str, browser: Browser) -> Iterator[Visit]:
    """A page of a person's own browser; at the end none of them may have complained."""
    watch, contexts = chromium.Watch(), list[BrowserContext]()

    def visiting(user: User | None = None, *, scripts: bool = True, language: str = "en-US") -> Page:
        context = browser.new_context(base_url=site, java_script_enabled=scripts, locale=language)
        context.set_default_timeout(10_000)
        contexts.append(context)
        if user is not None:
            people.sign_in(context, user, site)
        page = context.new_page()
        watch.over(page)
        return page

    yield visiting
    for context in contexts:
        context.close()
    watch.assert_quiet()


@pytest.fixture
def page(visit: Visit) -> Page:
    """A visitor's page."""
    return visit()
