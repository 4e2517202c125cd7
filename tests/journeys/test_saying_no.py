"""A consumer says no to a broker who takes over and to one who asks for past months; an officer hears the request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from aor.audit.models import Read
from aor.retro.models import Objection, Ruling
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of
from aor.transfers import operations as transfers
from aor.transfers.models import Step
from tests.builders import ANA, CRUZ
from tests.journeys import chromium
from tests.journeys.accessible import assert_accessible
from tests.portal import world
from tests.portal.world import MARK, NOW, World

Visit = Callable[..., Page]


@pytest.fixture
def town(site: str, home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


def announced() -> None:
    """Ana gives her work to Cruz on a first of a month, in more than thirty days."""
    first = (day_of(NOW) + timedelta(days=45)).replace(day=1)
    on = (first + timedelta(days=32)).replace(day=1)
    broker, officer = Actor(Role.BROKER, "cruz", CRUZ), Actor(Role.OFFICER, "ola")
    decision, number = transfers.ask(from_npn=ANA, to_npn=CRUZ, on=on, by=broker, now=NOW)
    assert decision.granted, decision.unmet
    transfers.add_evidence(number, content=b"%PDF", name="a.pdf", media_type="application/pdf", by=broker, now=NOW)
    assert transfers.approve(number, version=1, by=officer, now=NOW).granted


def test_a_consumer_stays_with_their_broker(town: World, visit: Visit) -> None:
    announced()
    page = visit(town.users["consumer"])
    page.goto("/my/broker/")
    page.get_by_text("Your broker will change").wait_for()
    assert_accessible(page)
    page.get_by_role("link", name="See who it is, or say no").click()
    page.get_by_text("Cruz Broker").wait_for()
    assert_accessible(page)
    chromium.picture(page, "consumer-opt-out")
    page.get_by_role("button", name="No, I do not want this broker").click()
    page.get_by_role("heading", name="You said no to the new broker").wait_for()
    assert_accessible(page)
    assert list(Step.objects.values_list("kind", flat=True)) == ["opted out"]
    assert MARK not in page.url


def test_an_officer_records_a_no_by_telephone(town: World, visit: Visit) -> None:
    announced()
    page = visit(town.users["officer"])
    page.goto("/staff/caller/")
    page.get_by_text("A consumer, about their household").click()
    page.get_by_label("NPN, or the consumer's Admin ID").fill("S1")
    for words in ("Full name", "Date of birth", "Home address"):
        page.get_by_text(words, exact=True).click()
    page.get_by_label("What the caller wants").fill("says no to the letter")
    page.get_by_role("button", name="Show what may be said").click()
    chromium.follow(page.get_by_role("link", name="The caller says no to the new broker"))
    assert_accessible(page)
    page.get_by_role("button", name="The caller says no").click()
    page.get_by_role("heading", name="The caller does not go along").wait_for()
    assert_accessible(page)


def test_a_request_is_named_objected_to_and_decided(town: World, visit: Visit) -> None:
    number = town.ours["retro"]
    page = visit(town.users["officer"])
    page.goto(f"/staff/cases/{number}/")
    chromium.follow(page.get_by_role("link", name="Say which coverage it is"))
    assert_accessible(page)
    page.get_by_text(f"P1: {MARK}-KAYING").click()
    page.get_by_role("button", name="This is the coverage").click()
    page.get_by_role("heading", name="The coverage is named").wait_for()
    assert_accessible(page)

    own = visit(town.users["consumer"])
    own.goto("/my/broker/")
    own.get_by_role("link", name="Brokers who asked for past months").click()
    own.get_by_text("Ana Broker").wait_for()
    assert_accessible(own)
    chromium.picture(own, "consumer-past-months")
    own.get_by_role("button", name="I object").click()
    own.get_by_role("heading", name="We wrote down that you object").wait_for()
    assert_accessible(own)
    assert Objection.objects.count() == 1

    page.get_by_role("link", name="The case").click()
    page.get_by_role("button", name="Claim this case").click()
    page.get_by_text("Deny", exact=True).click()
    page.locator("form", has=page.get_by_role("button", name="Decide")).get_by_label("Because").fill("objected to")
    page.get_by_role("button", name="Decide").click()
    page.get_by_role("heading", name="Done: answered").wait_for()
    assert_accessible(page)
    assert Ruling.objects.get().outcome == "denied"


def test_the_broker_reads_the_letter_appeals_once_and_opens_their_document(town: World, visit: Visit) -> None:
    number, claim = town.ours["retro"], town.ours["claim"]
    page = visit(town.users["officer"])
    page.goto(f"/staff/cases/{number}/")
    page.get_by_text("Deny", exact=True).click()
    page.locator("form", has=page.get_by_role("button", name="Decide")).get_by_label("Because").fill("nobody found")
    page.get_by_role("button", name="Decide").click()
    page.get_by_role("heading", name="Done: answered").wait_for()
    ana = visit(town.users["Ana"])
    ana.goto(f"/claims/earlier/{number}/")
    with ana.expect_download() as letter:
        ana.get_by_role("link", name="Download the letter (PDF)").click()
    assert letter.value.suggested_filename == f"{number}.pdf"
    chromium.follow(ana.get_by_role("link", name="Appeal the decision"))
    assert_accessible(ana)
    ana.locator("main").get_by_role("button").last.click()
    ana.get_by_text(str(number)).first.wait_for()
    assert_accessible(ana)
    ana.goto(f"/claims/case/{claim}/")
    with ana.expect_download() as document:
        ana.get_by_role("link", name="agreement.pdf").click()
    assert document.value.suggested_filename == "agreement.pdf"
    assert_accessible(ana)
    assert Read.objects.filter(what=f"evidence {town.ours['evidence']}").count() == 1
