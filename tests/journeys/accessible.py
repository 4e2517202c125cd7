"""Whether a page can be used by all: axe at two widths, nothing wider than a phone, the keyboard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDTHS = (320, 1280)
AXE = Axe().axe_script


@contextmanager
def width(page: Page, pixels: int) -> Iterator[None]:
    """The page at another width, and back."""
    before = page.viewport_size
    page.set_viewport_size({"width": pixels, "height": 800})
    yield
    if before:
        page.set_viewport_size(before)


def assert_accessible(page: Page) -> None:
    """No WCAG 2.0 to 2.2 A or AA violation that axe sees, menus open and closed; no sideways scroll on a phone.

    A page is the same whatever database its rows lie in: on PostgreSQL axe, a third of a journey, is left out.
    """
    if "DATABASE_URL" in os.environ:
        with width(page, min(WIDTHS)):
            _assert_fits(page)
        return
    for pixels in WIDTHS:
        with width(page, pixels):
            _assert_no_violations(page, f"{pixels} px")
            if pixels == min(WIDTHS):
                _assert_fits(page)
    with width(page, min(WIDTHS)):
        _open_all(page, opened=True)
        _assert_no_violations(page, "everything unfolded")
        _assert_fits(page)
        _open_all(page, opened=False)


def assert_fits(page: Page) -> None:
    """Nothing is wider than a phone."""
    with width(page, min(WIDTHS)):
        _assert_fits(page)


def _assert_no_violations(page: Page, where: str) -> None:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    violations = page.evaluate("options => axe.run(options).then(results => results.violations)", options)
    said = [f"{rule['id']} ({rule['help']}): {node['html'][:200]}" for rule in violations for node in rule["nodes"]]
    assert not said, f"{page.url} at {where}:\n" + "\n".join(said)


def _assert_fits(page: Page) -> None:
    """Nothing is wider than the window, but what lies in a box that scrolls by itself."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert over <= 0, f"{page.url} is {over} px wider than {min(WIDTHS)} px: {wide}"


def _open_all(page: Page, *, opened: bool) -> None:
    page.evaluate("(on) => document.querySelectorAll('details').forEach(d => { d.open = on })", opened)


def tab_to(page: Page, name: str, *, most: int = 60) -> None:
    """Goes to a link, button or field by the Tab key alone; fails when it is not reached."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if name in focused(page):
            return
    raise AssertionError(f"{name!r} is not reached by {most} presses of Tab on {page.url}")


def focused(page: Page) -> str:
    """What has the focus, in words: its label or text."""
    said: str = page.evaluate(
        """() => { const e = document.activeElement; if (!e || e === document.body) return '';
            const label = e.labels && e.labels[0] ? e.labels[0].innerText : '';
            const words = [e.getAttribute('aria-label') || '', label, e.innerText || '', e.value || ''];
            return words.join(' ').trim(); }"""
    )
    return said
