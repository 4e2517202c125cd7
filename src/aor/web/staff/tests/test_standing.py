"""A standing is changed after a preview, once, and by two where many households are touched."""

from __future__ import annotations

import pytest
from tests.builders import ANA, BEN
from tests.portal import world
from tests.portal.world import World

from aor.audit.models import Act
from aor.brokers import queries as brokers
from aor.terms.period import ONE_DAY, day_of
from aor.web.staff import standing
from aor.web.staff.tests.desk import hidden, send, text

pytestmark = pytest.mark.django_db


def page(act: str, npn: str = ANA) -> str:
    return f"/staff/brokers/{npn}/{act}/"


def test_a_suspension_is_shown_before_it_is_done_and_then_undone(town: World) -> None:
    client = town.client("officer")
    said = text(client, page("suspend"))
    assert "Consumers whom the broker sees today 1" in said
    assert brokers.suspended_since(ANA) is None
    done = send(client, page("suspend"), because="asked by the department")
    assert done.headers["Location"] == page("suspend") + "done/"
    assert "J-" in text(client, page("suspend") + "done/")
    assert brokers.suspended_since(ANA) is not None
    assert town.client("Ana").get(f"/broker/clients/{town.ours['enrollment']}/").status_code == 404
    send(client, page("restore"), because="over")
    assert brokers.suspended_since(ANA) is None


def test_what_cannot_be_done_says_why(town: World) -> None:
    client = town.client("officer")
    assert "This cannot be done now." in text(client, page("restore"))
    assert send(client, page("restore"), because="x").status_code == 200
    assert client.get(page("dance")).status_code == 404
    assert send(client, page("suspend")).status_code == 200  # no reason given
    assert brokers.suspended_since(ANA) is None


def test_a_page_that_is_stale_says_who_was_first(town: World) -> None:
    officer, lead = town.client("officer"), town.client("lead")
    seen = hidden(officer, page("suspend"))
    send(lead, page("suspend"), because="first")
    late = officer.post(page("suspend"), {**seen, "because": "second"})
    assert late.status_code == 409
    assert "In the meantime lead made a change: broker.suspended." in late.content.decode()
    assert Act.objects.filter(verb="broker.suspended").count() == 1


def test_a_form_sent_twice_is_one_act(town: World) -> None:
    client = town.client("officer")
    form = {**hidden(client, page("suspend")), "because": "once"}
    first, again = client.post(page("suspend"), form), client.post(page("suspend"), form)
    assert first.headers["Location"] == again.headers["Location"]
    assert Act.objects.filter(verb__startswith="broker.suspended").count() == 1


def test_a_death_is_recorded_on_its_day_and_the_households_are_listed(town: World) -> None:
    client, today = town.client("officer"), day_of(world.NOW)
    assert "Agents of record that move 1" in text(client, page("died"))
    assert "This day is to come." in send(client, page("died"), on=today + ONE_DAY).content.decode()
    done = send(client, page("died"), on=today)
    assert done.headers["Location"] == page("died") + "done/"
    assert f"/staff/transfers/gone/{ANA}/" in client.get(page("died") + "done/").content.decode()
    assert "Households without a broker: 1" in text(client, f"/staff/transfers/gone/{ANA}/")
    assert ANA in text(client, "/staff/transfers/gone/")


def test_few_households_need_one_officer(town: World) -> None:
    send(town.client("officer"), page("decertify", BEN), because="left the state")
    assert not brokers.standings([BEN])[BEN].certifications or brokers.held_certifications(BEN)[0].revoked_on


def test_many_households_need_a_lead_who_is_another(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "MASS", 1)
    lead, officer = town.client("lead"), town.client("officer")
    assert "A second officer must consent" in text(lead, page("decertify"))
    waits = send(lead, page("decertify"), because="fraud").headers["Location"]
    assert send(officer, page("decertify"), because="again").headers["Location"] == waits  # asked once
    waits = request_of(waits)
    assert _revoked() is False
    assert officer.post(waits, {**hidden_of(town, waits), "word": "consented"}).status_code == 400
    own = lead.post(waits, {**hidden_of(town, waits), "word": "consented"})
    assert "another lead must consent" in own.content.decode()
    assert _revoked() is False
    send(town.client("second lead"), waits, word="consented")
    assert _revoked() is True
    assert "Nothing waits" in text(officer, "/staff/second/")


def test_without_the_second_consent_nothing_happens(town: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "MASS", 1)
    waits = send(town.client("officer"), page("decertify"), because="fraud").headers["Location"]
    send(town.client("lead"), request_of(waits), word="refused")
    assert _revoked() is False


def request_of(receipt: str) -> str:
    return receipt.removesuffix("asked/")


def hidden_of(town: World, url: str) -> dict[str, str]:
    return hidden(town.client("second lead"), url)


def _revoked() -> bool:
    return all(one.revoked_on is not None for one in brokers.held_certifications(ANA))
