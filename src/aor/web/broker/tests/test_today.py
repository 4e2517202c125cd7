"""A broker's day: each count opens what it counted, and each way leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django.fixtures import Settings
from tests.builders import ANA
from tests.portal import world
from tests.portal.world import MARK, NOW, World

from aor.brokers.models import Appointment
from aor.web.broker import standings
from aor.web.broker.tests.test_book import more_policies, queries

pytestmark = pytest.mark.django_db
CARD = re.compile(r'<a class="aor-count[^"]*" href="([^"]+)"[^>]*>\s*<[^>]*>\s*(\d+)\s*<[^>]*>\s*<[^>]*>([^<]+)<')


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


def counts(client: Client) -> dict[str, tuple[int, str]]:
    """The cards of the dashboard: number and address by label."""
    page = client.get("/broker/").content.decode()
    return {label.strip(): (int(number), url) for url, number, label in CARD.findall(page)}


def test_every_count_opens_the_list_it_counts(town: World) -> None:
    client = town.client("Ana")
    cards = counts(client)
    assert {"Held", "Ready to send", "Sent", "At risk within 60 days", "Days of your certification left"} <= set(
        cards
    )
    for label, (number, url) in cards.items():
        if url.startswith("/broker/clients/"):
            assert client.get(url).content.decode().count(f"{MARK}-KAYING") == number, label


def test_at_risk_is_what_rests_on_what_is_missing(town: World) -> None:
    client = town.client("Ana")
    Appointment.objects.filter(npn=ANA).update(known_until=NOW)
    standings.forget(ANA)
    number, url = counts(client)["At risk within 60 days"]
    assert number == 1
    assert f"{MARK}-KAYING" in client.get(url).content.decode()
    assert "KAYING" in b"".join(client.get("/broker/clients/export/csv/?state=risk").streaming_content).decode()  # type: ignore[attr-defined]  # streamed


def test_a_larger_book_asks_no_more_of_the_database(town: World, home: Path) -> None:
    client = town.client("Ana")
    client.get("/broker/")
    cache.clear()
    few = queries(client, "/broker/")
    more_policies(home, 40)
    cache.clear()
    assert queries(client, "/broker/") <= few


def test_support_staff_who_act_for_nobody_are_led_to_choose_and_told(town: World) -> None:
    client = town.client("support")
    session = client.session
    del session["acting_for"]
    session.save()
    for url in ("/broker/clients/", "/broker/invitations/new/", "/broker/invitations/many/", "/claims/"):
        page = client.get(url, follow=True)
        assert page.redirect_chain == [("/agency/acting/", 302)]
        assert "Choose the broker you act for first." in page.content.decode()


def test_the_way_to_the_application_is_a_link_that_names_the_broker(town: World, settings: Settings) -> None:
    """A form to another site would be stopped by the page's own policy (form-action)."""
    settings.AOR_ELIGIBILITY_URL = "https://apply.example.org/start?from=portal"
    page = town.client("Ana").get("/broker/application/").content.decode()
    (url,) = re.findall(r'href="(https://apply[^"]+)"', page)
    assert parse_qs(urlsplit(url.replace("&amp;", "&")).query) == {"from": ["portal"], "npn": [ANA]}
    assert 'action="https://' not in page
    settings.AOR_ELIGIBILITY_URL = ""
    page = town.client("Ana").get("/broker/application/").content.decode()
    assert f"enter your NPN there: {ANA}" in page
    assert "AOR_" not in page


def test_a_broker_has_an_address_to_give_away_by_which_a_client_chooses_them(town: World, settings: Settings) -> None:
    settings.AOR_URL = "https://broker.example.org"
    page = town.client("Ana").get("/broker/invitations/").content.decode()
    (path,) = re.findall(r"https://broker\.example\.org(/[^<\s]+)<", page)
    assert "Choose Ana Broker" in town.client("other consumer").get(path).content.decode()
