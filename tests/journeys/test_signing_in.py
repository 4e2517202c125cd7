"""Ana signs in: a password, then a passkey; a stranger does not."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from aor.accounts.models import RoleName
from tests.journeys import accessible, chromium, people
from tests.journeys.conftest import Visit

PASSWORD = "a long enough sentence"


@pytest.fixture
def ana(site: str) -> str:
    return str(people.account("Ana Example", RoleName.BROKER, "1000001", password=PASSWORD).email)


def enter(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_passkey_is_kept_once_and_then_is_enough(page: Page, ana: str) -> None:
    passkeys = people.Passkeys.of(page)
    enter(page, ana)
    page.wait_for_url("**/second-step/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Protect your account")
    accessible.assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="Add a passkey"))
    accessible.assert_accessible(page)
    page.get_by_label("Sign in with it alone").check()
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator("main")).to_contain_text("recovery codes")
    assert passkeys.kept() == 1
    page.locator(".aor-account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")
    accessible.assert_accessible(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "login" not in url)
    assert "second-step" not in page.url
    expect(page.locator(".aor-account")).to_contain_text("Ana Example")


def test_a_wrong_password_tells_nothing_of_the_account(page: Page, ana: str) -> None:
    said = []
    for email in (ana, "nobody@example.org"):
        enter(page, email, "not the right one at all")
        said.append(page.locator("#errors").inner_text())
        assert page.title().startswith("Error: ")
        accessible.assert_accessible(page)
    assert said[0] == said[1]


def test_a_closed_page_leads_to_the_sign_in_and_back(visit: Visit, ana: str) -> None:
    page = visit()
    page.goto("/roles/")
    assert "/account/login/?next=" in page.url
    page.get_by_label("E-mail address").fill(ana)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/roles/")
