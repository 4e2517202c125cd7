"""What the team finds: tasks, people by how they begin, a household's and a broker's whole story; all on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.builders import ANA, Policy, enrollment_file
from tests.portal import world
from tests.portal.world import MARK, World

from aor.acts import associate, receive
from aor.audit.models import Read
from aor.terms.actor import Actor, Role, system
from aor.terms.period import day_of
from aor.web.staff.tests.desk import send, text

pytestmark = pytest.mark.django_db


def find(client: Client, words: str) -> str:
    answer = client.post("/staff/search/ask/", {"words": words})
    assert answer.headers["Location"] == "/staff/search/"  # a name is never part of an address
    return text(client, "/staff/search/")


@pytest.mark.parametrize(
    "words", [f"{MARK}-KAY", f"{MARK.lower()}-kaying", f"{MARK}-KAYING, KAY", f"KAYING {MARK}-KAYING", "P1", "S1"]
)
def test_a_person_is_found_by_name_policy_or_number(words: str, town: World) -> None:
    before = Read.objects.filter(subject_id="S1").count()
    said = find(town.client("officer"), words)
    assert f"{MARK}-KAYING, KAYING" in said
    assert f"{MARK}-ASAD" not in said
    assert Read.objects.filter(subject_id="S1").count() > before


@pytest.mark.parametrize("words", ["KAYING-", "2031-02-30", "x" * 200, "%", "P1'", "9999999", "\0"])
def test_what_nobody_is_called_finds_nobody(words: str, town: World) -> None:
    assert MARK not in find(town.client("officer"), words).replace(words, "")


def test_a_broker_and_a_case_are_found_by_number(town: World) -> None:
    client, number = town.client("auditor"), str(town.ours["case"])
    assert "Broker, Ana" in find(client, ANA)
    assert (
        client.post("/staff/search/ask/", {"words": number.lower()}).headers["Location"] == f"/staff/cases/{number}/"
    )


def test_a_household_shows_its_policies_its_broker_and_who_looked(town: World) -> None:
    text(town.client("Ana"), f"/broker/clients/{town.ours['enrollment']}/")
    said = text(town.client("officer"), "/staff/households/S1/")
    for words in ("P1", f"Ana Broker, NPN {ANA}", "designated", "why page", "Association: designated"):
        assert words in said, words
    assert f"{MARK}-ASAD" not in said
    assert town.client("officer").get("/staff/households/S77/").status_code == 404


def test_the_why_page_names_everybody_for_the_team(town: World) -> None:
    said = text(town.client("auditor"), f"/staff/enrollments/{town.ours['enrollment']}/")
    assert f"broker {ANA}" in said
    assert "What the carrier was told" in said
    assert "The whole household" in said


def test_a_broker_story_shows_standing_and_lets_only_officers_change_it(town: World) -> None:
    address = f"/staff/brokers/{ANA}/"
    assert "Appointed by North Star Health" in text(town.client("officer"), address)
    assert f"{address}suspend/" in town.client("officer").get(address).content.decode()
    assert f"{address}suspend/" not in town.client("auditor").get(address).content.decode()
    assert town.client("auditor").get(f"{address}suspend/").status_code == 403


def test_someone_disowned_is_a_task_and_is_decided(town: World) -> None:
    by = Actor(Role.CONSUMER, "test")
    associate.disown(subscriber_id="S1", by=by, now=world.NOW)
    client = town.client("officer")
    assert "1 Brokers nobody asked for" in text(client, "/staff/")
    url = f"/staff/disowned/{town.ours['association']}/"
    assert "Your broker may see your coverage." in text(client, url)
    assert town.client("auditor").post(url, {"word": "upheld"}).status_code == 400
    assert send(client, url, word="reopened").headers["Location"] == f"{url}done/"
    assert "Access is open again" in text(client, f"{url}done/")
    assert "0 Brokers nobody asked for" in text(client, "/staff/")
    assert "Decide" not in text(client, url).replace("Decided", "")


def counted(asked: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as queries:
        asked()
    return len(queries)


@pytest.mark.parametrize(
    "url", ["/staff/", "/staff/search/", "/staff/households/S1/", "/staff/cases/", "/staff/notices/"]
)
def test_more_rows_ask_no_more_queries(url: str, town: World, tmp_path: Path) -> None:
    client = town.client("officer")
    client.post("/staff/search/ask/", {"words": MARK})
    client.get(url)
    few = counted(lambda: client.get(url))
    start = day_of(world.NOW).replace(day=1)
    policies = [Policy(f"M{n}", "S1", start=start, last=f"{MARK}-M{n}", application="5500001-1") for n in range(20)]
    path = tmp_path / "more.834"
    path.write_bytes(enrollment_file(*policies, sent=world.NOW, isa13=777))
    receive.receive(path, by=system("test"), now=world.NOW)
    assert counted(lambda: client.get(url)) <= few + 1  # a cut list asks nothing more
