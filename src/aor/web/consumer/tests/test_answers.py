"""Invitations answered: a code or the account, yes or no, and who it was not sent to finds nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from tests.builders import ANA, CRUZ
from tests.portal.world import NOW, World

from aor.acts import associate, invite
from aor.associations.models import Association, Invitation, InvitationStep, WrongCode
from aor.terms.actor import Actor, Role
from aor.terms.period import ZONE
from aor.web.consumer.tests.pages import hidden, send, words

pytestmark = pytest.mark.django_db
BROKER = Actor(Role.BROKER, "account 1", CRUZ)


@pytest.fixture
def asked(town: World) -> tuple[int, str]:
    """Cruz asks S1, who is Ana's: the invitation and its code."""
    _decision, code = associate.invite(
        subscriber_id="S1", npn=CRUZ, contact="k@home.example.org", by=BROKER, now=NOW - timedelta(hours=1)
    )
    return Invitation.objects.latest("id").id, code


def opened(client: Client, code: str) -> str:
    answer = client.post("/invitation/", {"code": code}, follow=True)
    return words(answer)


def test_a_code_shows_name_agency_and_npn_and_no_more(town: World, asked: tuple[int, str]) -> None:
    code = asked[1]
    said = opened(town.client(None), f" {code[:4].lower()}-{code[4:]} ")
    for part in ("Cruz Broker", "8000002", CRUZ, "You may answer until"):
        assert part in said
    assert "Ana" not in said


def test_wrong_codes_say_the_same_and_are_stopped(town: World, asked: tuple[int, str]) -> None:
    visitor = town.client(None)
    assert "This code is not right" in opened(visitor, "XXXXXXXX")
    for _ in range(9):
        opened(visitor, "YYYYYYYY")
    late = visitor.post("/invitation/", {"code": asked[1]})
    assert late.status_code == 429
    assert WrongCode.objects.count() == 10
    assert "127.0.0.1" not in WrongCode.objects.values_list("who", flat=True)


def test_a_yes_is_the_right_persons_and_ends_the_invitation(town: World, asked: tuple[int, str]) -> None:
    url, consumer = f"/my/invitations/{asked[0]}/", town.client("consumer")
    assert town.client("other consumer").get(url).status_code == 404
    assert "Yes or no" in words(consumer.get("/my/broker/"))
    said = words(consumer.get(url))
    for part in (
        "Cruz Broker",
        "8000002",
        CRUZ,
        "Can see your data Cruz Broker",
        "Changes on",
        "asks to be your broker",
    ):
        assert part in said
    assert send(consumer, url, agree="on").headers["Location"] == "/my/broker/done/confirmed/"
    kept = Association.objects.get(subscriber_id="S1", npn=CRUZ)
    assert (kept.path, kept.consent and kept.consent.act) == ("invited", "code confirmed")
    used = consumer.get(url)
    assert used.status_code == 410
    assert "answered with yes already" in words(used)
    assert town.client(None).post("/invitation/", {"code": asked[1]}).status_code == 410


def test_two_people_who_say_yes_at_once_make_one_association(town: World, asked: tuple[int, str]) -> None:
    url, consumer = f"/my/invitations/{asked[0]}/", town.client("consumer")
    mine, theirs = hidden(consumer.get(url)), hidden(consumer.get(url))
    assert consumer.post(url, {**theirs, "agree": "on"}).status_code == 302
    late = consumer.post(url, {**mine, "agree": "on"})
    assert late.status_code == 409
    assert "Your broker is now Cruz Broker" in words(late)
    assert "you said yes" in words(late)
    assert Association.objects.filter(subscriber_id="S1", npn=CRUZ).count() == 1


def test_a_no_changes_nothing_and_tells_the_broker_only_that(town: World, asked: tuple[int, str]) -> None:
    url, consumer = f"/my/invitations/{asked[0]}/no/", town.client("consumer")
    assert town.client("other consumer").get(url).status_code == 404
    done = consumer.get(send(consumer, url).headers["Location"])
    assert f"INV-{asked[0]}" in words(done)
    assert InvitationStep.objects.get(invitation=asked[0]).kind == "declined"
    assert not Association.objects.filter(subscriber_id="S1", npn=CRUZ).exists()
    assert "answered with no" in words(consumer.get(url))


def test_an_invitation_that_is_over_is_gone(town: World) -> None:
    _decision, code = associate.invite(
        subscriber_id="S1", npn=CRUZ, contact="k@home.example.org", by=BROKER, now=NOW - timedelta(days=15)
    )
    late = town.client(None).post("/invitation/", {"code": code})
    assert late.status_code == 410
    over = (NOW - timedelta(days=1)).astimezone(ZONE)
    assert f"This invitation ended on {over:%b}" in words(late)
    assert town.client("consumer").get(f"/my/invitations/{Invitation.objects.latest('id').id}/").status_code == 410


def test_who_has_locked_must_unlock_first(town: World, asked: tuple[int, str]) -> None:
    consumer = town.client("consumer")
    send(consumer, "/my/broker/lock/")
    locked = consumer.get(f"/my/invitations/{asked[0]}/")
    assert locked.status_code == 409
    assert "You have locked your broker" in words(locked)


def test_an_invitation_that_reached_nobody_is_nobodys(town: World) -> None:
    decision = invite.invite_by_name(
        npn=ANA, first_name="No", last_name="Body", birth_date=NOW.date(), by=BROKER, now=NOW
    )
    assert decision.granted
    nobodys = Invitation.objects.latest("id").id
    assert town.client("consumer").get(f"/my/invitations/{nobodys}/").status_code == 404


def test_without_a_code_there_is_no_broker_to_see(town: World) -> None:
    assert town.client(None).get("/invitation/broker/").headers["Location"] == "/invitation/"
