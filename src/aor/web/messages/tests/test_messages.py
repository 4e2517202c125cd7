"""Messages between the parties: who may write to whom, and that a mail never says what was written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.portal import world
from tests.portal.world import MARK, World

from aor.cases.models import Message
from aor.discrepancies.models import Claim
from aor.discrepancies.tests.market import NOBODY, row, table
from aor.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(home: Path) -> World:
    home.mkdir(exist_ok=True)
    return world.make(home)


def form_of(client: Client, url: str) -> dict[str, str]:
    page = client.get(url).content.decode()
    token = re.search(r'name="submission" value="([^"]+)"', page)
    assert token is not None, page
    return {"submission": token[1]}


def write(client: Client, **words: str) -> str:
    answer = client.post("/messages/new/", {**form_of(client, "/messages/new/"), "topic": "OTHER", **words})
    assert answer.status_code == 302, answer.content.decode()
    receipt = answer.headers["Location"]
    assert "Your message was sent" in client.get(receipt).content.decode()
    return receipt.removesuffix("sent/")


def test_a_consumer_writes_to_their_broker_and_is_answered(town: World) -> None:
    consumer, ana = town.client("consumer"), town.client("Ana")
    url = write(consumer, to="broker", body=f"When does it start? {MARK}")
    assert "When does it start?" in ana.get(url).content.decode()
    ana.post(url, {**form_of(ana, url), "body": "On the first."})
    assert "On the first." in consumer.get(url).content.decode()
    waiting = Notice.objects.filter(kind="message waiting")
    assert {one.recipient_kind for one in waiting} == {"broker", "subscriber"}
    assert not any("start" in one.body or MARK in one.body for one in waiting)


def test_another_broker_does_not_find_it(town: World) -> None:
    url = write(town.client("consumer"), to="broker", body="Hello")
    assert town.client("Cruz").get(url).status_code == 404
    assert town.client("other consumer").get(url).status_code == 404
    assert town.client("other consumer").get(f"{url}sent/").status_code == 404
    assert town.client("officer").get(url).status_code == 404


def test_the_team_writes_to_a_broker(town: World) -> None:
    url = write(town.client("officer"), npn="7000001", body="Please call us.")
    assert "Please call us." in town.client("Ana").get(url).content.decode()
    assert "Please call us." not in town.client("Ana").get("/messages/").content.decode()


def test_sent_twice_is_written_once(town: World) -> None:
    client = town.client("Ana")
    form = {**form_of(client, "/messages/new/"), "to": "team", "topic": "OTHER", "body": "Once."}
    first, second = client.post("/messages/new/", form), client.post("/messages/new/", form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Message.objects.filter(body__contains="Once.").count() == 1


def test_a_list_asks_no_more_when_there_is_more(town: World) -> None:
    client = town.client("Ana")

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get("/messages/")
        return len(asked)

    client.get("/messages/")
    few = queries()
    for number in range(12):
        write(client, to="team", body=f"Number {number}")
    assert queries() == few


@pytest.mark.parametrize("topic", ["COPY", "CORRECTION"])
def test_what_a_person_asks_of_their_data_goes_to_the_team_and_is_answered(town: World, topic: str) -> None:
    consumer, officer = town.client("consumer"), town.client("officer")
    assert f"?topic={topic}" in consumer.get("/my/broker/").content.decode()
    assert f'value="{topic}" selected' in consumer.get(f"/messages/new/?topic={topic}").content.decode()
    url = write(consumer, to="broker", topic=topic, body="My birth date is wrong.")
    assert town.client("Ana").get(url).status_code == 404
    assert "My birth date is wrong." in officer.get(url).content.decode()
    officer.post(url, {**form_of(officer, url), "body": "We have asked the eligibility office."})
    assert "We have asked" in consumer.get(url).content.decode()


def test_a_report_sent_back_with_a_message_gets_a_receipt_for_every_row(town: World) -> None:
    ana, before = town.client("Ana"), Claim.objects.count()
    words = {**form_of(ana, "/messages/new/"), "topic": "REPORT", "to": "team", "body": "Two are missing."}
    bad = SimpleUploadedFile("a.xlsx", b"PK nothing")
    assert "This file cannot be read" in ana.post("/messages/new/", {**words, "file": bad}).content.decode()
    assert (Claim.objects.count(), Message.objects.filter(body__contains="Two are missing").exists()) == (
        before,
        False,
    )
    file = SimpleUploadedFile("a.csv", table(row(NOBODY), row(NOBODY, first_name="Telemach")))
    answer = ana.post("/messages/new/", {**form_of(ana, "/messages/new/"), **words, "file": file})
    page = ana.get(answer.headers["Location"]).content.decode()
    assert len(set(re.findall(r"D-\d{4}-\d{6}", page))) == 2
    asked, told = Message.objects.order_by("pk").reverse()[1], Message.objects.latest("pk")
    assert "Two are missing." in asked.body
    assert "2 rows were taken in from your file" in told.body
    assert asked.case_id == told.case_id
    assert "file" not in town.client("consumer").get("/messages/new/").context["form"].fields


def test_no_social_security_number_is_kept_whoever_writes_it(town: World) -> None:
    write(town.client("consumer"), to="team", body="Mine is 123-45-6789, please call.")
    assert Message.objects.latest("pk").body.endswith("Mine is [number removed], please call.")
