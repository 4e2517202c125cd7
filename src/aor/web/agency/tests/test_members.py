"""What an agency sees is its brokers', and only while they are its brokers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from tests.builders import ANA, BEN, CRUZ
from tests.portal.world import MARK, NOW, OURS, World

from aor.acts import roster
from aor.audit.models import Read
from aor.terms.actor import system
from aor.web.agency.tests.pages import refused, send, words

pytestmark = pytest.mark.django_db
KAYING, ASAD = f"{MARK}-KAYING", f"{MARK}-ASAD"


def test_the_book_shows_the_clients_of_the_agencys_brokers_and_the_read_is_written_down(town: World) -> None:
    before = Read.objects.count()
    page = words(town.client("manager"), "/agency/book/")
    assert KAYING in page
    assert "Ana Broker" in page
    assert ASAD not in page
    assert Read.objects.count() == before + 1
    assert KAYING in words(town.client("manager"), "/agency/book/export/csv/")
    assert Read.objects.count() == before + 2


def test_a_removed_brokers_clients_vanish_at_once(town: World) -> None:
    client = town.client("manager")
    assert KAYING in words(client, "/agency/book/?state=ready")
    assert send(client, f"/agency/roster/{ANA}/remove/") == "/agency/done/removed/"
    for url in ("/agency/book/", "/agency/book/?state=ready", f"/agency/book/?broker={ANA}"):
        assert KAYING not in words(client, url)
    assert KAYING not in words(client, "/agency/book/export/csv/")
    assert client.get(f"/agency/roster/{ANA}/").status_code == 404
    assert KAYING in words(town.client("Ana"), "/broker/clients/"), "they stay hers"


def test_support_staff_act_for_members_only_and_lose_one_who_leaves_at_once(town: World) -> None:
    client = town.client("support")
    assert KAYING in words(client, "/broker/clients/")
    assert send(client, "/agency/acting/", npn=BEN) == "/broker/"
    assert KAYING not in words(client, "/broker/clients/")
    assert "Select a valid choice" in refused(client, "/agency/acting/", npn=CRUZ)
    send(client, "/agency/acting/", npn=ANA)
    roster.remove_from_agency(agency_npn=OURS, npn=ANA, by=system("test"), now=NOW + timedelta(seconds=1))
    assert client.get("/broker/clients/").headers["Location"] == "/agency/acting/"
    assert client.get("/broker/").headers["Location"] == "/agency/acting/"
    assert "Ana" not in words(client, "/agency/acting/")


def test_a_forged_choice_of_another_agencys_broker_is_dropped(town: World) -> None:
    client = town.client("support")
    session = client.session
    session["acting_for"] = CRUZ
    session.save()
    assert client.get("/broker/clients/").headers["Location"] == "/agency/acting/"
    assert "acting_for" not in client.session


def test_the_book_is_filtered_and_searched_without_a_name_in_an_address(town: World) -> None:
    client = town.client("manager")
    assert KAYING in words(client, f"/agency/book/?broker={ANA}")
    assert "No client fits these filters" in words(client, f"/agency/book/?broker={BEN}")
    answer = client.post("/agency/book/search/", {"words": KAYING, "broker": ANA})
    assert answer.headers["Location"] == f"/agency/book/?broker={ANA}"
    assert "P1" in words(client, "/agency/book/")
    client.post("/agency/book/search/", {"words": "Nobody"})
    assert "No client fits these filters" in words(client, "/agency/book/")
    cache.clear()


def test_a_brokers_page_and_readiness_say_what_rests_on_what(town: World) -> None:
    client = town.client("manager")
    page = words(client, f"/agency/roster/{ANA}/")
    assert "ana@example.org" in page
    assert "In force" in page
    assert client.get(f"/agency/roster/{CRUZ}/").status_code == 404
    assert "Ben Broker" in words(client, "/agency/readiness/")
    assert "Ben Broker" not in words(client, "/agency/readiness/?risk=1"), "nothing of his is at risk"
    assert "7000002" in words(client, "/agency/readiness/export/csv/")
