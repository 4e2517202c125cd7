"""Consumers choose, confirm, replace, end, undo, lock and disown their broker; anybody finds one. On any device."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.mail import EmailMessage
from playwright.sync_api import Page, expect

from aor.acts import associate, contacts
from aor.acts import queries as acts
from aor.associations.models import Association, Invitation
from aor.gateways.secure_mail import Courier
from aor.notices import operations as notices
from aor.terms.actor import Actor, Role, system
from aor.web import clock
from tests.builders import ANA, CRUZ
from tests.journeys import accessible, chromium
from tests.journeys.accessible import assert_accessible
from tests.portal import world
from tests.portal.world import World

Visit = Callable[..., Page]
AGREED = "I have read this and I agree"


@pytest.fixture
def town(site: str, home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


@pytest.fixture
def invited(town: World) -> tuple[int, str]:
    """Cruz asks S1, who is Ana's."""
    by, earlier = Actor(Role.BROKER, "account 1", CRUZ), clock.now() - timedelta(minutes=5)
    _decision, code = associate.invite(subscriber_id="S1", npn=CRUZ, contact="k@home.example.org", by=by, now=earlier)
    return Invitation.objects.latest("id").id, code


def sees(npn: str) -> bool:
    return acts.may_see(npn=npn, subscriber_id="S1", now=clock.now()).granted


def press(page: Page, name: str) -> None:
    """A button, and the page it leads to."""
    page.get_by_role("button", name=name, exact=True).click()


def expect_title(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert_accessible(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_anybody_finds_a_broker_and_choosing_asks_to_sign_in(town: World, visit: Visit, scripts: bool) -> None:
    page = visit(scripts=scripts)
    page.goto("/find-a-broker/")
    if scripts:
        assert_accessible(page)
        chromium.picture(page, "find-a-broker")
    page.get_by_label("Broker or agency").fill("cruz")
    press(page, "Search")
    expect(page.get_by_role("link", name="Ana Broker")).to_have_count(0)
    page.get_by_role("link", name="Cruz Broker").click()
    if scripts:
        expect_title(page, "Cruz Broker")
    page.get_by_role("link", name="Choose this broker").click()
    assert "/account/login/?next=" in page.url


def test_a_wrong_zip_is_said(town: World, visit: Visit) -> None:
    page = visit()
    page.goto("/find-a-broker/?zip=x")
    assert page.title().startswith("Error: ")
    assert_accessible(page)


def test_a_broker_is_chosen_with_the_keyboard_alone(town: World, visit: Visit) -> None:
    page = visit(town.users["consumer"])
    page.goto(f"/my/broker/choose/{CRUZ}/")
    expect_title(page, "Choose Cruz Broker as your broker")
    accessible.tab_to(page, "All my coverage")
    accessible.tab_to(page, "Continue")
    page.keyboard.press("Enter")
    expect_title(page, "Read and agree")
    chromium.picture(page, "consumer-agree")
    accessible.tab_to(page, "Make this my broker")
    page.keyboard.press("Enter")
    expect(page.locator("#errors")).to_be_visible()
    assert_accessible(page)
    accessible.tab_to(page, AGREED)  # the line of the error, which leads to its field
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    accessible.tab_to(page, "Make this my broker")
    page.keyboard.press("Enter")
    expect_title(page, "You have chosen your broker")
    assert (sees(CRUZ), sees(ANA)) == (True, False)


def test_a_code_shows_the_broker_and_a_yes_is_confirmed(town: World, visit: Visit, invited: tuple[int, str]) -> None:
    page = visit(town.users["consumer"])
    page.goto("/invitation/")
    expect_title(page, "I have a code from my broker")
    page.get_by_label("Code from the mail").fill("WRONGONE")
    press(page, "Show the broker")
    expect(page.locator("#errors")).to_contain_text("This code is not right")
    assert_accessible(page)
    page.get_by_label("Code from the mail").fill(invited[1])
    press(page, "Show the broker")
    expect_title(page, "This broker asks to help you")
    page.get_by_role("link", name="Go on to yes or no").click()
    expect_title(page, "This broker asks to help you")
    page.get_by_text(AGREED).click()
    press(page, "Yes, make this my broker")
    expect_title(page, "You said yes to your broker")
    page.goto(f"/my/invitations/{invited[0]}/")
    expect_title(page, "This is no longer open")


def test_a_no_changes_nothing(town: World, visit: Visit, invited: tuple[int, str]) -> None:
    page = visit(town.users["consumer"])
    page.goto("/my/broker/")
    page.get_by_role("link", name=re.compile("^Yes or no")).click()
    page.get_by_role("link", name="No", exact=True).click()
    expect_title(page, "Say no to this broker")
    press(page, "Say no")
    expect_title(page, "You said no")
    assert (sees(ANA), sees(CRUZ)) == (True, False)


def test_two_at_once_make_one_and_the_other_sees_who_won(town: World, visit: Visit, invited: tuple[int, str]) -> None:
    pages = [visit(town.users["consumer"]) for _ in range(2)]
    for page in pages:
        page.goto(f"/my/invitations/{invited[0]}/")
        page.get_by_text(AGREED).click()
    for page in pages:
        press(page, "Yes, make this my broker")
    expect_title(pages[0], "You said yes to your broker")
    expect_title(pages[1], "This changed in the meantime")
    expect(pages[1].locator("main")).to_contain_text("Your broker is now Cruz Broker")
    assert Association.objects.filter(subscriber_id="S1", npn=CRUZ).count() == 1


def forget_second_factor(page: Page) -> None:
    """The visit began longer ago than a second factor counts."""
    cookies = {one["name"]: one["value"] for one in page.context.cookies()}
    session = SessionStore(cookies[settings.SESSION_COOKIE_NAME])
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**one, "at": one["at"] - 700} for one in records]
    session.save()


def test_replacing_needs_a_code_from_the_mail(town: World, visit: Visit, mailoutbox: list[EmailMessage]) -> None:
    contacts.set_account_contact(subscriber_id="S1", email="k@home.example.org", by=system("test"), now=clock.now())
    page = visit(town.users["consumer"])
    page.goto("/my/broker/")
    forget_second_factor(page)
    page.goto(f"/my/broker/choose/{CRUZ}/check/?scope=all")
    expect_title(page, "Prove it is you")
    press(page, "Send me a code")
    expect(page.locator("main")).to_contain_text("We sent a code")
    assert_accessible(page)
    with Courier() as courier:
        notices.deliver(courier=courier, now=clock.now())
    own = (str(one.body) for one in mailoutbox if one.to == ["k@home.example.org"])
    code = next(found[0] for body in own if (found := re.search(r"(?<![-\d])\d{6}\b", body)))  # no number of a case
    page.get_by_label("Code from the mail").fill("000000" if code != "000000" else "000001")
    press(page, "Continue")
    expect(page.locator("#errors")).to_contain_text("This code is not right")
    assert_accessible(page)
    page.get_by_label("Code from the mail").fill(code)
    press(page, "Continue")
    expect_title(page, "Read and agree")
    page.get_by_text(AGREED).click()
    press(page, "Make this my broker")
    expect_title(page, "You have chosen your broker")


def test_choose_undo_lock_and_end(town: World, visit: Visit) -> None:
    page = visit(town.users["consumer"])
    page.goto("/my/broker/")
    expect_title(page, "My broker")
    chromium.picture(page, "consumer-my-broker", height=1300)
    page.get_by_role("link", name="Lock my broker").click()
    expect_title(page, "Lock my broker")
    press(page, "Lock my broker")
    expect_title(page, "Your broker is locked")
    page.goto(f"/my/broker/choose/{CRUZ}/check/?scope=next")
    page.get_by_text(AGREED).click()
    press(page, "Make this my broker")
    expect_title(page, "You have chosen your broker")
    page.goto("/my/broker/undo/")
    expect_title(page, "Take the last change back")
    press(page, "Take the last change back")
    expect_title(page, "The change was taken back")
    assert sees(ANA)
    page.goto("/my/broker/before/")
    expect_title(page, "My broker before")
    page.goto("/my/broker/end/")
    expect_title(page, "End with my broker")
    press(page, "End it")
    expect_title(page, "You have ended with your broker")
    page.goto("/my/broker/")
    expect(page.locator("main")).to_contain_text("You have no broker now")
    assert_accessible(page)
    assert not sees(ANA)


def test_i_did_not_ask_for_this_is_one_click(town: World, visit: Visit) -> None:
    page = visit(town.users["consumer"], scripts=False)
    page.goto("/my/broker/")
    press(page, "I did not ask for this")
    expect(page.get_by_role("heading", level=1)).to_have_text("We closed the broker's view of your data")
    assert not sees(ANA)


def test_what_is_known_of_me_can_be_read_by_all(town: World, visit: Visit) -> None:
    visit(town.users["Ana"]).goto(f"/broker/clients/{town.ours['enrollment']}/")
    page = visit(town.users["consumer"])
    for url, title in (
        ("/my/who-looked/", "Who looked at my data"),
        ("/my/consents/", "What I agreed to"),
        ("/my/language/", "My language"),
        ("/my/broker/choose/", "Choose a broker by number"),
        ("/my/broker/not-asked/", "I did not ask for this"),
    ):
        page.goto(url)
        expect_title(page, title)


@pytest.mark.parametrize("language", ["es", "hmn", "so"])
def test_a_page_in_another_language_can_be_used_too(town: World, visit: Visit, language: str) -> None:
    page = visit(town.users["consumer"], language=language)
    for url in ("/find-a-broker/", "/my/broker/", f"/my/broker/choose/{CRUZ}/check/?scope=all"):
        page.goto(url)
        assert page.locator("html").get_attribute("lang") == language
        assert_accessible(page)
