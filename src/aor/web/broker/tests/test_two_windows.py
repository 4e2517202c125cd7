"""A check page in one window, something else begun in a second: nothing is sent that the page did not show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from tests.builders import BEN
from tests.portal import world
from tests.portal.world import NOW, World

from aor.associations.models import Invitation
from aor.discrepancies.models import Claim
from aor.discrepancies.tests.market import NOBODY, row, table
from aor.retro.models import Request
from aor.terms.period import day_of, first_of_next_month
from aor.transfers.models import Transfer
from aor.web.agency.tests.pages import hidden, hiddens
from aor.web.claims.tests.test_claim import picture
from aor.web.claims.tests.test_requests import SAID

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(home: Path) -> World:
    cache.clear()
    return world.make(home)


def invite(client: Client, name: str) -> tuple[str, dict[str, object]]:
    url = "/broker/invitations/many/"
    file = SimpleUploadedFile("a.csv", f"last_name,first_name,birth_date\n{name},Mai,1990-01-31\n".encode())
    page = client.post(url, {**hidden(client, url), "file": file}).content.decode()
    return url, {**hiddens(page), "send": "1"}


def report(client: Client, name: str) -> tuple[str, dict[str, object]]:
    file = SimpleUploadedFile("a.csv", table(row(NOBODY, last_name=name)))
    assert client.post("/claims/send/", {"file": file}).status_code == 302
    return "/claims/send/check/", {**hidden(client, "/claims/send/check/")}


def ask(client: Client, name: str) -> tuple[str, dict[str, object]]:
    assert client.post("/claims/earlier/new/", {**SAID, "last_name": name}).status_code == 302
    url = "/claims/earlier/new/check/"
    return url, {**hidden(client, url), "attested": "on", "evidence": picture()}


def take_over(client: Client, name: str) -> tuple[str, dict[str, object]]:
    on = first_of_next_month(day_of(NOW) + timedelta(days=31 if name == "First" else 62))
    form = {"from_npn": BEN, "why": "agreed", "on": on.isoformat()}
    assert client.post("/broker/transfers/new/", form).status_code == 302
    url = "/broker/transfers/new/check/"
    return url, {**hidden(client, url), "attested": "on", "document": picture()}


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (invite, Invitation),
        (report, Claim),
        (ask, Request),
        (take_over, Transfer),
    ],
)
def test_what_one_window_shows_is_not_sent_as_what_another_put_in_its_place(
    begin: Callable[[Client, str], tuple[str, dict[str, object]]], kind: type[Model], town: World
) -> None:
    client, rows = town.client("Ana"), kind._default_manager
    before = rows.count()
    url, first = begin(client, "First")
    _, second = begin(client, "Second")
    answer = client.post(url, first)
    assert answer.status_code == 409
    assert "in another window" in answer.content.decode()
    assert rows.count() == before
    done = client.post(url, second)
    assert (done.status_code, rows.count()) == (302, before + 1)
    assert client.post(url, second).headers["Location"] == done.headers["Location"]
    assert rows.count() == before + 1
