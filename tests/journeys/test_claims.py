"""Ana's questions about her report: a file of rows, one case, an earlier date; with and without scripts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from aor.discrepancies.tests.market import NOBODY, row, table
from aor.terms.period import day_of
from tests.journeys import accessible, chromium
from tests.journeys.accessible import assert_accessible
from tests.portal import world
from tests.portal.world import MARK, NOW, World

Visit = Callable[..., Page]
FIRST = day_of(NOW).replace(day=1)
NOT_HERS = b"Nemo,Otto,1955-01-31,2025-12-05,Enrollment completed,North Star Health,,,,,Yes\n"


@pytest.fixture
def town(site: str, home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


def returned() -> bytes:
    """Two rows to report, one of which lacks its carrier, and one who is not hers."""
    lines = table(row(NOBODY), row({**NOBODY, "first_name": "Asad"}, carrier="")).splitlines()
    return lines[0] + b",Not my client?\n" + b"".join(line + b",\n" for line in lines[1:]) + NOT_HERS


def test_a_file_is_looked_at_submitted_and_followed(town: World, visit: Visit) -> None:
    page = visit(town.users["Ana"])
    page.goto("/claims/")
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="Send a file"))
    assert_accessible(page)
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("link", name="“Your file” is missing.").wait_for()
    assert_accessible(page)
    page.get_by_label("Your file").set_input_files(
        {"name": "returned.csv", "mimeType": "text/csv", "buffer": returned()}
    )
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("heading", name="Check what we understood").wait_for()
    assert_accessible(page)
    chromium.picture(page, "claims-check")
    page.get_by_role("button", name="Submit 3 rows").click()
    page.get_by_role("heading", name="We received 2 rows").wait_for()
    page.get_by_text("opened the incident").wait_for()
    assert_accessible(page)
    chromium.picture(page, "claims-received")
    page.get_by_role("link", name="All discrepancies").click()
    chromium.follow(page.get_by_role("link", name="Show what waits for you"))
    assert_accessible(page)
    page.locator("td a, th a").first.click()
    chromium.follow(page.get_by_role("link", name="Add what is missing"))
    assert_accessible(page)
    page.get_by_label("Carrier the consumer enrolled with").select_option("North Star Health")
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="We received what you added").wait_for()
    assert_accessible(page)
    page.get_by_role("link", name="The case").click()
    page.get_by_text("You added what was missing").wait_for()
    assert_accessible(page)
    chromium.picture(page, "claims-case")


def test_the_rules_answer_while_ana_types_an_earlier_date(town: World, visit: Visit) -> None:
    page = visit(town.users["Ana"])
    page.goto("/claims/earlier/new/")
    assert_accessible(page)
    rules = page.locator("[aria-live=polite]")
    expect(rules).to_contain_text("each rule is answered here")
    page.get_by_label("Coverage effective date").fill((FIRST - timedelta(300)).isoformat())
    page.get_by_label("Carrier").select_option(label="North Star Health")
    page.get_by_label("Date of the application or of the enrollment").fill((FIRST - timedelta(301)).isoformat())
    expect(rules).to_contain_text("ossible until")
    assert_accessible(page)
    page.get_by_label("Coverage effective date").fill(FIRST.isoformat())
    page.get_by_label("Consumer's last name").fill(f"{MARK}-KAYING")
    page.get_by_label("Consumer's first name").fill("Kaying")
    page.get_by_label("Consumer's date of birth").fill("1984-05-02")
    page.get_by_text("The enrollment was completed").click()
    page.get_by_text("The application was on paper").click()
    expect(rules).not_to_contain_text("issing: ")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Check your request").wait_for()
    assert_accessible(page)
    chromium.picture(page, "claims-earlier-date")
    page.get_by_text("I helped this consumer").click()
    accessible.tab_to(page, "Submit the request")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="We received your request").wait_for()
    assert_accessible(page)
    page.get_by_role("link", name="The request").click()
    page.get_by_text("Our decision").wait_for()
    assert_accessible(page)
    assert MARK not in page.url


def test_the_same_without_scripts(town: World, visit: Visit) -> None:
    page = visit(town.users["Ana"], scripts=False)
    page.goto("/claims/earlier/new/")
    page.get_by_label("Coverage effective date").fill(FIRST.isoformat())
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="“Carrier” is missing.").click()
    assert page.url.endswith("#id_hios_issuer_id")
    page.get_by_text("issing: last name").wait_for()


@pytest.mark.parametrize(
    "url",
    [
        "send/one/",
        "earlier/",
        "statements/",
        "case/{claim}/withdraw/",
        "earlier/{retro}/add/",
        "incident/{incident}/",
    ],
)
def test_every_page_can_be_used_by_all(url: str, town: World, visit: Visit) -> None:
    page = visit(town.users["Ana"])
    page.goto("/claims/" + url.format(**town.ours))
    assert_accessible(page)
