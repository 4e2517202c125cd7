"""An agency is registered; one that may be another's waits, and nobody takes it over by typing its NPN."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from tests import builders
from tests.builders import ANA
from tests.portal.world import BACKEND, MARK, NOW, OURS, World

from aor.accounts import operations as accounts
from aor.accounts import queries as account_facts
from aor.accounts.models import User
from aor.acts import digest, registration
from aor.brokers import queries as brokers
from aor.brokers.models import License, Registration
from aor.cases.models import Case
from aor.notices.models import Notice, State
from aor.terms.actor import Actor, Role, system
from aor.web.agency.tests.pages import hidden, refused, send, words

pytestmark = pytest.mark.django_db
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
    known = brokers.agency("8000009")
    assert known is not None
    assert known.name == "Polar Agency"


@pytest.mark.parametrize(
    "changed", [{"npn": OURS}, {"name": "aurora agency"}, {"npn": ANA}], ids=["npn", "name", "a broker's npn"]
)
def test_what_may_be_anothers_waits_for_the_broker_team(nobody: tuple[Client, User], changed: dict[str, str]) -> None:
    client, user = nobody
    send(client, "/agency/register/", **GOOD | changed)
    row = Registration.objects.get()
    assert "waits for the broker team" in words(client, "/agency/register/done/")
    assert row.case_number in words(client, "/agency/register/done/")
    assert Case.objects.get(number=row.case_number).kind == "agency registration"
    assert not account_facts.holders(user)
    known = brokers.agency(OURS)
    assert known is not None
    assert known.name == "Aurora Agency", "the agency there is untouched"
    send(client, "/agency/register/", **GOOD | changed)
    assert Registration.objects.count() == 1, "asked twice it waits once"


def test_an_agency_that_brokers_name_already_waits_too(nobody: tuple[Client, User]) -> None:
    builders.broker("7000005", "Eli", agency_npn="8000009")
    send(nobody[0], "/agency/register/", **GOOD)
    assert Registration.objects.get().outcome == "waiting"
    assert brokers.agency("8000009") is None


@pytest.mark.parametrize(("granted", "outcome"), [(True, "granted"), (False, "refused")])
def test_the_broker_team_decides_once(nobody: tuple[Client, User], granted: bool, outcome: str) -> None:
    client, user = nobody
    send(client, "/agency/register/", **GOOD | {"npn": OURS})
    row = Registration.objects.get()
    later = NOW + timedelta(hours=1)
    assert registration.decide(row.pk, granted=granted, by=OFFICER, now=later) == ""
    assert registration.decide(row.pk, granted=True, by=OFFICER, now=later) != ""
    row.refresh_from_db()
    assert row.outcome == outcome
    assert Case.objects.get(number=row.case_number).state == "closed"
    assert len(account_facts.holders(user)) == granted
    assert Notice.objects.filter(kind="agency registration", address="pat@example.org").count() == 1


@pytest.mark.parametrize(
    "wrong", [{"npn": "x"}, {"fein": "123-45-6789"}, {"email": "no"}, {"name": ""}, {"npn": "<script>"}]
)
def test_a_wrong_field_is_said_and_nothing_is_kept(nobody: tuple[Client, User], wrong: dict[str, str]) -> None:
    page = refused(nobody[0], "/agency/register/", **GOOD | wrong)
    assert "usa-error-message" in page
    assert "<script>" not in page.partition("<main")[2]
    assert not Registration.objects.exists()


def test_a_changed_address_is_told_to_the_old_one_and_a_stale_form_is_refused(town: World) -> None:
    client, url = town.client("manager"), "/agency/data/"
    form = hidden(client, url) | {"administrator_name": "Mo", "email": "new@example.org"}
    assert client.post(url, form).headers["Location"] == "/agency/done/data/"
    told = Notice.objects.get(kind="address changed")
    assert (told.recipient_kind, told.address) == ("agency", f"{OURS}@example.org")
    stale = form | {"submission": "00000000-0000-4000-8000-000000000001"}
    assert client.post(url, stale).status_code == 409


def test_cover_is_set_within_the_agency_and_ended(town: World) -> None:
    client, url = town.client("manager"), "/agency/cover/"
    first = NOW.date() + timedelta(days=2)
    said = {"npn": ANA, "colleague": "7000002", "first": f"{first}", "last": f"{first + timedelta(days=6)}"}
    assert "Select a valid choice" in refused(client, url, **said | {"colleague": "7000003"})
    assert "before the first" in refused(client, url, **said | {"last": f"{NOW.date()}"})
    assert send(client, url, **said) == "/agency/done/cover/"
    assert "Ben Broker" in words(client, url)
    assert client.get("/agency/cover/7000003/end/").status_code == 404
    assert send(client, f"/agency/cover/{ANA}/end/") == "/agency/done/cover-ended/"
    assert not brokers.covers_lent([ANA], first)


def test_the_dashboard_says_what_needs_somebody_and_the_digest_says_it_once_a_day(town: World) -> None:
    client, user = town.client("manager"), town.users["manager"]
    License.objects.filter(npn=ANA).update(known_until=NOW)
    Notice.objects.create(
        kind="report published", recipient_kind="broker", recipient_id=ANA, address="a@example.org", subject="Report",
        body="", dedupe_key="x", queued_at=NOW, state=State.BOUNCED,
    )  # fmt: skip
    page = words(client, "/agency/")
    assert "Ana Broker" in page
    assert "Missing" in page
    assert "Report" in words(client, "/agency/reports/")
    assert digest.queue(now=NOW) == 0, "nobody asked for it"
    client.post("/agency/daily-mail/", {"wanted": "on"})
    later = NOW + timedelta(minutes=1)
    assert [digest.queue(now=later), digest.queue(now=later + timedelta(minutes=1))] == [1, 0]
    told = Notice.objects.get(kind="agency digest")
    assert told.address == user.email
    assert "Agents of record that rest on it: 1." in told.body
    assert MARK not in told.body
    assert "Ana" not in told.body
    client.post("/agency/daily-mail/", {})
    assert digest.queue(now=later + timedelta(days=1)) == 0
    cache.clear()
