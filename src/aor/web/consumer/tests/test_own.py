"""My broker: seen, ended, taken back, locked, disowned; who looked; what was agreed; in which language."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.builders import ANA, CRUZ
from tests.portal import world
from tests.portal.world import NOW, World

from aor.accounts import operations as accounts
from aor.accounts.models import RoleName
from aor.acts import associate, settle
from aor.acts import queries as acts
from aor.acts.place import place_of
from aor.associations import operations as associations
from aor.associations.models import Association, Ending, Open
from aor.audit import operations as journal
from aor.audit.models import Read
from aor.consumers.models import Preference
from aor.policy.association import EndKind
from aor.terms.actor import Actor, Role
from aor.web.consumer.tests.pages import hidden, send, words

pytestmark = pytest.mark.django_db
ME = Actor(Role.CONSUMER, "test")


@pytest.fixture
def consumer(town: World) -> Client:
    return town.client("consumer")


def sees(npn: str) -> bool:
    return acts.may_see(npn=npn, subscriber_id="S1", now=NOW).granted


def test_the_dashboard_says_who_since_when_what_they_see_and_who_is_counted(consumer: Client) -> None:
    said = words(consumer.get("/my/broker/"))
    for part in (
        "Ana Broker", ANA, "Your broker since", "You chose this broker", "All your coverage",
        "Your names, birth dates", "Not locked", "P1 North Star Health", "I did not ask for this",
        "Take the last change back",
    ):  # fmt: skip
        assert part in said
    assert Read.objects.filter(subject_id="S1", what="my broker").exists()
    assert "P2" not in said


def test_ending_shows_both_dates_and_closes_access_at_once(consumer: Client) -> None:
    said = words(consumer.get("/my/broker/end/"))
    assert "Can no longer see your data Ana Broker (8000001, NPN 7000001), from" in said
    assert said.count("Ana Broker Nobody") == 1  # this year's policy stays when only next year is ended
    assert sees(ANA)
    done = consumer.get(send(consumer, "/my/broker/end/", scope="all").headers["Location"])
    assert "You have ended with your broker" in words(done)
    assert not sees(ANA)
    assert "You have no broker now" in words(consumer.get("/my/broker/"))
    assert consumer.get("/my/broker/end/").status_code == 410


def test_ending_from_the_next_plan_year_is_kept_so(consumer: Client) -> None:
    send(consumer, "/my/broker/end/", scope="next")
    assert Ending.objects.get().plan_year == NOW.year + 1


def test_ending_what_another_has_replaced_is_stale(consumer: Client, town: World) -> None:
    form = {**hidden(consumer.get("/my/broker/end/")), "scope": "all"}
    associate.designate(
        subscriber_id="S1", npn=CRUZ, consent=world.consent("designated"), second_factor=True, by=ME, now=NOW
    )
    late = consumer.post("/my/broker/end/", form)
    assert late.status_code == 409
    assert "Your broker is now Cruz Broker" in words(late)
    assert not Ending.objects.filter(kind=EndKind.ENDED).exists()


def test_undo_brings_the_earlier_broker_back_without_a_gap(consumer: Client) -> None:
    associate.designate(
        subscriber_id="S1", npn=CRUZ, consent=world.consent("designated"), second_factor=True, by=ME, now=NOW
    )
    assert "Your broker will be Ana Broker" in words(consumer.get("/my/broker/undo/"))
    done = consumer.get(send(consumer, "/my/broker/undo/").headers["Location"])
    assert "The change was taken back" in words(done)
    assert (sees(ANA), sees(CRUZ)) == (True, False)
    said = words(consumer.get("/my/broker/before/"))
    assert "Cruz Broker" in said
    assert "You took this choice back" in said


def another(town: World) -> Client:
    """A third consumer, S3, of whom the world knows nothing."""
    town.users["third"] = user = accounts.open_account(email="third@example.org", name="third", by=ME, now=NOW)
    accounts.grant(user, role=RoleName.CONSUMER, subject="S3", by=ME, now=NOW)
    return town.client("third")


def test_a_broker_who_took_over_sees_nothing_before_the_yes(town: World) -> None:
    associations.begin(
        subscriber_id="S3", npn=CRUZ, path="transferred", confirmed_at=NOW, consent=world.consent("letter"), now=NOW
    )
    place = place_of("S3", NOW)
    settle.household(place.household, around=place.around, cause="test", now=NOW)
    third = another(town)
    said = words(third.get("/my/broker/"))
    assert "This broker took over from your earlier broker" in said
    assert "Nothing, until you say yes" in said
    done = third.get(send(third, "/my/broker/taken-over/", agree="on").headers["Location"])
    assert "Your broker may see your data now" in words(done)
    assert acts.may_see(npn=CRUZ, subscriber_id="S3", now=NOW).granted
    assert third.get("/my/broker/taken-over/").status_code == 410


def test_undo_is_over_after_thirty_days(town: World) -> None:
    earlier = NOW - timedelta(days=40)
    associate.designate(
        subscriber_id="S3", npn=CRUZ, consent=world.consent("designated"), second_factor=True, by=ME, now=earlier
    )
    third = another(town)
    assert "Take the last change back" not in words(third.get("/my/broker/"))
    late = send(third, "/my/broker/undo/")
    assert late.status_code == 410
    assert "can no longer be taken back" in words(late)


def test_when_the_new_broker_says_no_the_earlier_one_may_come_back(consumer: Client) -> None:
    associate.designate(
        subscriber_id="S1", npn=CRUZ, consent=world.consent("designated"), second_factor=True, by=ME, now=NOW
    )
    declined = Association.objects.get(npn=CRUZ, subscriber_id="S1").pk
    associate.decline(subscriber_id="S1", npn=CRUZ, by=Actor(Role.BROKER, "cruz", CRUZ), now=NOW)
    said = words(consumer.get("/my/broker/"))
    assert "The broker you chose cannot help you" in said
    assert "Let Ana Broker" in said
    url = f"/my/broker/resume/{declined}/"
    done = consumer.get(send(consumer, url).headers["Location"])
    assert "Your earlier broker is back" in words(done)
    assert sees(ANA)
    assert consumer.get(url).status_code == 410


def test_one_click_disowns_and_the_broker_sees_nothing(consumer: Client) -> None:
    form = hidden(consumer.get("/my/broker/"))
    done = consumer.post("/my/broker/not-asked/", form)
    assert done.headers["Location"] == "/my/broker/done/disowned/"
    said = words(consumer.get(done.headers["Location"]))
    assert "We closed the broker's view of your data" in said
    assert "Within five business days" in said
    assert not sees(ANA)
    assert "You told us that you did not ask for this broker" in words(consumer.get("/my/broker/"))
    assert consumer.get("/my/broker/not-asked/").status_code == 410


def test_lock_and_unlock(consumer: Client) -> None:
    assert "Your broker is locked" in words(consumer.get(send(consumer, "/my/broker/lock/").headers["Location"]))
    assert "Locked: only you" in words(consumer.get("/my/broker/"))
    done = consumer.get(send(consumer, "/my/broker/lock/", unlock="1").headers["Location"])
    assert "not locked any more" in words(done)


def test_a_page_of_what_was_not_done_is_not_there(consumer: Client) -> None:
    for url in ("/my/broker/done/ended/", "/my/broker/done/nothing/"):
        assert consumer.get(url).status_code == 404


def test_who_looked_is_named_by_role_and_a_page_at_a_time(consumer: Client) -> None:
    readers = [Actor(Role.BROKER, "account 77", ANA), Actor(Role.OFFICER, "account 78"), Actor(Role.CONSUMER, "o")]
    for number in range(30):
        journal.record_read(
            subject=("subscriber", "S1"), what="why page" if number > 4 else "consents", purpose="help",
            by=readers[number % 3], at=NOW,
        )  # fmt: skip
    consumer.get("/my/broker/")  # one's own looks are not listed
    page = consumer.get("/my/who-looked/")
    said = words(page)
    for part in (
        "Broker: Ana Broker",
        "The marketplace's broker team",
        "Somebody of your household",
        "One of your policies",
    ):
        assert part in said
    for part in ("account 77", "my broker", "What you agreed to"):
        assert part not in said
    older = page.content.decode().partition('rel="next" href="')[2].partition('"')[0]
    assert "What you agreed to" in words(consumer.get(older))
    assert consumer.get("/my/who-looked/?before=%C2%B2").status_code == 200


def test_what_was_agreed_is_shown_and_can_be_kept(consumer: Client) -> None:
    said = words(consumer.get("/my/consents/"))
    for part in ("Ana Broker", "Your broker may see your coverage.", "How to take it back", "Taken back No"):
        assert part in said
    copy = consumer.get("/my/consents/copy/")
    assert copy.headers["Content-Disposition"].startswith("attachment")
    assert "Your broker may see your coverage." in copy.content.decode()


def test_the_language_is_kept_for_letters_and_taken_for_pages(consumer: Client) -> None:
    answer = send(consumer, "/my/language/", language="es")
    assert answer.cookies["django_language"].value == "es"
    assert Preference.objects.known_at().get(exchange_subscriber_id="S1").language == "es"
    assert send(consumer, "/my/language/", language="xx").status_code == 200
    assert 'lang="es"' in consumer.get("/my/broker/").content.decode()
    assert "xx" not in Preference.objects.values_list("language", flat=True)


def test_more_to_show_asks_no_more_of_the_database(consumer: Client) -> None:
    urls = ("/my/broker/", "/my/broker/before/", "/my/who-looked/", "/my/consents/")

    def queries() -> list[int]:
        counted = []
        for url in urls:
            with CaptureQueriesContext(connection) as asked:
                assert consumer.get(url).status_code == 200
            counted.append(len(asked))
        return counted

    look = {"subject": ("subscriber", "S1"), "what": "list", "purpose": "help", "by": Actor(Role.BROKER, "b", ANA)}
    journal.record_read(**look, at=NOW)  # type: ignore[arg-type]  # as below
    for url in urls:
        consumer.get(url)
    few = queries()
    for number in range(10):
        associate.designate(
            subscriber_id="S1", npn=(CRUZ, ANA)[number % 2], consent=world.consent("designated"),
            second_factor=True, by=ME, now=NOW + timedelta(seconds=number),
        )  # fmt: skip
        journal.record_read(**look, at=NOW)  # type: ignore[arg-type]  # as above
    assert Open.objects.filter(association__subscriber_id="S1").count() == 1
    assert queries() == few
