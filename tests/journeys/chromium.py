"""The browser: Debian's Chromium, found or loudly missed; a page that tells what went wrong in it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Locator, Page, Response

ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-prefers-reduced-motion"]
MISSING = (
    "no Chromium: the journeys need one. On Debian `apt-get install chromium`, or set CHROMIUM to its path. "
    "`scripts/test` installs it where it may; without it, leave this folder out: pytest --ignore tests/journeys"
)


PLACES = (os.environ.get("CHROMIUM", ""), "/usr/bin/chromium", shutil.which("chromium-browser") or "")


def path(places: tuple[str, ...] = PLACES) -> str:
    """Where Chromium is; RuntimeError with what to do where it is not."""
    for candidate in places:
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    raise RuntimeError(MISSING)


def picture(page: Page, name: str, *, width: int = 1280, height: int = 800) -> None:
    """Where `scripts/screenshots` asks for pictures, writes docs/screenshots/<name>.png; else nothing."""
    folder = os.environ.get("AOR_SCREENSHOTS")
    if not folder:
        return
    before = page.viewport_size
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => { scrollTo(0, 0); document.activeElement?.blur() }")
    page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")
    if before:
        page.set_viewport_size(before)


def follow(link: Locator) -> None:
    """Presses it and waits for the page it leads to: a click alone leaves the next look to the page before."""
    with link.page.expect_navigation():
        link.click()


@dataclass
class Watch:
    """What a page complained of: script errors, refused content, missing files, broken answers."""

    troubles: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.troubles.append(f"script error: {error}"))
        page.on("response", self._answered)

    def _answered(self, answer: Response) -> None:
        if answer.status >= 500:
            self.troubles.append(f"{answer.status} {answer.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        url = message.location.get("url", "")
        if message.text.startswith("Failed to load resource") and "/static/" not in url:
            return  # a refusal is a page, and a journey may want it; answers of 500 are counted above
        self.troubles.append(f"{message.text} ({url})")

    def assert_quiet(self) -> None:
        assert not self.troubles, "\n".join(self.troubles)
