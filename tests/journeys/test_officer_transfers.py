"""A book moves: entered, agreed, looked at by household, announced, moved, taken back; in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from django.core.cache import cache
from PIL import Image
from playwright.sync_api import Page

from aor.accounts.models import RoleName
from aor.acts import associate, standing
from aor.incidents.tests import market
from aor.incidents.tests.market import CONSUMER, HOUR, JANUARY_10, OFFICER
from aor.notices.models import Notice
from aor.transfers import entering
from aor.transfers.models import Household
from tests.builders import ANA, BEN
from tests.journeys import chromium, people
from tests.journeys.accessible import assert_accessible

APRIL_20 = datetime(2026, 4, 20, 15, tzinfo=UTC)
JUNE_1, THE_DAY = date(2026, 6, 1), datetime(2026, 6, 1, 15, tzinfo=UTC)


def anas_book(home: Path) -> None:
    """S1 and S3 can move, S2 is locked."""
    home.mkdir(exist_ok=True)
    cache.clear()
    market.open_market(home)
    for name in ("S1", "S2", "S3"):
        market.designate(name, ANA, JANUARY_10)
    associate.lock(subscriber_id="S2", locked=True, by=CONSUMER, now=JANUARY_10)


@pytest.fixture
def town(site: str, home: Path, at: Callable[..., None]) -> None:
    """Ana's book."""
    anas_book(home)
    at(APRIL_20)


def agreement() -> dict[str, object]:
    """A scanned page."""
    out = BytesIO()
    Image.new("L", (200, 300), 255).save(out, "PNG")
    return {"name": "agreement.png", "mimeType": "image/png", "buffer": out.getvalue()}


def enter(page: Page, *, on: date = JUNE_1) -> None:
    page.goto("/staff/more/")
    chromium.follow(page.get_by_role("link", name="Transfers of books"))
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="Enter a transfer"))
    assert_accessible(page)
    page.get_by_label("NPN of the former broker").fill(ANA)
    page.get_by_label("NPN of the new broker").fill(BEN)
    page.get_by_text("Both brokers agreed").click()
    page.get_by_label("Day of the transfer").fill(on.isoformat())
    page.get_by_role("button", name="Continue").click()


def agreed(page: Page) -> str:
    """Up to the page that shows each household; the number."""
    enter(page, on=date(2026, 5, 15))
    page.get_by_text("2026-05-15 is not the first of a month").first.wait_for()
    assert_accessible(page)
    enter(page)
    page.get_by_label("The signed agreement").wait_for()
    assert_accessible(page)
    page.get_by_label("The signed agreement").set_input_files(files=[agreement()])  # type: ignore[list-item]  # a FilePayload
    page.get_by_role("button", name="Add").click()
    page.get_by_role("heading", name="The agreement is added").wait_for()
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="The transfer", exact=True))
    page.get_by_text("Household by household").first.wait_for()
    return page.url.rstrip("/").rpartition("/")[2]


def approved(page: Page) -> str:
    number = agreed(page)
    page.get_by_text("the consumer has locked their broker").first.wait_for()
    assert_accessible(page)
    chromium.picture(page, "staff-transfer")
    page.get_by_role("link", name="Decide").click()
    page.get_by_text("Households can say no through").wait_for()
    assert_accessible(page)
    page.get_by_text("Approve: the letters go today").click()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("The transfer is approved").wait_for()
    assert_accessible(page)
    return number


def test_a_book_moves_but_for_those_who_cannot_or_say_no_and_is_taken_back(
    town: None, visit: Callable[..., Page], at: Callable[..., None]
) -> None:
    officer = visit(people.account("Ola", RoleName.OFFICER))
    number = approved(officer)
    assert Notice.objects.filter(kind="transfer announced").count() == 2
    officer.get_by_role("link", name="The transfer", exact=True).click()
    officer.get_by_text("waits for the day").first.wait_for()
    assert_accessible(officer)
    entering.opt_out(number, subscriber_id="S3", by=CONSUMER, now=APRIL_20 + 2 * HOUR)
    assert entering.due(now=THE_DAY) == 1
    at(THE_DAY + HOUR)
    later = visit(people.account("Per", RoleName.OFFICER))
    later.goto("/staff/transfers/?state=closed")
    assert_accessible(later)
    later.get_by_role("link", name=number).click()
    for words in ("said no", "moved", "stays"):
        later.get_by_role("table").get_by_text(words, exact=True).wait_for()
    assert_accessible(later)
    assert market.entries("P1")[-1][0] == BEN
    chromium.follow(later.get_by_role("link", name="Take the transfer back"))
    assert_accessible(later)
    later.get_by_role("button", name="Take it back").click()
    later.get_by_text("Households that went back").wait_for()
    assert_accessible(later)
    assert market.entries("P1")[-1][0] == ANA


def test_a_transfer_is_denied_with_a_reason_and_decided_once(town: None, visit: Callable[..., Page]) -> None:
    first, second = (visit(people.account(name, RoleName.OFFICER)) for name in ("Ola", "Per"))
    number = agreed(first)
    for page in (first, second):
        page.goto(f"/staff/transfers/{number}/decide/")
        page.get_by_text("Deny", exact=True).click()
    first.get_by_role("button", name="Send").click()
    first.get_by_text("Say why you deny it").first.wait_for()
    for page, said in ((first, "The transfer is denied"), (second, "This was decided")):
        page.get_by_label("Because").fill("the signature is of another")
        page.get_by_role("button", name="Send").click()
        page.get_by_text(said).first.wait_for()
    assert not Household.objects.exists()


def test_the_households_of_a_broker_who_died_are_listed_until_a_successor_follows(
    town: None, visit: Callable[..., Page]
) -> None:
    standing.died(npn=ANA, on=date(2026, 4, 18), by=OFFICER, now=APRIL_20)
    officer = visit(people.account("Ola", RoleName.OFFICER))
    officer.goto("/staff/transfers/gone/")
    officer.get_by_text("died on 2026-04-18").wait_for()
    assert_accessible(officer)
    officer.get_by_role("table").get_by_role("link").first.click()
    officer.get_by_text("Households without a broker: 3").wait_for()
    assert_accessible(officer)
    officer.get_by_role("link", name="Enter a transfer to the named successor").click()
    assert officer.get_by_label("NPN of the former broker").input_value() == ANA
    officer.get_by_label("NPN of the new broker").fill(BEN)
    officer.get_by_label("Day of the transfer").fill(JUNE_1.isoformat())
    officer.get_by_role("button", name="Continue").click()
    officer.get_by_label("The signed agreement").wait_for()
    auditor = visit(people.account("Aud", RoleName.AUDITOR))
    auditor.goto("/staff/transfers/")
    auditor.get_by_role("table").get_by_role("link").first.click()
    auditor.get_by_text("The agreement").first.wait_for()
    assert auditor.locator("main").get_by_role("link", name="Decide").count() == 0
    assert_accessible(auditor)
