"""The look holds: every component for all, at every width, without a script and without a complaint."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from aor.web.styleguide import WHOLE_PAGES
from tests.journeys import accessible
from tests.journeys.conftest import Visit


def test_every_component_is_accessible(page: Page) -> None:
    page.goto("/styleguide/")
    accessible.assert_accessible(page)


@pytest.mark.parametrize("name", WHOLE_PAGES)
def test_every_whole_page_is_accessible(page: Page, name: str) -> None:
    page.goto(f"/styleguide/?show={name}")
    assert page.get_by_role("heading", level=1).count() == 1
    accessible.assert_accessible(page)


def test_a_form_with_errors_says_so_first(page: Page) -> None:
    page.goto("/styleguide/?errors=1")
    assert page.title().startswith("Error: ")
    expect(page.locator("#errors")).to_be_focused()
    page.get_by_role("link", name="Enter a valid email address.").click()
    expect(page.get_by_label("E-mail address")).to_be_focused()
    accessible.assert_accessible(page)


def test_every_error_leads_to_a_field(page: Page) -> None:
    page.goto("/styleguide/?errors=1")
    targets = page.locator("#errors a").evaluate_all("links => links.map(a => a.getAttribute('href'))")
    assert len(targets) > 5
    for target in targets:
        assert page.locator(target).count() == 1, target


def test_works_without_scripts(visit: Visit) -> None:
    page = visit(scripts=False)
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto("/styleguide/")
    page.locator("summary", has_text="Menu").click()
    expect(page.get_by_role("link", name="Find a broker")).to_be_visible()


def test_the_keyboard_reaches_the_main_content_first(page: Page) -> None:
    page.goto("/styleguide/")
    page.keyboard.press("Tab")
    assert accessible.focused(page) == "Skip to main content"
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    accessible.tab_to(page, "Show the forms with errors")


def test_escape_closes_a_menu_and_gives_the_focus_back(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto("/styleguide/")
    accessible.tab_to(page, "Menu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Find a broker")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Find a broker")).to_be_hidden()
    assert "Menu" in accessible.focused(page)


def test_a_table_is_read_as_one_on_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto("/styleguide/")
    rows = page.get_by_role("table", name="Your clients").get_by_role("row")
    assert rows.count() == 3  # the headings are hidden; each cell says its own
    expect(rows.first.get_by_role("cell")).to_have_count(4)


@pytest.mark.parametrize("width", accessible.WIDTHS)
def test_the_first_page_is_light(page: Page, width: int) -> None:
    """All that a first visit loads, compressed as on the wire: less than 250 KB."""
    page.set_viewport_size({"width": width, "height": 800})
    sizes: list[int] = []
    page.on("response", lambda answer: sizes.append(answer.request.sizes()["responseBodySize"]))
    page.goto("/", wait_until="networkidle")
    assert len(sizes) > 4
    assert sum(sizes) < 250_000


def test_a_reader_chooses_a_language_and_is_told_that_it_is_a_draft(page: Page) -> None:
    page.goto("/help/")
    page.locator("summary", has_text="Language").click()
    page.get_by_role("button", name="Hmoob").click()
    page.wait_for_url("**/help/")
    assert page.locator("html").get_attribute("lang") == "hmn"
    expect(page.locator(".aor-draft")).to_contain_text("Muaj neeg txhais lus")
    accessible.assert_accessible(page)


def test_a_page_at_four_times_its_size_needs_no_sideways_scroll(visit: Visit) -> None:
    """1280 px at 400 % is 320 px wide and 256 px high (WCAG 2.2, 1.4.10)."""
    page = visit()
    page.set_viewport_size({"width": 320, "height": 256})
    page.goto("/styleguide/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_text_of_twice_the_size_loses_nothing(page: Page) -> None:
    page.goto("/styleguide/")
    page.evaluate("() => document.styleSheets[2].insertRule('html { font-size: 200% }')")
    cut = page.evaluate(
        """() => [...document.querySelectorAll('a, button, p, h1, h2, dd, dt, td, th, label')]
            .filter(e => e.scrollWidth > e.clientWidth + 2 && getComputedStyle(e).overflow === 'hidden')
            .map(e => e.outerHTML.slice(0, 90))"""
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert not cut


def test_the_style_guide_is_only_for_demonstrations(page: Page, settings: Settings) -> None:
    settings.AOR_TIME_TRAVEL = settings.AOR_DEMO = False
    page.goto("/styleguide/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
