"""No notice is lost, none is said twice on purpose, and every one ends where somebody can see it."""

from __future__ import annotations

import dataclasses
import random
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import Settings

from aor.gateways.secure_mail import Courier, Mail
from aor.gateways.tests import smtp_server
from aor.notices import operations as notices
from aor.notices import queries
from aor.notices.models import Attempt, Notice, State

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def relay(settings: Settings) -> Iterator[smtp_server.Relay]:
    with smtp_server.relaying() as relay:
        settings.MAILERS = relay.mailers
        settings.AOR_MAIL_FROM = "no-reply@marketplace.example"
        yield relay


def message(npn: str, address: str | None = None) -> notices.Message:
    return notices.Message(
        kind="report",
        recipient_kind="broker",
        recipient_id=npn,
        address=f"{npn}@broker.example" if address is None else address,
        subject="A report is waiting",
        body="Sign in to fetch it.\n",
        dedupe_key=f"report/2026-10/{npn}",
    )


def deliver(now: datetime = NOON, *, limit: int = 500) -> notices.Delivery:
    with Courier() as courier:
        return notices.deliver(courier=courier, now=now, limit=limit)


def test_what_is_queued_twice_is_said_once(relay: smtp_server.Relay) -> None:
    notices.queue([message("1"), message("2"), message("1")], now=NOON)
    notices.queue([dataclasses.replace(message("2"), subject="Other words"), message("3")], now=NOON + MINUTE)
    assert deliver(NOON + MINUTE) == notices.Delivery(relayed=3)
    assert deliver(NOON + MINUTE) == notices.Delivery()
    assert [mail["To"] for mail in relay.taken] == [f"{npn}@broker.example" for npn in "123"]
    assert {mail["Subject"] for mail in relay.taken} == {"A report is waiting"}
    assert len({mail["Message-ID"] for mail in relay.taken}) == 3
    assert not queries.undelivered()


def test_whoever_is_to_sign_in_is_told_where(settings: Settings) -> None:
    settings.AOR_URL = "https://broker.example.org"
    told = dataclasses.replace(message("2"), body="Sign in: https://broker.example.org/messages/")
    notices.queue([message("1"), told], now=NOON)
    bodies = list(Notice.objects.order_by("recipient_id").values_list("body", flat=True))
    assert bodies == ["Sign in to fetch it.\n\nhttps://broker.example.org/", told.body]


def test_a_rolled_back_act_says_nothing(relay: smtp_server.Relay) -> None:
    with transaction.atomic():
        notices.queue([message("1")], now=NOON)
        transaction.set_rollback(True)
    assert deliver() == notices.Delivery()


def test_without_an_address_it_is_listed(relay: smtp_server.Relay) -> None:
    notices.queue([message("1", address=""), message("2")], now=NOON)
    assert deliver().relayed == 1
    [told] = queries.undelivered(kind="report")
    assert (told.recipient_id, told.state) == ("1", State.UNADDRESSED)
    assert queries.undelivered(kind="other") == []


def test_what_bounces_is_listed_and_not_tried_again(relay: smtp_server.Relay) -> None:
    relay.at_recipient["1@broker.example"] = "550 no such mailbox"
    notices.queue([message("1")], now=NOON)
    assert deliver() == notices.Delivery(bounced=1)
    assert deliver(NOON + timedelta(days=1)).tried == 0
    [told] = queries.undelivered()
    assert (told.recipient_id, told.state, told.words) == ("1", State.BOUNCED, "550 no such mailbox")


def test_it_is_tried_again_ever_more_rarely_for_72_hours_and_then_given_up(relay: smtp_server.Relay) -> None:
    relay.at_recipient["1@broker.example"] = "450 greylisted"
    notices.queue([message("1")], now=NOON)
    tries, now = [], NOON
    while now <= NOON + timedelta(hours=100):
        delivery = deliver(now)
        if delivery.tried:
            tries.append((now - NOON) // MINUTE)
            last = delivery
        now += 5 * MINUTE
    assert tries == [0, 5, 15, 35, 75, 155, 315, 635, 1275, 2555, 72 * 60]
    assert last == notices.Delivery(failed=1)
    [told] = queries.undelivered()
    assert (told.state, told.words) == (State.FAILED, "450 greylisted")
    assert Attempt.objects.count() == len(tries)


def test_after_a_long_outage_of_ours_it_is_not_given_up_at_the_first_try(relay: smtp_server.Relay) -> None:
    relay.at_recipient["1@broker.example"] = "450 greylisted"
    notices.queue([message("1")], now=NOON)
    assert deliver(NOON + timedelta(days=5)) == notices.Delivery(postponed=1)


def test_a_relay_that_is_down_is_left_alone(settings: Settings) -> None:
    with smtp_server.relaying() as gone:
        settings.MAILERS = gone.mailers
    notices.queue([message(str(i)) for i in range(50)], now=NOON)
    assert deliver() == notices.Delivery(postponed=notices.DOWN_AFTER)
    assert Attempt.objects.count() == notices.DOWN_AFTER
    assert Notice.objects.filter(next_try_at=NOON).count() == 45


def test_only_so_many_as_asked_for_are_tried(relay: smtp_server.Relay) -> None:
    notices.queue([message(str(i)) for i in range(50)], now=NOON)
    assert deliver(limit=25) == notices.Delivery(relayed=25)
    assert Notice.objects.filter(state=State.QUEUED, next_try_at=NOON).count() == 25


def test_of_very_many_none_is_lost_whatever_the_relay_does(relay: smtp_server.Relay) -> None:
    chance = random.Random(11)
    fates = [chance.choice(["well", "well", "gone", "refused", "busy", "dies"]) for _ in range(300)]
    for i, fate in enumerate(fates):
        address = f"{i}@broker.example"
        match fate:
            case "gone":
                relay.at_recipient[address] = "550 gone"
            case "refused":
                relay.at_data[address] = "554 refused"
            case "busy":
                relay.at_recipient[address] = "421 busy"
            case "dies":
                relay.dies.add(address)
    notices.queue((message(str(i)) for i in range(300)), now=NOON)
    for hour in range(6):
        while deliver(NOON + timedelta(hours=hour)).tried:
            pass
        relay.dies.clear()
    states = dict(Notice.objects.values_list("recipient_id", "state"))
    expected = {"well": "relayed", "gone": "bounced", "refused": "bounced", "busy": "queued", "dies": "relayed"}
    assert [states[str(i)] for i in range(300)] == [expected[fate] for fate in fates]
    times_taken = Counter(str(mail["To"]).partition("@")[0] for mail in relay.taken)
    identifiers = {(mail["To"], mail["Message-ID"]) for mail in relay.taken}
    assert len(identifiers) == len(times_taken)
    assert [times_taken[str(i)] for i, fate in enumerate(fates) if fate == "well"] == [1] * fates.count("well")
    assert {times_taken[str(i)] for i, fate in enumerate(fates) if fate == "dies"} == {2}


class DiesBeforeRecording(Courier):
    def send(self, mail: Mail) -> None:
        super().send(mail)
        raise SystemExit


def test_a_crash_after_the_relay_took_it_repeats_that_one_alone(relay: smtp_server.Relay) -> None:
    notices.queue([message("1"), message("2")], now=NOON)
    with DiesBeforeRecording() as courier, pytest.raises(SystemExit):
        notices.deliver(courier=courier, now=NOON)
    assert deliver(NOON + MINUTE).tried == 0
    assert deliver(NOON + notices.LEASE) == notices.Delivery(relayed=2)
    assert [mail["To"][0] for mail in relay.taken] == ["1", "1", "2"]
    first, again, _ = relay.taken
    assert first.as_bytes() == again.as_bytes()


@pytest.mark.usefixtures("committed")
def test_two_that_deliver_at_once_say_nothing_twice(relay: smtp_server.Relay) -> None:
    if connection.vendor != "postgresql":  # SQLite's claims wait for each other: it has one writer
        return
    notices.queue([message(str(i)) for i in range(100)], now=NOON)
    done: list[int] = []

    def deliver_and_count() -> None:
        try:
            done.append(deliver().relayed)
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver_and_count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(done) == 100
    assert min(done) > 0
    assert len({mail["To"] for mail in relay.taken}) == len(relay.taken) == 100


def test_a_recipients_notices_are_told_in_order(relay: smtp_server.Relay) -> None:
    later = dataclasses.replace(message("1"), kind="bounce", dedupe_key="other")
    notices.queue([later], now=NOON + MINUTE)
    notices.queue([message("1"), message("2")], now=NOON)
    told = queries.told("broker", "1")
    assert [(one.kind, one.state, one.next_try_at) for one in told] == [
        ("report", State.QUEUED, NOON),
        ("bounce", State.QUEUED, NOON + MINUTE),
    ]


def test_words_never_change_and_attempts_neither(relay: smtp_server.Relay) -> None:
    notices.queue([message("1")], now=NOON)
    deliver()
    for table, changes in ((Notice, {"subject": "Other words"}), (Attempt, {"words": "other"})):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            table.objects.update(**changes)


def test_the_database_refuses_a_notice_that_nobody_would_try(relay: smtp_server.Relay) -> None:
    notices.queue([message("1")], now=NOON)
    for change in ({"next_try_at": None}, {"state": State.RELAYED}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.update(**change)
