"""An agency's day: who is asked, who comes by a code, what is at risk, and for whom support staff act."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from aor.brokers.models import Appointment
from aor.notices.models import Notice
from aor.notices.operations import _cipher
from tests.builders import ANA, CRUZ
from tests.journeys import accessible, chromium
from tests.journeys.accessible import assert_accessible
from tests.portal import world
from tests.portal.world import MARK, NOW, World

PAGES = (
    "", "book/", "roster/", "readiness/", "support/", "cover/", "reports/", "data/", "roster/file/", f"roster/{ANA}/",
)  # fmt: skip


@pytest.fixture
def town(site: str, home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


def test_every_page_of_a_manager_is_accessible(town: World, visit: Callable[..., Page]) -> None:
    Appointment.objects.filter(npn=ANA).update(known_until=NOW)
    page = visit(town.users["manager"])
    for name in PAGES:
        page.goto(f"/agency/{name}")
        assert page.get_by_role("heading", level=1).count() == 1
        assert_accessible(page)
        if name in ("", "readiness/"):
            chromium.picture(page, f"agency-{name.strip('/') or 'today'}")


def test_a_broker_is_asked_and_joins(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["manager"])
    page.goto("/agency/roster/ask/")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#errors")).to_be_focused()
    assert_accessible(page)
    page.get_by_label("NPN").fill(CRUZ)
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("heading", name="The broker is asked to join").wait_for()
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="Roster").last)
    assert_accessible(page)
    cruz = visit(town.users["Cruz"])
    cruz.goto("/agency/joining/")
    assert_accessible(cruz)
    chromium.follow(cruz.get_by_role("link", name="Answer"))
    assert_accessible(cruz)
    cruz.get_by_role("button", name="Yes, join the agency").click()
    cruz.get_by_role("heading", name="You have joined the agency").wait_for()
    page.goto("/agency/book/")
    expect(page.get_by_text(f"{MARK}-ASAD").first).to_be_visible()


def test_support_staff_come_by_a_code_with_the_keyboard_alone(town: World, visit: Callable[..., Page]) -> None:
    manager = visit(town.users["manager"])
    manager.goto("/agency/support/invite/")
    manager.get_by_label("Name").fill("Sam Staff")
    manager.get_by_label("E-mail address").fill("sam@example.org")
    manager.get_by_role("button", name="Invite").click()
    manager.get_by_role("heading", name="The invitation is on its way").wait_for()
    manager.goto("/agency/support/")
    assert_accessible(manager)
    code = _cipher().decrypt(Notice.objects.get(address="sam@example.org").secret.encode()).decode()
    page = visit()
    page.goto("/agency/accept/")
    assert_accessible(page)
    for name, words in (("Code from the mail", code), ("New password", "four small grey herons wait")):
        accessible.tab_to(page, name)
        page.keyboard.type(words)
    accessible.tab_to(page, "Accept")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="You have accepted the invitation").wait_for()
    assert_accessible(page)
    manager.goto("/agency/support/")
    expect(manager.get_by_text("Sam Staff").first).to_be_visible()
    assert_accessible(manager)


def test_support_staff_choose_a_broker_without_scripts(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["support"], scripts=False)
    page.goto("/start/")
    page.get_by_text("Ana Broker").click()
    page.get_by_role("button", name="Act for this broker").click()
    page.get_by_role("link", name="Clients").first.click()
    expect(page.get_by_text(f"{MARK}-KAYING").first).to_be_visible()


def test_a_visitor_with_an_account_registers_an_agency(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["manager"])
    page.goto("/agency/register/")
    assert_accessible(page)
    fields = {
        "NPN of the agency": "8000009",
        "Name of the agency": "Polar Agency",
        "Federal tax number (FEIN)": "41-1234567",
        "Name of the administrator": "Pat",
    }
    for label, value in fields.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Register").click()
    page.get_by_role("heading", name="The agency is registered").wait_for()
    assert_accessible(page)
