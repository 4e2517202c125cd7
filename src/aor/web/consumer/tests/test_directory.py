"""The directory offers certified, licensed and willing brokers, to everyone, and nobody else."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests import builders
from tests.builders import ANA
from tests.portal.world import NOW, World

from aor.brokers.models import Certification
from aor.web.consumer.tests.pages import words

pytestmark = pytest.mark.django_db
YEARS = (NOW.year, NOW.year + 1)


@pytest.fixture
def visitor(town: World) -> Client:
    return town.client(None)


def person(npn: str, **others: object) -> None:
    builders.broker(npn, "Dana", "Lee", **{"certified": YEARS, "list_in_directory": True, **others})  # type: ignore[arg-type]  # columns


def test_everyone_finds_a_broker_by_name_language_city_and_zip(visitor: Client) -> None:
    person("7000010", languages="English;Hmong", city="Duluth", zip="55802", phone="218 555 0100")
    for query in ("words=dana+lee", "language=Hmong", "city=duluth", "zip=558"):
        said = words(visitor.get(f"/find-a-broker/?{query}"))
        assert "Dana Lee" in said
        assert "Ana Broker" not in said
        assert "1 to 1 of 1" in said
    one = words(visitor.get("/find-a-broker/7000010/"))
    for part in ("Dana Lee", "Duluth, 55802", "English, Hmong", "7000010", "218 555 0100", "Choose this broker"):
        assert part in one


@pytest.mark.parametrize(
    "others",
    [{"certified": ()}, {"licensed": False}, {"list_in_directory": False}, {"kind": "navigator"}],
    ids=lambda others: next(iter(others)),
)
def test_who_is_not_certified_licensed_and_willing_is_not_offered(visitor: Client, others: dict[str, object]) -> None:
    person("7000010", **others)
    assert "Dana Lee" not in words(visitor.get("/find-a-broker/"))
    assert visitor.get("/find-a-broker/7000010/").status_code == 404


def test_who_lost_the_certification_is_not_shown_although_the_list_is_remembered(visitor: Client) -> None:
    person("7000010")
    assert "Dana Lee" in words(visitor.get("/find-a-broker/"))
    Certification.objects.filter(npn="7000010").update(known_until=NOW)
    assert "Dana Lee" not in words(visitor.get("/find-a-broker/"))


def test_nothing_found_and_a_wrong_zip_are_said(visitor: Client) -> None:
    assert "No broker fits this search" in words(visitor.get("/find-a-broker/?words=nobody"))
    wrong = words(visitor.get("/find-a-broker/?zip=5'--"))
    assert "There is a problem Enter three to five digits" in wrong
    assert "Ana Broker" not in wrong


def test_more_brokers_ask_no_more_of_the_database(visitor: Client) -> None:
    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            assert visitor.get("/find-a-broker/").status_code == 200
        return len(asked)

    visitor.get("/find-a-broker/")
    few = queries()
    for number in range(50):
        person(f"71000{number:02}")
    assert queries() == few
    assert "21 to 40 of 53" in words(visitor.get("/find-a-broker/?page=2"))


def test_who_has_no_account_is_told_whom_to_call(town: World) -> None:
    for url in ("/help/", f"/find-a-broker/{ANA}/", "/account/login/"):
        assert "You have no account? Call 1-" in town.client(None).get(url).content.decode(), url
