"""The manager's Why page: their brokers by name, nobody else, and a row of every read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import BEN, CRUZ
from tests.portal.world import NOW, World, consent

from aor.acts import associate
from aor.audit.models import Read
from aor.terms.actor import Actor, Role

from .pages import words

pytestmark = pytest.mark.django_db
CONSUMER = Actor(Role.CONSUMER, "test")


def chosen(npn: str, days: int = 0) -> None:
    associate.designate(
        subscriber_id="S1", npn=npn, consent=consent("designated"), second_factor=True, by=CONSUMER,
        now=NOW - timedelta(days=days),
    )  # fmt: skip


def test_the_book_leads_to_the_reason_by_the_brokers_name(town: World) -> None:
    manager, url = town.client("manager"), f"/agency/book/{town.ours['enrollment']}/"
    assert f'href="{url}"' in words(manager, "/agency/book/")
    page = words(manager, url)
    assert "Ana Broker is the agent of record. The carrier will be told in its next run." in page
    assert "Certified for plan year" in page
    assert Read.objects.filter(what="why page of an agency", subject_id="S1").count() == 1


def test_two_brokers_of_the_agency_are_both_told_of(town: World) -> None:
    chosen(BEN)
    page = words(town.client("manager"), f"/agency/book/{town.ours['enrollment']}/")
    assert "another broker" not in page.lower()
    assert BEN in page


def test_a_broker_of_another_agency_is_never_named(town: World) -> None:
    chosen(CRUZ)
    url = f"/agency/book/{town.ours['enrollment']}/"
    assert town.client("manager").get(url).status_code == 404  # access moved at once
    page = words(town.client("other manager"), url)
    assert "7000001" not in page
    assert "nother broker" in page


def test_any_day_may_be_asked_about(town: World) -> None:
    manager, url = town.client("manager"), f"/agency/book/{town.ours['enrollment']}/"
    assert "Not yet: Ana Broker becomes" in manager.get(url, {"on": "2019-01-01"}).content.decode()
    then = {"on": "2019-01-01", "known": "2019-01-01"}
    assert "Nobody is the agent of record" in manager.get(url, then).content.decode()
    assert manager.get(url, {"known": "nonsense"}).status_code == 200
