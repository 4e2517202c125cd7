"""A mail is relayed, refused for good, or to be tried later: a real relay says which."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pytest_django.fixtures import Settings

from aor.gateways.outcomes import Bounced, Retryable
from aor.gateways.secure_mail import Courier, Mail
from aor.gateways.tests import smtp_server

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def relay(settings: Settings) -> Iterator[smtp_server.Relay]:
    with smtp_server.relaying() as relay:
        settings.MAILERS = relay.mailers
        yield relay


def mail(to: str = "ann@broker.example") -> Mail:
    return Mail(
        sender="no-reply@marketplace.example",
        to=to,
        subject="A report is waiting – sign in",
        body="The report of 2026-10 is waiting.\n",
        message_id=f"report.2026-10.{to}",
        at=NOON,
    )


def test_a_mail_arrives_as_it_was_told(relay: smtp_server.Relay) -> None:
    with Courier() as courier:
        courier.send(mail())
        courier.send(mail("bob@broker.example"))
    first, second = relay.taken
    assert (first["To"], second["To"]) == ("ann@broker.example", "bob@broker.example")
    assert first["Message-ID"] == "<report.2026-10.ann@broker.example>"
    assert first["Subject"] == "A report is waiting – sign in"
    assert first["Date"].datetime == NOON
    assert first.get_content() == "The report of 2026-10 is waiting.\r\n"


@pytest.mark.parametrize("where", ["at_recipient", "at_data"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 no such mailbox", Bounced),
        ("554 5.7.1 refused", Bounced),
        ("450 busy", Retryable),
        ("421 closing", Retryable),
        ("452 full", Retryable),
    ],
)
def test_what_the_relay_answers_decides(
    relay: smtp_server.Relay, where: str, answer: str, outcome: type[Exception]
) -> None:
    getattr(relay, where)["gone@broker.example"] = answer
    with Courier() as courier:
        with pytest.raises(outcome, match=answer[:3]):
            courier.send(mail("gone@broker.example"))
        courier.send(mail())  # the next one is none the worse for it
    assert [message["To"] for message in relay.taken] == ["ann@broker.example"]


def test_a_relay_that_refuses_us_has_not_refused_the_recipient(relay: smtp_server.Relay) -> None:
    relay.at_sender = "550 who are you"
    with Courier() as courier, pytest.raises(Retryable, match="550"):
        courier.send(mail())


def test_a_relay_that_speaks_in_the_clear_gets_no_mail(relay: smtp_server.Relay, settings: Settings) -> None:
    settings.MAILERS["default"]["OPTIONS"]["use_tls"] = True  # as our settings have it
    with Courier() as courier, pytest.raises(Retryable, match="STARTTLS"):
        courier.send(mail())
    assert relay.taken == []


def test_a_relay_that_dies_after_the_mail_is_asked_again(relay: smtp_server.Relay) -> None:
    relay.dies.add("ann@broker.example")
    with Courier() as courier:
        with pytest.raises(Retryable):
            courier.send(mail())
        relay.dies.clear()
        courier.send(mail())
    assert [message["Message-ID"] for message in relay.taken] == [f"<{mail().message_id}>"] * 2


def test_a_relay_that_is_down_is_tried_later(settings: Settings) -> None:
    with smtp_server.relaying() as gone:
        settings.MAILERS = gone.mailers
    with Courier() as courier, pytest.raises(Retryable, match="the relay"):
        courier.send(mail())


@pytest.mark.parametrize(
    "address", ["", "nobody", "two@x.example, three@x.example", "x@y.example\nBcc: z@y.example", "é@x.example", "@"]
)
def test_what_is_no_address_bounces_without_being_sent(relay: smtp_server.Relay, address: str) -> None:
    with Courier() as courier, pytest.raises(Bounced):
        courier.send(mail(address))
    assert not relay.taken
