"""A privacy officer takes an incident to its end: told, assessed, corrected, attested, closed; in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from aor.accounts.models import RoleName
from aor.incidents import operations as incidents
from aor.incidents.tests import market
from aor.record.models import Entry
from aor.reports import operations as reports
from aor.reports.models import Line, Report
from aor.workbooks.returned import NOT_MY_CLIENT, Returned, ReturnedRow
from tests.builders import ANA, BEN
from tests.journeys import chromium, people
from tests.journeys.accessible import assert_accessible

NOW = market.APRIL_1 + timedelta(days=1)


@pytest.fixture
def number(site: str, home: Path, at: Callable[..., None]) -> str:
    """Ana has fetched March's report, and says in a file that a row is not hers: nobody knows yet which."""
    home.mkdir(exist_ok=True)
    cache.clear()
    market.open_market(home)
    market.through_march()
    reports.hand_out(market.MARCH, ANA, by=market.BROKER, purpose="own report", now=NOW)
    (opened,) = incidents.report_returned(
        Returned((ReturnedRow("March 2026", 40, marks=(NOT_MY_CLIENT,)),), (), (), (), "", ()),
        npn=ANA, batch=1, by=market.BROKER, now=NOW,
    )  # fmt: skip
    at(NOW + market.HOUR)
    return opened


def step(page: Page, name: str, button: str) -> None:
    """Opens a step from the list of what is to do, and looks at its form."""
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name=button).wait_for()
    assert_accessible(page)


def done(page: Page) -> None:
    """The receipt, and back to the incident."""
    page.get_by_text("Your reference number").wait_for()
    assert_accessible(page)
    page.get_by_role("link", name="The incident", exact=True).click()


def test_a_privacy_officer_takes_an_incident_to_its_end(number: str, visit: Callable[..., Page]) -> None:
    officer = visit(people.account("Ola", RoleName.OFFICER))
    officer.goto("/staff/more/")
    chromium.follow(officer.get_by_role("link", name="Incidents"))
    assert_accessible(officer)
    officer.get_by_role("link", name=number).click()
    officer.get_by_text("March 2026 40").wait_for()
    assert_accessible(officer)

    step(officer, "Every row is told apart", "Tell a row apart")
    officer.get_by_label("Policy number").fill("P77")
    officer.get_by_role("button", name="Tell a row apart").click()
    officer.get_by_text("shows policy P77").first.wait_for()
    officer.get_by_label("Policy number").fill("P1")
    officer.get_by_role("button", name="Tell a row apart").click()
    done(officer)
    officer.get_by_text("own report").wait_for()  # who was given the report
    chromium.picture(officer, "staff-incident")
    for name, button in (
        ("The privacy officer is told", "The privacy officer was told"),
        ("The assessment has begun", "Begin the assessment"),
    ):
        step(officer, name, button)
        officer.get_by_role("button", name=button).click()
        done(officer)
    step(officer, "The assessment is made", "Record the assessment")
    officer.get_by_text("was wrong").click()
    officer.get_by_text("is a breach").click()
    officer.get_by_label("What was found").fill("the letter of another household")
    officer.get_by_role("button", name="Record the assessment").click()
    done(officer)
    step(officer, "Corrected reports are issued", "Issue corrected reports")
    officer.get_by_role("button", name="Issue corrected reports").click()
    done(officer)
    step(officer, f"Deletion attested by {ANA}", "Record that copies are deleted")
    officer.get_by_label("How the word came").fill("by letter")
    officer.get_by_role("button", name="Record that copies are deleted").click()
    done(officer)
    step(officer, "Close the incident", "Close the incident")
    officer.get_by_role("button", name="Close the incident").click()
    done(officer)
    officer.get_by_text("closed").first.wait_for()
    assert_accessible(officer)
    assert Entry.objects.known_at().get(enrollment__policy_id="P1").npn == BEN
    latest = Report.objects.get(number="AOR-2026-03-7000001-2")
    assert not Line.objects.filter(report=latest, policy_id="P1").exists()


def test_an_auditor_reads_an_incident_and_a_step_that_is_done_is_not_taken_twice(
    number: str, visit: Callable[..., Page]
) -> None:
    auditor = visit(people.account("Aud", RoleName.AUDITOR))
    auditor.goto(f"/staff/incidents/{number}/")
    assert_accessible(auditor)
    assert auditor.locator(".aor-tasks a").count() == 0
    first, second = (visit(people.account(name, RoleName.OFFICER)) for name in ("Ola", "Per"))
    for page in (first, second):
        page.goto(f"/staff/incidents/{number}/begin/")
    first.get_by_role("button", name="Begin the assessment").click()
    first.get_by_text("Your reference number").wait_for()
    second.get_by_role("button", name="Begin the assessment").click()
    second.get_by_text("This step is done").wait_for()
    second.goto("/staff/incidents/?state=closed")
    second.get_by_text("No incident is closed").wait_for()


def test_a_broker_ticks_whom_they_do_not_know_and_says_that_copies_are_gone(
    number: str, visit: Callable[..., Page]
) -> None:
    ana = visit(people.account("Ana", RoleName.BROKER, ANA))
    ana.goto("/broker/reports/")
    assert_accessible(ana)
    chromium.follow(ana.get_by_role("link", name="Not my client"))
    assert_accessible(ana)
    ana.get_by_role("button", name="Report these rows").click()
    ana.get_by_text("Tick the rows that are not your clients").first.wait_for()
    assert_accessible(ana)
    ana.get_by_role("row", name="LEE, MAI").locator("label").click()
    ana.get_by_role("button", name="Report these rows").click()
    ana.get_by_text("an incident is opened").wait_for()
    assert_accessible(ana)
    chromium.follow(ana.get_by_role("link", name="The incident", exact=True))
    ana.get_by_role("button", name="I deleted every copy").click()
    ana.get_by_text("your word is kept with the incident").wait_for()
    assert_accessible(ana)
    ana.goto("/broker/reports/")
    assert ana.get_by_role("link", name=market.report().number).count() == 0
