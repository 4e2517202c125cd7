"""The lists of the desk: letters are printed once, a guide says what files say, renewals are a broker's."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import Client
from pypdf import PdfReader
from pytest_django.fixtures import Settings
from tests.builders import ANA, NORTH_STAR
from tests.portal import world
from tests.portal.world import MARK, World

from aor.acts import say
from aor.audit.models import Act, Read
from aor.notices.models import Notice
from aor.terms.actor import system
from aor.web.staff import letters
from aor.web.staff.tests.desk import text

pytestmark = pytest.mark.django_db


def test_letters_are_printed_once_and_on_record(town: World) -> None:
    say.to_consumers("broker chosen", ["S1"], about="test", now=world.NOW)
    assert Notice.objects.filter(recipient_id="S1", state="unaddressed").exists()
    client = town.client("officer")
    page = client.get("/staff/letters/").content.decode()
    assert "N-" in page
    assert MARK not in page
    assert town.client("auditor").post("/staff/letters/print/").status_code == 403
    answer = client.post("/staff/letters/print/")
    assert answer.content.startswith(b"%PDF-")
    addressed = Notice.objects.filter(state="unaddressed", recipient_kind="subscriber")
    assert Act.objects.filter(verb="notice.printed").count() == addressed.count()
    assert Read.objects.filter(what="letters", subject_id="S1").exists()
    assert client.post("/staff/letters/print/").status_code == 409
    assert "No letter waits" in text(client, "/staff/letters/")


def test_a_printed_letter_names_the_whole_address_of_the_page(town: World, settings: Settings) -> None:
    settings.AOR_URL = "https://broker.example.org"
    say.to_consumers("broker withdrew", ["S1"], about="test", now=world.NOW)
    pdf = town.client("officer").post("/staff/letters/print/").content
    said = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)
    for path in ("/find-a-broker/", "/my/broker/"):
        assert f"https://broker.example.org{path}" in said


def test_of_two_who_print_the_same_letters_one_does(town: World) -> None:
    say.to_consumers("broker chosen", ["S1"], about="test", now=world.NOW)
    first, second = letters.waiting(), letters.waiting()  # both have looked before either has printed
    assert first == second
    by = system("test")
    assert letters.took(first, by=by, now=world.NOW)
    say.to_consumers("broker chosen", ["S2"], about="later", now=world.NOW)
    assert not letters.took([*letters.waiting(), *second], by=by, now=world.NOW)
    assert Act.objects.filter(verb=letters.PRINTED).count() == len(first)
    assert [one.recipient_id for one in letters.waiting()] == ["S2"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_officers_at_the_same_moment_print_once(committed: None, home: Path) -> None:
    cache.clear()
    home.mkdir(exist_ok=True)
    town = world.make(home)
    say.to_consumers("broker chosen", ["S1"], about="test", now=world.NOW)
    officers = [town.client("officer"), town.client("lead")]
    start = Barrier(2)

    def prints(client: Client) -> int:
        start.wait()
        try:
            return client.post("/staff/letters/print/").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(prints, officers)) == [200, 409]
    printed = Act.objects.filter(verb=letters.PRINTED).values_list("subject_id", flat=True)
    assert len(printed) == len(set(printed)) >= 1


def test_a_guide_is_made_from_the_profile(town: World) -> None:
    said = text(town.client("auditor"), f"/staff/carriers/{NORTH_STAR}/guide/")
    assert "Usage (ISA15)" in said
    assert "INS" in said
    assert town.client("auditor").get("/staff/carriers/00000/guide/").status_code == 404


def test_renewals_of_a_broker(town: World) -> None:
    client = town.client("officer")
    assert "NPN of the broker" in text(client, "/staff/renewals/")
    assert "P1" in text(client, f"/staff/renewals/?npn={ANA}")
    assert "P1" not in text(client, f"/staff/renewals/?npn={ANA}&renewal=lost").partition("Policy")[2]
    assert "There is a problem" in text(client, "/staff/renewals/?npn=1")


def test_parameters_and_metrics_are_there_to_read(town: World) -> None:
    assert "appointment days after" in text(town.client("auditor"), "/staff/parameters/")
    assert "Enrollments in force today" in text(town.client("auditor"), "/staff/metrics/")
