"""A consumer without an account is helped on record, a caller is told what may be said, files go again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import BEN, CRUZ, NORTH_STAR
from tests.portal import world
from tests.portal.world import MARK, World

from aor.acts import associate
from aor.associations.models import Association
from aor.audit.models import Act, Read
from aor.terms.actor import system
from aor.transmissions import operations as transmissions
from aor.transmissions.models import Interchange
from aor.web.staff.tests.desk import hidden, send, text

pytestmark = pytest.mark.django_db
CHECKED = ["name", "birth date", "address"]
ASSIST = f"/staff/households/S1/broker/?npn={BEN}"


def assisted(**changed: object) -> dict[str, object]:
    return {"basis": "read back", "identity": CHECKED, "reference": "call 7", "agreed": "on", **changed}


def test_a_broker_is_recorded_for_a_consumer_with_the_text_that_was_read(town: World) -> None:
    client = town.client("officer")
    said = text(client, ASSIST)
    assert f"You ask us to make Ben Broker (8000001, NPN {BEN}) your broker." in said
    done = send(client, ASSIST, **assisted(interpreter="I-9"))
    assert "J-" in text(client, done.headers["Location"])
    made = Association.objects.get(npn=BEN, path="assisted")
    assert made.consent is not None
    assert (made.consent.act, made.consent.interpreter, made.consent.reference) == ("read back", "I-9", "call 7")
    assert f"NPN {BEN}" in made.consent.shown


@pytest.mark.parametrize("lack", [{"identity": CHECKED[:2]}, {"agreed": ""}, {"basis": ""}, {"reference": ""}])
def test_without_checks_or_consent_nothing_is_recorded(lack: dict[str, object], town: World) -> None:
    answer = send(town.client("officer"), ASSIST, **assisted(**lack))
    assert "There is a problem" in answer.content.decode()
    assert not Association.objects.filter(path="assisted").exists()


def test_a_text_that_changed_meanwhile_is_read_again(town: World) -> None:
    client = town.client("officer")
    seen = hidden(client, ASSIST)
    associate.end(subscriber_id="S1", by=system("test"), now=world.NOW)
    assert client.post(ASSIST, {**seen, **assisted()}).status_code == 409
    assert not Association.objects.filter(path="assisted").exists()


@pytest.mark.parametrize("npn", ["", "x", "99999999999", "1"])
def test_a_broker_must_be_on_the_roster(npn: str, town: World) -> None:
    answer = town.client("officer").get(f"/staff/households/S1/broker/?npn={npn}")
    assert b"There is a problem" in answer.content


def test_a_caller_is_told_after_three_identifiers_and_it_is_written_down(town: World) -> None:
    client = town.client("officer")
    assert client.get("/staff/caller/told/").headers["Location"] == "/staff/caller/"
    few = send(client, "/staff/caller/", kind="consumer", number="S1", identity=CHECKED[:2], purpose="who is it")
    assert "at least three" in few.content.decode()
    send(client, "/staff/caller/", kind="consumer", number="S1", identity=CHECKED, purpose="who is my broker")
    assert "Ana Broker" in text(client, "/staff/caller/told/")
    assert Read.objects.filter(subject_id="S1", purpose="who is my broker").exists()
    assert Act.objects.filter(verb="caller.identified", subject_id="S1").exists()


def test_a_calling_broker_hears_of_their_standing_and_of_no_consumer(town: World) -> None:
    client = town.client("officer")
    send(client, "/staff/caller/", kind="broker", number=CRUZ, identity=["license", *CHECKED], purpose="standing")
    said = text(client, "/staff/caller/told/")
    assert "Certified for plan year" in said
    assert MARK not in said
    unknown = send(client, "/staff/caller/", kind="broker", number="S1", identity=CHECKED, purpose="x")
    assert "Nobody is known under this number" in unknown.content.decode()


def test_a_file_without_answer_goes_again_and_keeps_its_number(town: World) -> None:
    later = world.NOW + timedelta(minutes=1)
    transmissions.send(by=system("test"), now=later, carrier=NORTH_STAR)
    one = Interchange.objects.get()
    client, url = town.client("officer"), f"/staff/transmissions/{one.pk}/again/"
    assert "Not answered" in text(client, f"/staff/transmissions/{one.pk}/")
    done = send(client, url).headers["Location"]
    assert Interchange.objects.count() == 2
    assert Interchange.objects.latest("pk").isa13 in text(client, done)
    refused = send(client, url)
    assert "the carrier was told again since" in refused.content.decode()
    assert Interchange.objects.count() == 2
    assert town.client("auditor").post(url).status_code == 403
