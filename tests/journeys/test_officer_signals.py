"""Signals are looked at: the figures behind one, a word for all of a kind, a case where it needs more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from aor.accounts.models import RoleName
from aor.acts import associate, contacts
from aor.cases.models import Case
from aor.incidents import queries, signals
from aor.incidents.models import Review
from aor.incidents.tests import market
from tests.builders import ANA
from tests.journeys import chromium, people
from tests.journeys.accessible import assert_accessible

NOW = market.MARCH_10 + timedelta(days=10)


@pytest.fixture
def town(site: str, home: Path, at: Callable[..., None]) -> None:
    """Three households came to Ana with Ana's own address, and one of them disowned her two days later."""
    home.mkdir(exist_ok=True)
    cache.clear()
    market.open_market(home)
    for name in ("S1", "S2", "S3"):
        market.designate(name, ANA, market.MARCH_10)
        contacts.set_account_contact(
            subscriber_id=name, email="ana@example.org", by=market.CONSUMER, now=market.MARCH_10
        )
    associate.disown(subscriber_id="S1", by=market.CONSUMER, now=market.MARCH_10 + timedelta(days=2))
    assert signals.find(now=NOW) == 4
    at(NOW)


def test_one_word_for_all_of_a_kind_and_a_case_where_it_needs_more(town: None, visit: Callable[..., Page]) -> None:
    officer = visit(people.account("Ola", RoleName.OFFICER))
    officer.goto("/staff/more/")
    chromium.follow(officer.get_by_role("link", name="Signals", exact=True))
    assert_accessible(officer)
    officer.get_by_role("link", name="A change taken back at once").first.click()
    officer.get_by_role("cell").first.wait_for()
    officer.goto("/staff/signals/?kind=SIGNAL_CONTACT")
    officer.get_by_role("table").get_by_role("link", name="A contact that is shared").first.click()
    officer.get_by_text("It is also that of a broker or an agency").wait_for()
    assert_accessible(officer)
    chromium.picture(officer, "staff-signal")
    officer.get_by_role("button", name="Send").click()
    officer.get_by_text("There is a problem").wait_for()
    officer.get_by_text("I looked, and found nothing wrong").click()
    officer.get_by_label("Because").fill("a family of brokers")
    officer.locator("label", has_text="The same for every other signal").click()
    officer.get_by_role("button", name="Send").click()
    officer.get_by_text("Your word stands in the journal").wait_for()
    assert_accessible(officer)
    assert [one.rule for one in queries.to_review()] == ["SIGNAL_REVERSAL"]
    assert set(Review.objects.values_list("words", flat=True)) == {"a family of brokers"}

    officer.get_by_role("link", name="Signals that wait").click()
    officer.get_by_role("table").get_by_role("link", name="A change taken back at once").click()
    officer.get_by_text("disowned, 2026-03-12").wait_for()
    officer.get_by_text("March 10, 2026 to March 12, 2026").wait_for()
    assert_accessible(officer)
    officer.get_by_text("It needs more: open a case").click()
    officer.get_by_label("Because").fill("ask the consumer")
    officer.get_by_role("button", name="Send").click()
    officer.get_by_text("its clock runs").wait_for()
    (opened,) = Case.objects.filter(kind="signal")
    officer.get_by_role("link", name="The case").click()
    officer.get_by_text(opened.number).first.wait_for()
    assert_accessible(officer)


def test_who_comes_second_is_told_and_an_auditor_only_reads(town: None, visit: Callable[..., Page]) -> None:
    row = queries.to_review()[0]
    pages = [visit(people.account(name, RoleName.OFFICER)) for name in ("Ola", "Per")]
    for page in pages:
        page.goto(f"/staff/signals/{row.pk}/")
        page.get_by_text("I looked, and found nothing wrong").click()
        page.get_by_label("Because").fill("looked")
    for page, said in zip(pages, ("Looked at", "Somebody has looked at this already"), strict=True):
        page.get_by_role("button", name="Send").click()
        page.get_by_text(said).first.wait_for()
    auditor = visit(people.account("Aud", RoleName.AUDITOR))
    auditor.goto(f"/staff/signals/{row.pk}/")
    auditor.get_by_text("This is looked at already").wait_for()
    assert auditor.locator("main").get_by_role("button").count() == 0
    assert_accessible(auditor)
