"""Who asks to keep an agency that may be another's waits for an officer's word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from tests.portal import world
from tests.portal.world import OURS, World

from aor.accounts.models import Grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    return world.make(home)


def answer(client: Client, url: str, word: str, because: str = "") -> int:
    token = re.search(r'name="submission" value="([^"]+)"', client.get(url).content.decode())
    form = {"word": word, "because": because, "submission": token[1] if token else ""}
    return client.post(url, form).status_code


def test_an_officer_grants_or_refuses(town: World) -> None:
    url = f"/staff/registrations/{town.ours['registration']}/"
    officer = town.client("officer")
    assert "Another Agency" in officer.get("/staff/registrations/").content.decode()
    assert "Aurora Agency" in officer.get(url).content.decode()  # who keeps it now
    assert answer(officer, url, "grant") == 302
    assert Grant.objects.known_at().filter(subject=OURS, user__name="Asks").exists()
    assert officer.get(url).status_code == 404
    assert "The registration is granted" in officer.get(f"{url}done/").content.decode()


def test_refused_is_nobody(town: World) -> None:
    url = f"/staff/registrations/{town.ours['registration']}/"
    lead = town.client("lead")
    assert answer(lead, url, "refuse") == 200, "nobody is refused without a reason"
    assert answer(lead, url, "refuse", "The agency names another person.") == 302
    assert not Grant.objects.known_at().filter(user__name="Asks").exists()
    assert "The agency names another person." in lead.get(f"{url}done/").content.decode()


def test_an_auditor_reads_and_decides_nothing(town: World) -> None:
    url = f"/staff/registrations/{town.ours['registration']}/"
    assert town.client("auditor").get(url).status_code == 200
    assert town.client("auditor").post(url, {"word": "grant"}).status_code == 400
    assert not Grant.objects.known_at().filter(user__name="Asks").exists()
