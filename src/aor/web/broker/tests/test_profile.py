"""A broker's own data: kept with a number; a form opened before another change says whose that was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from tests.builders import ANA
from tests.portal import world
from tests.portal.world import NOW, World

from aor.acts import roster
from aor.associations.models import Invitation
from aor.brokers import queries as brokers
from aor.terms.actor import Actor, Role, system
from aor.web.agency.tests.pages import hidden, send, words

pytestmark = pytest.mark.django_db
URL = "/broker/profile/"


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    cache.clear()
    return world.make(home)


def test_what_is_kept_ends_on_a_page_with_a_number_and_what_follows(town: World) -> None:
    client = town.client("Ana")
    form = hidden(client, URL) | {"email": "ana@new.example.org", "city": "Ely"}
    answers = [client.post(URL, form) for _ in range(2)]
    assert {answer.headers["Location"] for answer in answers} == {"/agency/done/own-data/"}
    page = words(client, "/agency/done/own-data/")
    assert form["submission"][:8].upper() in page
    assert "the old address is told" in page
    known = brokers.registered(ANA)
    assert known is not None
    assert (known.email, known.city) == ("ana@new.example.org", "Ely")


@pytest.mark.parametrize(
    ("role", "who", "said"),
    [
        (Role.OFFICER, "officer", "officer (officer)"),
        (Role.BROKER, "Ana", "you, in another window"),
        (Role.SYSTEM, "", "roster (system)"),
    ],
)
def test_a_form_opened_before_another_change_says_who_made_it_and_when(
    role: Role, who: str, said: str, town: World
) -> None:
    client = town.client("Ana")
    form = hidden(client, URL) | {"email": "ana@new.example.org"}
    by = Actor(role, f"account {town.users[who].pk}") if who else system("roster")
    roster.register_broker({"npn": ANA, "city": "Ely"}, by=by, now=NOW + timedelta(minutes=1))
    answer = client.post(URL, form)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert f"it was changed by {said}, on" in page
    assert "Nothing was changed by you now." in page
    known = brokers.registered(ANA)
    assert known is not None
    assert (known.email, known.city) == ("ana@example.org", "Ely")


def test_an_invitation_taken_back_ends_on_such_a_page_too(town: World) -> None:
    client = town.client("Ana")
    send(client, "/broker/invitations/new/", first_name="Mai", last_name="Vang", birth_date="1990-01-31")
    one = Invitation.objects.latest("pk")
    assert send(client, f"/broker/invitations/{one.pk}/take-back/") == "/agency/done/client-taken-back/"
    assert "Its code opens nothing any more." in words(client, "/agency/done/client-taken-back/")
