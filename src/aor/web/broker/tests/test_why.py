"""The Why page: the sentence, any day, and never who another broker is."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.cache import cache
from tests.builders import BEN
from tests.portal import world
from tests.portal.world import NOW, World, consent

from aor.acts import associate
from aor.terms.actor import Actor, Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


def test_the_sentence_comes_first(town: World) -> None:
    page = town.client("Ana").get(f"/broker/clients/{town.ours['enrollment']}/").content.decode()
    assert "You are the agent of record. The carrier will be told in its next run." in page
    assert "Certified for plan year" in page


def test_any_day_may_be_asked_about(town: World) -> None:
    url = f"/broker/clients/{town.ours['enrollment']}/"
    page = town.client("Ana").get(url, {"on": "2019-01-01", "known": "2019-01-01"}).content.decode()
    assert "Nobody is the agent of record" in page
    page = town.client("Ana").get(url, {"on": "2019-01-01"}).content.decode()
    assert "Not yet: you become the agent of record on a later day." in page
    assert town.client("Ana").get(url, {"on": "nonsense"}).status_code == 200


def test_another_broker_is_never_named(town: World) -> None:
    consumer = Actor(Role.CONSUMER, "test")
    associate.designate(
        subscriber_id="S1", npn=BEN, consent=consent("designated"), second_factor=True, by=consumer, now=NOW
    )
    url = f"/broker/clients/{town.ours['enrollment']}/"
    assert town.client("Ana").get(url).status_code == 404  # access moved at once
    page = town.client("Ben").get(url).content.decode()
    assert "7000001" not in page
    assert "nother broker" in page


def test_ending_shows_both_days_and_closes_access_at_once(town: World) -> None:
    ana = town.client("Ana")
    url = f"/broker/clients/{town.ours['enrollment']}/end/"
    page = ana.get(url).content.decode()
    assert "Credit ends on" in page
    answer = ana.post(url, {"how": "end", "submission": "11111111-1111-4111-8111-111111111111"})
    assert answer.headers["Location"] == "/broker/clients/ended/"
    assert ana.get(url).status_code == 404
    again = ana.post(url, {"how": "end", "submission": "11111111-1111-4111-8111-111111111111"})
    assert again.headers["Location"] == "/broker/clients/ended/"  # one effect
