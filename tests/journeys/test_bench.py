"""The bench itself: it sees what it is there to see."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from aor.accounts.models import RoleName
from tests.journeys import accessible, chromium, people
from tests.journeys.conftest import Visit


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<input>", "label"),
        ('<img src="data:,">', "image-alt"),
        ('<p style="color: #aaa">pale</p>', "color-contrast"),
        ('<a href="#" style="display: inline-block; width: 9px; height: 9px">.</a><a href="#">b</a>', "target-size"),
    ],
    ids=["label", "image", "contrast", "target"],
)
def test_axe_sees_a_planted_fault(browser: Browser, body: str, rule: str) -> None:
    page = browser.new_page()
    page.set_content(f"<html lang='en'><title>t</title><main><h1>t</h1>{body}</main>")
    with pytest.raises(AssertionError, match=rule):
        accessible.assert_accessible(page)
    page.close()


def test_a_page_wider_than_a_phone_is_seen(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content("<html lang='en'><title>t</title><main><h1>t</h1><p>" + "x" * 90 + "</p></main>")
    with pytest.raises(AssertionError, match="wider than 320 px"):
        accessible.assert_accessible(page)
    page.close()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
            "Content Security Policy",
        ),
        ("document.body.setAttribute('style', 'color: red')", "Content Security Policy"),
        ("setTimeout(() => { throw new Error('planted') }, 0)", "planted"),
        ("fetch('/static/nowhere.css')", "404"),
    ],
    ids=["inline script", "inline style", "script error", "missing file"],
)
def test_a_complaint_of_the_browser_fails_the_journey(site: str, browser: Browser, fault: str, said: str) -> None:
    page, watch = browser.new_page(base_url=site), chromium.Watch()
    watch.over(page)
    page.goto("/")
    page.evaluate(f"() => {{ {fault} }}")
    page.wait_for_timeout(200)
    page.close()
    with pytest.raises(AssertionError, match=said):
        watch.assert_quiet()


def test_a_session_signs_in_with_both_factors(visit: Visit) -> None:
    page = visit(people.account("Ana Example", RoleName.BROKER, "1000001"))
    page.goto("/start/")
    assert "second-step" not in page.url
    assert page.locator(".aor-account").inner_text().strip().endswith("Ana Example")


def test_two_people_have_browsers_of_their_own(visit: Visit) -> None:
    ana, ben = (
        visit(people.account(name, RoleName.BROKER, npn)) for name, npn in (("Ana", "1000001"), ("Ben", "1000002"))
    )
    ana.goto("/styleguide/")
    ben.goto("/styleguide/")
    assert "Ana" in ana.locator(".aor-account").inner_text()
    assert "Ben" in ben.locator(".aor-account").inner_text()


def test_a_passkey_can_be_kept(page: Page) -> None:
    passkeys = people.Passkeys.of(page)
    page.goto("/")
    page.evaluate(
        """() => navigator.credentials.create({publicKey: {
            challenge: new Uint8Array(32), rp: {name: 'x'},
            user: {id: new Uint8Array(8), name: 'a', displayName: 'a'},
            pubKeyCredParams: [{type: 'public-key', alg: -7}], authenticatorSelection: {residentKey: 'required'}}})"""
    )
    assert passkeys.kept() == 1


def test_a_missing_browser_says_how_to_get_one() -> None:
    with pytest.raises(RuntimeError, match="apt-get install chromium"):
        chromium.path(("/nowhere/chromium",))
