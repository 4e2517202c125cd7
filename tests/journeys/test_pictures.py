"""The pictures of the README: a small book with names as they might be, seen by its broker and by a household."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from playwright.sync_api import Page

from aor.accounts.models import RoleName
from aor.acts import associate, receive
from aor.brokers.models import Agency
from aor.enrollments.models import Enrollment
from aor.terms.actor import Actor, Role, system
from aor.terms.period import day_of
from tests import builders
from tests.builders import ANA, NORTH_STAR, Policy, enrollment_file
from tests.journeys import chromium, people
from tests.portal.world import NOW, consent

OTHER = "85736"
PEOPLE = (("VANG", "KAYING"), ("WARSAME", "IFRAH"), ("OLSON", "SIGNE"), ("GARCIA", "LUCIA"), ("HTOO", "LER WAH"))


@pytest.fixture
def book(site: str, home: Path) -> None:
    """Ana has five households; one carrier has not appointed her."""
    home.mkdir(exist_ok=True)
    cache.clear()
    builders.carrier(NORTH_STAR)
    builders.carrier(OTHER, name="Prairie Sky Health Plan", naic_company_code=OTHER)
    Agency.objects.create(known_from=builders.LONG_AGO, npn="8000001", name="Aurora Insurance Agency")
    builders.broker(
        ANA, "Ana", "Garcia", certified=(NOW.year, NOW.year + 1), appointed=(NORTH_STAR,), list_in_directory=True,
        agency_npn="8000001", agency_name="Aurora Insurance Agency",
    )  # fmt: skip
    builders.broker("7000009", "Ben", "Lee", appointed=(OTHER,))
    start, sent = day_of(NOW).replace(day=1), NOW - timedelta(days=2)
    policies = [
        Policy(
            f"2100{number}", f"S{number}", start=start, last=last, first=first, application=f"55000{number}-1",
            plan=f"{OTHER if number % 3 == 1 else NORTH_STAR}MN001000104",
        )
        for number, (last, first) in enumerate(PEOPLE)
    ]  # fmt: skip
    path = home / "enrollments.834"
    path.write_bytes(enrollment_file(*policies, sent=sent))
    receive.receive(path, by=system("test"), now=sent)
    for number in range(len(PEOPLE)):
        associate.designate(
            subscriber_id=f"S{number}", npn=ANA, consent=consent("designated"), second_factor=True,
            by=Actor(Role.CONSUMER, "test"), now=NOW - timedelta(days=1, minutes=-number),
        )  # fmt: skip


def test_what_a_broker_and_a_household_see(book: None, visit: Callable[..., Page]) -> None:
    ana = visit(people.account("Ana Garcia", RoleName.BROKER, ANA))
    for name, url in (
        ("broker-today", "/broker/"),
        ("broker-clients", "/broker/clients/"),
        ("broker-why", f"/broker/clients/{Enrollment.objects.get(policy_id='21001').pk}/"),
    ):
        ana.goto(url)
        chromium.picture(ana, name)
    assert "Not appointed by Prairie Sky Health Plan" in ana.content()
    household = visit(people.account("Household", RoleName.CONSUMER, "S0"))
    household.goto("/my/broker/")
    chromium.picture(household, "household-broker", width=390, height=844)
    assert "Ana Garcia" in household.content()
