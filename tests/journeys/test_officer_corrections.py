"""An NPN is corrected by two officers, after they have seen what moves; in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from aor.accounts.models import RoleName
from aor.incidents.tests import market
from tests import builders
from tests.builders import ANA, BEN
from tests.journeys import chromium, people
from tests.journeys.accessible import assert_accessible

CY = "7000009"


@pytest.fixture
def town(site: str, home: Path, at: Callable[..., None]) -> None:
    home.mkdir(exist_ok=True)
    cache.clear()
    market.open_market(home)
    builders.broker(CY, "Cy", "Cruz")
    market.designate("S1", ANA, market.MARCH_10)
    market.send(market.MARCH_10 + market.HOUR)
    at(market.MARCH_10 + timedelta(days=10))


def ask(page: Page) -> str:
    """Asks for ANA's associations to be CY's; the number of the request."""
    page.goto("/staff/more/")
    chromium.follow(page.get_by_role("link", name="Corrections of NPNs"))
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="Correct an NPN"))
    assert_accessible(page)
    page.get_by_label("The NPN that was written").fill(BEN)
    page.get_by_label("The NPN that is right").fill("7777777")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("NPN 7777777 is not on the roster").first.wait_for()
    page.get_by_label("The NPN that is right").fill(CY)
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("There is no association under NPN").first.wait_for()
    page.get_by_label("The NPN that was written").fill(ANA)
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Agents of record that move").wait_for()
    page.get_by_role("cell", name="P1").or_(page.get_by_role("rowheader", name="P1")).wait_for()
    assert_accessible(page)
    chromium.picture(page, "staff-correction")
    page.get_by_label("Because").fill("the form has the other number")
    page.get_by_role("button", name="Ask another officer").click()
    page.get_by_text("What happens next").wait_for()
    assert_accessible(page)
    return page.locator(".aor-reference").inner_text()


@pytest.mark.parametrize(("word", "becomes"), [("I approve: do it", CY), ("I do not approve", ANA)])
def test_one_officer_asks_and_another_decides(
    town: None, visit: Callable[..., Page], word: str, becomes: str
) -> None:
    officer, second = (visit(people.account(name, RoleName.OFFICER)) for name in ("Ola", "Per"))
    number = ask(officer)
    officer.goto(f"/staff/corrections/{number}/")
    officer.get_by_text("another officer must approve it").wait_for()
    assert officer.get_by_role("button", name="Send").count() == 0
    assert_accessible(officer)
    second.goto("/staff/corrections/")
    second.get_by_role("link", name=number).click()
    second.get_by_text("the form has the other number").wait_for()
    assert_accessible(second)
    second.get_by_text(word).click()
    second.get_by_role("button", name="Send").click()
    second.get_by_text("Your reference number").wait_for()
    assert_accessible(second)
    assert market.entries()[-1][0] == becomes
    officer.goto(f"/staff/corrections/{number}/")
    officer.get_by_text("This is decided").wait_for()
    assert_accessible(officer)


def test_an_auditor_sees_what_waits_and_is_offered_no_change(town: None, visit: Callable[..., Page]) -> None:
    number = ask(visit(people.account("Ola", RoleName.OFFICER)))
    auditor = visit(people.account("Aud", RoleName.AUDITOR))
    auditor.goto(f"/staff/corrections/{number}/")
    auditor.get_by_text("This waits for an officer").wait_for()
    assert auditor.locator("main").get_by_role("button").count() == 0
    assert_accessible(auditor)
