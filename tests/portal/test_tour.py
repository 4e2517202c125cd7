"""The demonstration's tour: every role walks its real pages, forth and back, and ends where it likes."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from tests.portal import world
from tests.portal.world import SEATS, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(home: Path, settings: Settings) -> World:
    settings.AOR_DEMO = True
    return world.make(home)


def to(client: Client, step: object) -> str:
    """The page that a button of the tour leads to; it must open."""
    answer = client.post("/demo/tour/", {"step": step}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_every_role_walks_to_the_end_and_back(town: World) -> None:
    for name in SEATS:
        client = town.client(name)
        page, number = to(client, 1), 1
        assert "Tour, step 1 of" in page, name
        while f'name="step" value="{number + 1}"' in page:
            number += 1
            page = to(client, number)
            assert f"Tour, step {number} of" in page, (name, number)
            assert "Back to that page" not in page, (name, number)
        assert number > 1, name
        assert f"step {number} of {number}." in page
        assert f"step {number - 1} of {number}." in to(client, number - 1)
        assert "Tour, step" not in to(client, "end")


def test_who_goes_astray_is_led_back(town: World) -> None:
    client = town.client("Ana")
    to(client, 2)
    assert "Back to that page" in client.get("/broker/standing/").content.decode()


@pytest.mark.parametrize("step", ["0", "99", "-1", "x", "", "²"])
def test_what_is_no_step_ends_the_tour(step: str, town: World) -> None:
    client = town.client("Ana")
    to(client, 2)
    assert "Tour, step" not in to(client, step)


def test_a_visitor_sees_none(town: World) -> None:
    assert "Tour, step" not in town.client(None).get("/").content.decode()


def test_there_is_none_but_in_the_demonstration(town: World, settings: Settings) -> None:
    client = town.client("Ana")
    to(client, 1)
    settings.AOR_DEMO = False
    assert "Tour, step" not in client.get("/broker/").content.decode()
    assert client.post("/demo/tour/", {"step": "1"}).status_code == 404
