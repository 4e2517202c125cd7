"""An officer's day, a lead's consent, an auditor's look, a carrier's files: in a real browser, for everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from aor.terms.actor import system
from aor.terms.period import day_of, first_of_next_month
from aor.transmissions import operations as transmissions
from aor.transmissions.models import Interchange
from aor.web.staff import standing
from tests.builders import ANA, BEN, NORTH_STAR
from tests.journeys import accessible, chromium
from tests.journeys.accessible import assert_accessible
from tests.portal import world
from tests.portal.world import MARK, World


@pytest.fixture
def town(site: str, home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


@pytest.fixture
def sent(town: World) -> Interchange:
    transmissions.send(by=system("test"), now=world.NOW + timedelta(minutes=1), carrier=NORTH_STAR)
    return Interchange.objects.get()


def test_an_officer_finds_a_person_with_the_keyboard_alone(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["officer"])
    page.goto("/staff/")
    assert_accessible(page)
    chromium.picture(page, "staff-tasks")
    page.goto("/staff/search/")
    accessible.tab_to(page, "A name, day of birth")
    page.keyboard.type(f"{MARK}-KAY")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=f"{MARK}-KAYING").wait_for()
    assert MARK not in page.url
    assert_accessible(page)
    chromium.picture(page, "staff-search")
    page.get_by_role("link", name=f"{MARK}-KAYING").click()
    page.get_by_text("Agent of record of policy P1").or_(
        page.get_by_text("Nobody is agent of record")
    ).first.wait_for()
    assert_accessible(page)
    chromium.picture(page, "staff-why")
    chromium.follow(page.get_by_role("link", name="The whole household"))
    assert_accessible(page)
    chromium.picture(page, "staff-household")


def test_a_decertification_waits_for_another_lead(
    town: World, visit: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "MASS", 1)
    officer, lead = visit(town.users["officer"]), visit(town.users["lead"])
    officer.goto(f"/staff/brokers/{ANA}/")
    assert_accessible(officer)
    chromium.picture(officer, "staff-broker")
    officer.get_by_role("link", name="Decertify").click()
    officer.get_by_text("A second officer must consent").wait_for()
    assert_accessible(officer)
    chromium.picture(officer, "staff-decertify")
    officer.get_by_role("button", name="Decertify").click()
    officer.get_by_text("There is a problem").wait_for()  # no reason given
    assert_accessible(officer)
    officer.get_by_label("Because").fill("left the marketplace")
    officer.get_by_role("button", name="Decertify").click()
    officer.get_by_role("heading", name="A second officer is asked").wait_for()
    assert_accessible(officer)
    lead.goto("/staff/second/")
    assert_accessible(lead)
    lead.get_by_role("link", name="S-").first.click()
    lead.get_by_text("I consent: do it").click()
    assert_accessible(lead)
    lead.get_by_role("button", name="Send").click()
    lead.get_by_role("heading", name="Consented").wait_for()
    officer.goto(f"/staff/brokers/{ANA}/")
    officer.get_by_text("Broker: decertified").wait_for()


def test_a_case_is_claimed_and_determined(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["officer"])
    page.goto("/staff/cases/?kind=discrepancy")
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="Determine claims"))
    assert_accessible(page)
    chromium.picture(page, "staff-workbench")
    chromium.follow(page.get_by_role("link", name=str(town.ours["case"])))
    assert_accessible(page)
    chromium.picture(page, "staff-case")
    page.get_by_role("button", name="Claim this case").click()
    page.get_by_role("button", name="Release").or_(page.get_by_text("Give it back")).first.wait_for()
    page.get_by_role("button", name="Determine").click()
    page.get_by_text("What happens next").wait_for()
    assert_accessible(page)


def test_a_consumer_is_helped_without_scripts(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["officer"], scripts=False)
    page.goto("/staff/households/S1/broker/")
    page.get_by_label("NPN of the broker").fill(BEN)
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("You ask us to make Ben Broker").wait_for()
    for words in ("By telephone", "Full name", "Date of birth", "Home address", "The consumer heard"):
        page.locator("label", has_text=words).click()
    page.get_by_label("Number of the call").fill("call 7")
    page.get_by_role("button", name="Record").click()
    page.get_by_text("The broker is recorded").wait_for()


def test_every_other_page_of_the_desk_is_for_everybody(
    town: World, sent: Interchange, visit: Callable[..., Page]
) -> None:
    page = visit(town.users["lead"])
    month = f"{world.FIRST:%Y-%m}"
    for url in (
        "/staff/transmissions/", f"/staff/transmissions/{sent.pk}/", f"/staff/transmissions/{sent.pk}/again/",
        "/staff/transmissions/rejected/", "/staff/transmissions/overdue/", "/staff/close/", f"/staff/close/{month}/",
        f"/staff/close/{month}/?look=1", f"/staff/close/{month}/waive/?rule=ALL_SENT", "/staff/disowned/",
        "/staff/caller/", "/staff/carriers/", f"/staff/carriers/{NORTH_STAR}/", "/staff/notices/",
        "/staff/letters/", f"/staff/carriers/{NORTH_STAR}/guide/", f"/staff/renewals/?npn={ANA}", "/staff/cases/",
        "/staff/parameters/", "/staff/metrics/", "/staff/more/", f"/staff/households/S1/broker/?npn={BEN}",
    ):  # fmt: skip
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200, url
        assert_accessible(page)
        chromium.picture(page, "staff" + url.partition("?")[0].replace("/staff/", "-").replace("/", "-").rstrip("-"))


def test_an_auditor_reads_and_is_offered_no_change(town: World, visit: Callable[..., Page]) -> None:
    page = visit(town.users["auditor"])
    for url in (f"/staff/brokers/{ANA}/", f"/staff/cases/{town.ours['case']}/", "/staff/households/S1/"):
        page.goto(url)
        assert_accessible(page)
        assert page.locator("main").get_by_role("button").count() == 0, url


def test_a_carrier_looks_at_its_files_and_record(town: World, sent: Interchange, visit: Callable[..., Page]) -> None:
    page = visit(town.users["carrier"])
    page.goto("/carrier/")
    assert_accessible(page)
    chromium.picture(page, "carrier-files")
    page.get_by_role("link", name=sent.name).click()
    page.get_by_text("Handed over").wait_for()
    assert_accessible(page)
    page.goto(f"/carrier/record/?on={first_of_next_month(day_of(world.NOW))}")
    page.get_by_text(f"{MARK}-KAYING").wait_for()
    assert_accessible(page)
    chromium.picture(page, "carrier-record")
