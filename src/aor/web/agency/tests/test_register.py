"""An agency is registered; one that may be another's waits, and nobody takes it over by typing its NPN."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import QuerySet
from django.test import Client
from tests import builders
from tests.builders import ANA
from tests.portal.world import BACKEND, NOW, OURS, World

from aor.accounts import operations as accounts
from aor.accounts import queries as account_facts
from aor.accounts.models import User
from aor.acts import registration
from aor.brokers import agencies
from aor.brokers.models import Registration
from aor.cases.models import Case
from aor.notices.models import Notice
from aor.terms.actor import Actor, Role, system
from aor.web.agency.tests.pages import refused, send, words

pytestmark = pytest.mark.django_db


def asked() -> QuerySet[Registration]:
    """What was asked in this test; others wait in the world already."""
    return Registration.objects.exclude(name="Another Agency")


GOOD = {
    "npn": "8000009", "name": "Polar Agency", "fein": "41-1234567", "administrator_name": "Pat",
    "email": "polar@example.org",
}  # fmt: skip
OFFICER = Actor(Role.OFFICER, "account 1")


@pytest.fixture
def nobody(town: World) -> tuple[Client, User]:
    """Somebody who has signed up and has no role."""
    user = accounts.open_account(email="pat@example.org", name="Pat", by=system("test"), now=NOW)
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend=BACKEND)
    return client, user


def test_a_new_agency_is_registered_and_its_first_person_keeps_it(nobody: tuple[Client, User]) -> None:
    client, user = nobody
    assert "Register an agency" in words(client, "/roles/")
    assert send(client, "/agency/register/", **GOOD) == "/agency/register/done/"
    page = words(client, "/agency/register/done/")
    assert "The agency is registered" in page
    assert "AG-" in page
    assert [one.agency_npn for one in account_facts.holders(user).values()] == ["8000009"]  # type: ignore[attr-defined]  # a manager
    known = agencies.agency("8000009")
    assert known is not None
    assert known.name == "Polar Agency"


@pytest.mark.parametrize(
    "changed", [{"npn": OURS}, {"name": "aurora agency"}, {"npn": ANA}], ids=["npn", "name", "a broker's npn"]
)
def test_what_may_be_anothers_waits_for_the_broker_team(nobody: tuple[Client, User], changed: dict[str, str]) -> None:
    client, user = nobody
    send(client, "/agency/register/", **GOOD | changed)
    row = asked().get()
    assert "waits for the broker team" in words(client, "/agency/register/done/")
    assert row.case_number in words(client, "/agency/register/done/")
    assert Case.objects.get(number=row.case_number).kind == "agency registration"
    assert not account_facts.holders(user)
    known = agencies.agency(OURS)
    assert known is not None
    assert known.name == "Aurora Agency", "the agency there is untouched"
    send(client, "/agency/register/", **GOOD | changed)
    assert asked().count() == 1, "asked twice it waits once"


def test_an_agency_that_brokers_name_already_waits_too(nobody: tuple[Client, User]) -> None:
    builders.broker("7000005", "Eli", agency_npn="8000009")
    send(nobody[0], "/agency/register/", **GOOD)
    assert asked().get().outcome == "waiting"
    assert agencies.agency("8000009") is None


@pytest.mark.parametrize(("granted", "outcome"), [(True, "granted"), (False, "refused")])
def test_the_broker_team_decides_once(nobody: tuple[Client, User], granted: bool, outcome: str) -> None:
    client, user = nobody
    send(client, "/agency/register/", **GOOD | {"npn": OURS})
    row = asked().get()
    later = NOW + timedelta(hours=1)
    assert granted or registration.decide(row.pk, granted=False, by=OFFICER, now=later) != "", "and says why"
    assert registration.decide(row.pk, granted=granted, because="It is Al's.", by=OFFICER, now=later) == ""
    assert registration.decide(row.pk, granted=True, by=OFFICER, now=later) != ""
    row.refresh_from_db()
    assert row.outcome == outcome
    assert Case.objects.get(number=row.case_number).state == "closed"
    assert len(account_facts.holders(user)) == granted
    assert ("It is Al&#x27;s." in client.get("/agency/register/done/").content.decode()) is not granted
    assert Notice.objects.filter(kind="agency registration", address="pat@example.org").count() == 1


@pytest.mark.parametrize(
    "wrong", [{"npn": "x"}, {"fein": "123-45-6789"}, {"email": "no"}, {"name": ""}, {"npn": "<script>"}]
)
def test_a_wrong_field_is_said_and_nothing_is_kept(nobody: tuple[Client, User], wrong: dict[str, str]) -> None:
    page = refused(nobody[0], "/agency/register/", **GOOD | wrong)
    assert "usa-error-message" in page
    assert "<script>" not in page.partition("<main")[2]
    assert not asked().exists()
