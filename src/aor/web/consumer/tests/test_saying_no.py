"""A broker who is to take over, and one who asks for past months: the consumer says no, in time and once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.builders import ANA, CRUZ
from tests.portal.world import NOW, World

from aor.acts import contacts
from aor.associations.models import Association
from aor.audit.models import Read
from aor.cases.models import Case, State
from aor.enrollments.models import Enrollment
from aor.notices import languages
from aor.notices.models import Notice
from aor.policy.retro import Outcome
from aor.retro import operations as retro
from aor.retro import rulings
from aor.retro.models import Objection
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of
from aor.transfers import entering
from aor.transfers import operations as transfers
from aor.transfers.models import Step
from aor.web.consumer.tests.pages import send, words
from aor.web.staff import letters
from aor.web.staff.tests import desk

pytestmark = pytest.mark.django_db
OFFICER = Actor(Role.OFFICER, "ola")
CONSUMER = Actor(Role.CONSUMER, "test")
NO = "/my/broker/taking-over/"
PAST = "/my/broker/past-months/"
CHECKED = ["name", "birth date", "address"]


def the_day() -> date:
    first = day_of(NOW) + timedelta(days=45)
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1)


@pytest.fixture
def announced(town: World) -> str:
    """Ana gives her work to Cruz: S1 is written to, in Spanish and by letter, for no mail address is held."""
    contacts.set_language(subscriber_id="S1", language="es", by=CONSUMER, now=NOW)
    broker = Actor(Role.BROKER, "cruz", CRUZ)
    decision, number = transfers.ask(from_npn=ANA, to_npn=CRUZ, on=the_day(), by=broker, now=NOW)
    assert decision.granted, decision.unmet
    transfers.add_evidence(number, content=b"%PDF", name="a.pdf", media_type="application/pdf", by=broker, now=NOW)
    assert transfers.approve(number, version=1, by=OFFICER, now=NOW).granted
    return number


def steps(number: str) -> list[str]:
    return list(Step.objects.filter(household__transfer__case__number=number).values_list("kind", flat=True))


def test_from_my_broker_the_consumer_says_no_and_stays_on_the_day(town: World, announced: str) -> None:
    client = town.client("consumer")
    client.cookies["django_language"] = "en-us"
    assert "Your broker will change" in words(client.get("/my/broker/"))
    said = words(client.get(NO))
    for part in ("Cruz Broker", CRUZ, "Ana Broker", "You can say no until"):
        assert part in said
    assert Read.objects.filter(what="change of broker", subject_id="S1").exists()
    done = send(client, NO)
    assert done.headers["Location"] == "/my/broker/done/staying/"
    assert "You said no to the new broker" in words(client.get("/my/broker/done/staying/"))
    assert steps(announced) == ["opted out"]
    assert client.get(NO).status_code == 410
    assert "Your broker will change" not in words(client.get("/my/broker/"))
    on_the_day = NOW + (the_day() - day_of(NOW)) + timedelta(hours=1)
    assert entering.due(now=on_the_day) == 0
    assert not Association.objects.filter(path="transferred").exists()


def test_another_household_finds_nothing_to_say_no_to(town: World, announced: str) -> None:
    client = town.client("other consumer")
    assert client.get(NO).status_code == 410
    assert client.post(NO, {"version": "none", "submission": "x"}).status_code in (409, 410)
    assert steps(announced) == []


def test_the_letter_is_in_the_readers_language_and_says_how_to_say_no_by_telephone(
    town: World, announced: str
) -> None:
    notice = Notice.objects.get(kind="transfer announced", recipient_id="S1")
    assert (notice.state, "/my/broker/taking-over/" in notice.body) == ("unaddressed", True)
    (letter,) = letters.letters_of([notice])
    assert (letter.language, letter.offer_language) == ("es", "es")
    assert letter.offer == languages.known("es").interpreter
    assert any("1-855-366-7873" in part for part in letter.paragraphs)
    assert letter.offer not in letter.paragraphs


def test_a_caller_says_no_only_after_three_identifiers_fit(town: World, announced: str) -> None:
    client = town.client("officer")
    assert client.get("/staff/caller/says-no/").headers["Location"] == "/staff/caller/"
    desk.send(client, "/staff/caller/", kind="consumer", number="S1", identity=CHECKED, purpose="says no")
    assert "The caller says no" in words(client.get("/staff/caller/told/"))
    assert "Cruz Broker" in words(client.get("/staff/caller/says-no/"))
    done = send(client, "/staff/caller/says-no/").headers["Location"]
    assert "does not go along" in words(client.get(done))
    assert steps(announced) == ["opted out"]
    assert client.get("/staff/caller/says-no/").status_code == 410


def identify(number: str) -> None:
    """What the broker wrote fits nobody, so an officer says that it is S1's coverage."""
    retro.identify(number, enrollment=Enrollment.objects.get(policy_id="P1").pk, by=OFFICER, now=NOW)


def test_the_consumer_objects_to_a_request_for_past_months_once(town: World) -> None:
    client, number = town.client("consumer"), str(town.ours["retro"])
    identify(number)
    assert Notice.objects.filter(kind="past months asked", recipient_id="S1").count() == 1
    said = words(client.get(PAST))
    assert ("Ana Broker" in said, "I object" in said) == (True, True)
    done = send(client, PAST)
    assert done.headers["Location"] == PAST + "done/"
    assert number in words(client.get(PAST + "done/"))
    assert Objection.objects.filter(request__case__number=number).count() == 1
    said = words(client.get(PAST))
    assert ("I object" in said, "You objected on" in said) == (False, True)


def test_an_objection_after_an_approval_is_heard_by_another_officer(town: World) -> None:
    client, number = town.client("consumer"), str(town.ours["retro"])
    identify(number)
    rulings.decide(number, version=1, outcome=Outcome.DENIED, because="no", by=OFFICER, now=NOW)
    assert "Not granted" in words(client.get(PAST))
    send(client, PAST)
    assert Case.objects.get(number=number).state == State.ESCALATED


def test_nobody_objects_to_a_request_about_another(town: World) -> None:
    client = town.client("other consumer")
    sent = client.post(PAST, {"number": str(town.ours["retro"]), "submission": "x"})
    assert sent.status_code == 410
    assert client.get(PAST + "done/").status_code == 404
    assert not Objection.objects.exists()
