"""Ana looks after her book: from the day's counts to one policy's story, an invitation, a report; on any device."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from aor.acts import roster
from aor.terms.actor import system
from aor.web import clock
from tests.builders import ANA
from tests.journeys import accessible, chromium
from tests.journeys.accessible import assert_accessible
from tests.portal import world
from tests.portal.world import MARK, World


@pytest.fixture
def town(site: str, home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


def test_ana_finds_out_why(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["Ana"])
    page.goto("/broker/")
    assert_accessible(page)
    chromium.picture(page, "broker-today")
    chromium.follow(page.get_by_role("link", name="Ready to send"))
    assert_accessible(page)
    chromium.picture(page, "broker-clients")
    page.get_by_role("link", name=f"{MARK}-KAYING").click()
    page.get_by_text("You are the agent of record.").wait_for()
    assert_accessible(page)
    chromium.picture(page, "broker-why")
    assert MARK not in page.url


def test_ana_invites_with_the_keyboard_alone(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["Ana"])
    page.goto("/broker/invitations/new/")
    assert_accessible(page)
    for name, words in (("First name", "Asad"), ("Last name", "Warsame")):
        accessible.tab_to(page, name)
        page.keyboard.type(words)
    accessible.tab_to(page, "Date of birth")
    page.keyboard.type("05021984")
    accessible.tab_to(page, "Invite")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="The invitation is on its way").wait_for()
    assert_accessible(page)
    page.goto("/broker/invitations/")
    page.get_by_text("Warsame, Asad").first.wait_for()
    assert_accessible(page)


def test_an_empty_form_says_what_is_missing(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["Ana"], scripts=False)
    page.goto("/broker/invitations/new/")
    page.get_by_role("button", name="Invite").click()
    page.get_by_role("link", name="First name").click()
    assert page.title().startswith("Error: ")
    assert_accessible_without_scripts(page)


def assert_accessible_without_scripts(page: Page) -> None:
    """axe needs scripts; without them the summary must lead to the field."""
    assert page.url.endswith("#id_first_name")


@pytest.mark.parametrize(
    "url",
    ["standing/", "profile/", "reports/", "renewals/", "application/", "invitations/many/", "clients/?state=held"],
)
def test_every_page_can_be_used_by_all(url: str, town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["Ana"])
    page.goto(f"/broker/{url}")
    assert_accessible(page)


def test_a_name_without_end_stays_on_a_phone(town: World, visit: Callable[..., Page]) -> None:
    name = "Wolfeschlegelsteinhausenbergerdorffwelchevoralternwarengewissenhaft"
    data = {"npn": ANA, "first_name": name, "last_name": name, "city": name}
    assert not roster.register_broker(data, by=system("test"), now=clock.now()).refused
    for who, urls in (
        ("Ana", ("/broker/", "/broker/profile/", f"/find-a-broker/{ANA}/")),
        ("consumer", ("/my/broker/", "/my/broker/end/", "/my/broker/before/", "/messages/new/")),
        ("support", ("/agency/acting/",)),
        ("manager", (f"/agency/roster/{ANA}/", f"/agency/book/?broker={ANA}")),
        ("officer", (f"/staff/brokers/{ANA}/",)),
    ):
        page = visit(town.users[who])
        for url in urls:
            page.goto(url)
            assert name in page.content(), url
            accessible.assert_fits(page)


def test_cruz_sees_nothing_of_ana(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["Cruz"])
    answer = page.request.get(f"/broker/clients/{town.ours['enrollment']}/")
    assert answer.status == 404
    assert "KAYING" not in answer.text()
