"""A carrier sees its own files and the record of its own policies, and nothing of another."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings
from tests.builders import ANA, NORTH_STAR
from tests.portal import world
from tests.portal.world import MARK, World

from aor.audit.models import Read
from aor.terms.actor import system
from aor.terms.period import day_of, first_of_next_month
from aor.transmissions import operations as transmissions
from aor.transmissions.models import Interchange

pytestmark = pytest.mark.django_db
NEXT_MONTH = first_of_next_month(day_of(world.NOW))  # from which on the associations of the world count


@pytest.fixture
def town(db: None, tmp_path: Path, settings: Settings) -> World:
    settings.AOR_HOME = tmp_path
    made = world.make(tmp_path)
    transmissions.send(by=system("test"), now=world.NOW + timedelta(minutes=1), carrier=NORTH_STAR)
    return made


def said(client: Client, url: str) -> str:
    answer = client.get(url)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]  # streamed answers alone have it
    return bytes(content).decode()


def test_a_carrier_sees_its_files_and_not_anothers(town: World) -> None:
    one = Interchange.objects.get(hios_issuer_id=NORTH_STAR)
    assert one.name in said(town.client("carrier"), "/carrier/")
    assert one.name not in said(town.client("other carrier"), "/carrier/")
    assert "Handed over" in said(town.client("carrier"), f"/carrier/files/{one.pk}/")
    assert town.client("other carrier").get(f"/carrier/files/{one.pk}/").status_code == 404


def test_the_record_of_a_day_is_read_on_record(town: World) -> None:
    client = town.client("carrier")
    page = said(client, f"/carrier/record/?on={NEXT_MONTH}")
    assert f"{MARK}-KAYING" in page
    assert f"NPN {ANA}" in page
    assert Read.objects.filter(what="record of a carrier", subject_id="S1").exists()
    assert MARK not in said(client, "/carrier/record/?on=2001-01-01")
    assert MARK not in said(town.client("other carrier"), f"/carrier/record/?on={NEXT_MONTH}")


def test_the_file_of_a_day_has_policies_and_brokers_and_no_names(town: World) -> None:
    client = town.client("carrier")
    lines = said(client, f"/carrier/record/csv/?on={NEXT_MONTH}").strip().splitlines()
    assert lines[0].lstrip("\ufeff").split(",")[:2] == ["exchange_policy_id", "npn"]
    assert len(lines) == 3
    assert MARK not in "".join(lines)
    assert said(client, "/carrier/record/csv/?on=x") == said(client, "/carrier/record/csv/")  # today


@pytest.mark.parametrize("query", ["?on=2026-99-99", "?after=ZZZZ", "?before=x"])
def test_what_cannot_be_read_is_not_an_error_of_ours(query: str, town: World) -> None:
    for url in ("/carrier/record/", "/carrier/"):
        assert town.client("carrier").get(url + query).status_code == 200
