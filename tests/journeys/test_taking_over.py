"""A book is asked for by those who want it: a broker, and an agency for several of its own; in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from aor.accounts.models import RoleName
from aor.acts import roster
from aor.audit.models import Act
from aor.brokers.models import Agency
from aor.incidents.tests.market import HOUR
from aor.notices.models import Notice
from aor.terms.actor import Actor, Role
from aor.transfers import entering
from aor.transfers import operations as transfers
from aor.transfers.models import Transfer
from tests import builders
from tests.builders import ANA, BEN, CRUZ
from tests.journeys import chromium, people
from tests.journeys.accessible import assert_accessible
from tests.journeys.test_officer_transfers import APRIL_20, JUNE_1, THE_DAY, agreement, anas_book

AGENCY, DI = "7900001", "7000010"
OFFICER = Actor(Role.OFFICER, "ola")


@pytest.fixture
def town(site: str, home: Path, at: Callable[..., None]) -> None:
    """Ana's book. Di is of an agency."""
    anas_book(home)
    Agency.objects.create(known_from=builders.LONG_AGO, npn=AGENCY, name="North Agency", email="n@example.org")
    builders.broker(DI, "Di", "Doe", agency_npn=AGENCY, agency_name="North Agency")
    builders.broker(CRUZ, "Cy", "Cruz")
    at(APRIL_20)


def attach(page: Page) -> None:
    field = page.get_by_label("The signed agreement")
    field.set_input_files(files=[agreement()])  # type: ignore[list-item]  # a FilePayload
    page.get_by_text("What I say here is true").click()
    page.get_by_role("button", name="Send the request").click()


def more_is_asked(page: Page, officer: Page, number: str) -> None:
    """The officer asks, the clock stands, and the broker's document sets it going again."""
    officer.goto(f"/staff/transfers/{number}/")
    chromium.follow(officer.get_by_role("link", name="Ask for more"))
    assert_accessible(officer)
    officer.get_by_label("What the new broker should send").fill("Page two is missing.")
    officer.get_by_role("button", name="Ask").click()
    officer.get_by_text("The new broker is asked").wait_for()
    assert_accessible(officer)
    page.reload()
    page.get_by_text("Page two is missing.").wait_for()
    expect(page.locator("main")).to_contain_text("Waiting for you")
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="Add a document"))
    assert_accessible(page)
    page.get_by_label("A document").set_input_files(files=[agreement()])  # type: ignore[list-item]  # a FilePayload
    page.get_by_role("button", name="Add").click()
    page.get_by_text("We received the document").wait_for()
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="The request", exact=True))
    expect(page.locator("main")).to_contain_text("In review")


def test_a_broker_asks_sees_counts_alone_and_takes_it_back(town: None, visit: Callable[..., Page]) -> None:
    page = visit(people.account("Ben", RoleName.BROKER, BEN))
    page.goto("/broker/")
    chromium.follow(page.get_by_role("link", name="Take over another broker’s clients"))
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="Take over a book"))
    assert_accessible(page)
    rules = page.locator("[aria-live=polite]")
    expect(rules).to_contain_text("each rule is answered here")
    page.get_by_text("June 1, 2026 or later").wait_for()
    page.get_by_label("NPN of the broker whose clients").fill(ANA)
    page.get_by_label("Day of the change").fill("2026-05-15")
    page.get_by_text("Both sides agreed").click()
    expect(rules).to_contain_text("2026-05-15 is not the first of a month")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="2026-05-15 is not the first of a month").or_(
        page.locator("#errors")
    ).first.wait_for()
    assert_accessible(page)
    page.get_by_label("Day of the change").fill(JUNE_1.isoformat())
    page.get_by_label("Only the households").fill("P1, Pé")
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Pé is no policy number").first.wait_for()
    page.get_by_label("Only the households").fill("P1, P2")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="Check your request").wait_for()
    page.get_by_text("the households of 2 policies").wait_for()
    assert_accessible(page)
    chromium.follow(page.get_by_role("link", name="Change").first)
    assert page.get_by_label("NPN of the broker whose clients").input_value() == ANA
    page.get_by_role("button", name="Continue").click()
    attach(page)
    page.get_by_role("heading", name="We received your request").wait_for()
    assert_accessible(page)
    number = Transfer.objects.get(from_npn=ANA, to_npn=BEN, on=JUNE_1).case.number
    chromium.follow(page.get_by_role("table").get_by_role("link", name=number))
    page.get_by_text("Households that can move now").wait_for()
    expect(page.get_by_role("row", name="The consumer has locked their broker")).to_contain_text("1")
    assert_accessible(page)
    assert not {"S1", "S2", "S3"} & set(page.locator("main").inner_text().split())
    more_is_asked(page, visit(people.account("Ola", RoleName.OFFICER)), number)
    chromium.follow(page.get_by_role("link", name="Take this request back"))
    assert_accessible(page)
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("heading", name="The request was taken back").wait_for()
    assert_accessible(page)
    with pytest.raises(transfers.Refused):
        transfers.approve(number, version=4, by=OFFICER, now=APRIL_20 + HOUR)
    assert Act.objects.filter(verb="transfer.withdrawn").exists()


def test_an_agency_asks_for_several_and_reads_what_became_of_them(
    town: None, visit: Callable[..., Page], at: Callable[..., None]
) -> None:
    manager = people.account("Mia", RoleName.AGENCY_MANAGER, AGENCY)
    page = visit(manager, scripts=False)
    page.goto("/agency/")
    page.get_by_role("link", name="Take over other brokers’ clients").click()
    page.get_by_role("link", name="Take over a book").click()
    page.get_by_label("NPN of former broker 1").fill(ANA)
    page.get_by_label("Day of the change").fill(JUNE_1.isoformat())
    page.get_by_text("Both sides agreed").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_text("Row 1 names only one of the two brokers").first.wait_for()
    page.get_by_label("Who follows former broker 1").select_option(DI)
    rows = f"Former NPN,New NPN\n{CRUZ},{DI}\n{CRUZ},{DI}\n99,{DI}\n".encode()
    page.get_by_label("Or a file").set_input_files(files=[{"name": "a.csv", "mimeType": "text/csv", "buffer": rows}])
    page.get_by_role("button", name="Continue").click()
    page.get_by_text(f"Line 3: NPN {CRUZ} is named twice").first.wait_for()
    page.get_by_text("Line 4: ").first.wait_for()
    rows = f"Former NPN,New NPN\n{CRUZ},{BEN}\n".encode()  # Ben is of no agency of hers
    page.get_by_label("Or a file").set_input_files(files=[{"name": "a.csv", "mimeType": "text/csv", "buffer": rows}])
    page.get_by_role("button", name="Continue").click()
    page.get_by_text(f"broker {BEN} is not of the agency").wait_for()
    attach(page)
    page.get_by_role("heading", name="We received your request").wait_for()
    one = Transfer.objects.get()
    assert (one.from_npn, one.to_npn, one.agency_npn) == (ANA, DI, AGENCY)
    number = one.case.number
    assert transfers.approve(number, version=1, by=OFFICER, now=APRIL_20 + HOUR).granted
    assert {
        kind: npn for kind, npn in Notice.objects.values_list("kind", "recipient_id") if kind == "book moves"
    } == {"book moves": ANA}
    assert entering.due(now=THE_DAY) == 2
    at(THE_DAY + HOUR)
    later = visit(manager)
    later.goto("/agency/transfers/")
    assert_accessible(later)
    chromium.follow(later.get_by_role("link", name=number))
    later.get_by_text("Through").wait_for()
    expect(later.get_by_role("row", name="The consumer has locked their broker")).to_contain_text("1")
    assert_accessible(later)
    assert roster.remove_from_agency(agency_npn=AGENCY, npn=DI, by=OFFICER, now=THE_DAY + HOUR).granted
    later.goto("/agency/transfers/")
    assert later.get_by_role("link", name=number).count() == 0
    assert later.goto(f"/agency/transfers/{number}/").status == 404  # type: ignore[union-attr]  # there is an answer


def test_a_stranger_reads_nothing_of_another_brokers_request(town: None, visit: Callable[..., Page]) -> None:
    _, number = transfers.ask(
        from_npn=ANA, to_npn=BEN, on=date(2026, 6, 1), by=Actor(Role.BROKER, "ben", BEN),
        now=datetime(2026, 4, 20, 16, tzinfo=UTC),
    )  # fmt: skip
    for seat, base in (((RoleName.BROKER, ANA), "broker"), ((RoleName.AGENCY_MANAGER, AGENCY), "agency")):
        page = visit(people.account(f"Xi {base}", *seat))
        for what in ("", "add/", "take-back/"):
            answer = page.goto(f"/{base}/transfers/{number}/{what}")
            assert answer is not None
            assert answer.status == 404
