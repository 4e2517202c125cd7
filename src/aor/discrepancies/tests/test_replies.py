"""A mail with names in it keeps its place in the queue, is answered with how to send safely, and is never quoted."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings
from tests.builders import ANA, broker

from aor.audit.models import Act, Read
from aor.cases import queries as cases
from aor.cases.models import Case
from aor.cases.operations import Refused
from aor.discrepancies import replies
from aor.discrepancies.models import Reply
from aor.gateways.secure_mail import Courier
from aor.gateways.tests import smtp_server
from aor.notices import operations as notices
from aor.notices.models import Notice
from aor.terms.actor import Actor, Role

NOON = datetime(2026, 2, 10, 18, tzinfo=UTC)
OLA = Actor(Role.OFFICER, "ola")
BODY = "Kaying Vang, born 1984-05-02, SSN 123-45-6789, is my client."


def mail(body: str = BODY, sender: str = "Ana <ANA@example.org>", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "brokers@marketplace.example", "Re: report"
    message["Message-ID"] = "<1@example.org>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    message.add_attachment(b"Kaying,Vang", maintype="text", subtype="csv", filename="kaying.csv")
    return message.as_bytes()


@pytest.mark.django_db
def test_it_keeps_its_place_and_is_answered_without_a_word_of_it() -> None:
    broker(ANA, email="ana@example.org")
    receipt = replies.receive_reply(replies.read(mail()), now=NOON)
    (row,) = Case.objects.all()
    assert (row.number, cases.place(row), row.opened_npn) == (receipt, 1, ANA)
    (notice,) = Notice.objects.all()
    assert notice.address == "ANA@example.org"
    assert not any(word in notice.subject + notice.body for word in ("Kaying", "Vang", "1984", "report"))
    assert "6789" not in Reply.objects.get().body
    assert not Act.objects.filter(details__icontains="vang").exists()
    assert Reply.objects.get().attachments == 1


@pytest.mark.django_db
def test_the_same_mail_twice_is_one_case_and_a_second_one_the_same_day_is_not_answered_again() -> None:
    first = replies.receive_reply(replies.read(mail()), now=NOON)
    assert replies.receive_reply(replies.read(mail()), now=NOON) == first
    other = replies.read(mail().replace(b"<1@example.org>", b"<2@example.org>"))
    assert replies.receive_reply(other, now=NOON) != first
    assert Notice.objects.count() == 1
    assert Case.objects.count() == 2


@pytest.mark.django_db
def test_the_answer_that_goes_over_the_wire_quotes_nothing(settings: Settings) -> None:
    with smtp_server.relaying() as relay:
        settings.MAILERS = relay.mailers
        settings.AOR_MAIL_FROM = "no-reply@marketplace.example"
        replies.receive_reply(replies.read(mail()), now=NOON)
        with Courier() as courier:
            assert notices.deliver(courier=courier, now=NOON).relayed == 1
        (answer,) = relay.taken
    text = answer.as_string()
    assert answer["To"] == "ANA@example.org"
    assert "never send the name of a consumer" in text
    assert not any(word in text for word in ("Kaying", "Vang", "1984", "6789", "Re: report"))


@pytest.mark.django_db
def test_automatic_mails_are_kept_and_never_answered() -> None:
    replies.receive_reply(replies.read(mail(Auto_Submitted="auto-replied")), now=NOON)
    assert Reply.objects.count() == 1
    assert not Notice.objects.exists()


@pytest.mark.django_db
def test_only_an_officer_opens_it_and_that_is_recorded() -> None:
    receipt = replies.receive_reply(replies.read(mail()), now=NOON)
    with pytest.raises(Refused, match="there is no mail"):
        replies.open_reply(receipt, by=Actor(Role.BROKER, "ana", ANA), now=NOON)
    assert "Kaying Vang" in replies.open_reply(receipt, by=OLA, now=NOON).body
    assert Read.objects.filter(subject_id=receipt, what="quarantined mail").count() == 1


def test_html_is_read_as_text() -> None:
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("<style>p{}</style><p>K &amp; V</p><script>x()</script>", subtype="html")
    assert replies.read(message.as_bytes()).body.split() == ["K", "&", "V"]


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"Subject: x\n\nhello", b"From: nobody\n\nhello"])
def test_what_is_no_mail_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(replies.NotAMail, match="from whom"):
        replies.read(content)


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "x-unknown", "base64", "\udcff"]))
def test_any_bytes_are_a_mail_or_a_sentence(body: bytes, charset: str) -> None:
    head = f"From: a@b.example\nContent-Type: text/plain; charset={charset}\n\n".encode(errors="replace")
    for content in (body, head + body):
        with contextlib.suppress(replies.NotAMail):
            assert "@" in replies.read(content).sender
