"""A consumer names a broker: both dates before the click, the consent kept as shown, proof before a replacement."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests import builders
from tests.builders import ANA, BEN, CRUZ
from tests.portal.world import NOW, World

from aor.acts import contacts
from aor.associations.models import Association, Open
from aor.audit.models import Act
from aor.notices.models import Notice
from aor.notices.operations import _cipher
from aor.terms.actor import system
from aor.terms.period import day_of
from aor.web.consumer.tests.pages import forget_second_factor, hidden, send, words

pytestmark = pytest.mark.django_db
CHECK = f"/my/broker/choose/{CRUZ}/check/?scope=all"


@pytest.fixture
def consumer(town: World) -> Client:
    return town.client("consumer")


def broker_of(subscriber: str) -> str:
    found = Association.objects.filter(subscriber_id=subscriber, id__in=Open.objects.values("association"))
    return found.values_list("npn", flat=True).first() or ""


def test_who_it_is_and_both_dates_stand_there_before_the_click(consumer: Client) -> None:
    said = words(consumer.get(f"/my/broker/choose/{CRUZ}/"))
    for part in ("Cruz Broker", CRUZ, "Ana Broker", "can then no longer see your data", "All my coverage"):
        assert part in said
    said = words(consumer.get(CHECK))
    assert "Can see your data Cruz Broker (8000002, NPN 7000003), from" in said
    assert "Changes on" in said
    assert "Broker before Broker after P1 (Health) North Star Health" in said
    first = (day_of(NOW).month % 12) + 1
    assert re.search(rf'datetime="\d{{4}}-{first:02}-01"', consumer.get(CHECK).content.decode())


def test_the_consent_is_kept_as_it_was_shown(consumer: Client) -> None:
    shown = words(consumer.get(CHECK))
    done = send(consumer, CHECK, agree="on")
    assert done.headers["Location"] == "/my/broker/done/chosen/"
    assert broker_of("S1") == CRUZ
    kept = Association.objects.get(subscriber_id="S1", npn=CRUZ).consent
    assert kept is not None
    assert " ".join(kept.shown.split()) in shown
    page = words(consumer.get(done.headers["Location"]))
    assert re.search(r"Your reference number MB-\d+", page)
    assert "What happens next" in page
    assert "Cruz Broker" in page


def test_for_next_year_only_leaves_this_years_policies(consumer: Client) -> None:
    url = CHECK.replace("all", "next")
    assert f"from plan year {NOW.year + 1} on" in words(consumer.get(url))
    send(consumer, url, agree="on")
    assert Association.objects.get(subscriber_id="S1", npn=CRUZ).plan_year == NOW.year + 1


def test_without_the_tick_nothing_happens(consumer: Client) -> None:
    answer = send(consumer, CHECK)
    assert "There is a problem" in words(answer)
    assert broker_of("S1") == ANA


def test_sent_twice_is_done_once(consumer: Client) -> None:
    form = {**hidden(consumer.get(CHECK)), "agree": "on"}
    first, second = consumer.post(CHECK, form), consumer.post(CHECK, form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Association.objects.filter(subscriber_id="S1", npn=CRUZ).count() == 1


def test_of_two_at_once_the_second_sees_who_won(consumer: Client) -> None:
    mine = {**hidden(consumer.get(CHECK)), "agree": "on"}
    send(consumer, CHECK.replace(CRUZ, BEN), agree="on")
    late = consumer.post(CHECK, mine)
    assert late.status_code == 409
    assert "Your broker is now Ben Broker" in words(late)
    assert broker_of("S1") == BEN


def test_words_that_changed_since_are_not_agreed_to(consumer: Client) -> None:
    form = {**hidden(consumer.get(CHECK)), "agree": "on", "digest": "0" * 32}
    assert consumer.post(CHECK, form).status_code == 409
    assert broker_of("S1") == ANA


def test_a_number_that_is_none_is_said(consumer: Client) -> None:
    for number, said in (("7999999", "No broker of the marketplace"), ("<script>", "Enter the number as digits")):
        assert said in words(consumer.post("/my/broker/choose/", {"npn": number}))
    right = consumer.post("/my/broker/choose/", {"npn": f" {CRUZ} "})
    assert right.headers["Location"] == f"/my/broker/choose/{CRUZ}/"
    assert consumer.get("/my/broker/choose/7999999/").status_code == 404


def test_ones_own_broker_is_not_chosen_again(consumer: Client) -> None:
    assert "is your broker already" in words(consumer.get(f"/my/broker/choose/{ANA}/"))


def test_a_navigator_is_warned_of(consumer: Client) -> None:
    builders.broker("7000020", "Nia", "Moua", kind="navigator", certified=(NOW.year, NOW.year + 1))
    for url in ("/my/broker/choose/7000020/", "/my/broker/choose/7000020/check/?scope=all"):
        assert "This is a navigator" in words(consumer.get(url))


def test_a_broker_out_of_standing_may_be_chosen_and_that_is_said(consumer: Client) -> None:
    builders.broker("7000021", "Ode", "Late", certified=())
    assert "cannot work for you now" in words(consumer.get("/my/broker/choose/7000021/"))


# The second factor -----------------------------------------------------------------------------------------------


def code_of(subscriber: str = "S1") -> str:
    notice = Notice.objects.filter(kind="second factor", recipient_id=subscriber).latest("id")
    assert "{code}" in notice.body
    return _cipher().decrypt(notice.secret).decode()


@pytest.fixture
def stale(consumer: Client, town: World) -> Client:
    """A visit whose second factor was given longer ago than ten minutes, of a consumer with an address."""
    contacts.set_account_contact(subscriber_id="S1", email="k@home.example.org", by=system("test"), now=NOW)
    forget_second_factor(consumer)
    return consumer


def test_replacing_asks_for_a_code_and_one_code_replaces_once(stale: Client) -> None:
    asked = stale.get(CHECK)
    assert asked.headers["Location"] == "/my/code/"
    assert "Send me a code" in words(stale.get("/my/code/"))
    stale.post("/my/code/", {"send": "1"})
    assert "We sent a code" in words(stale.get("/my/code/"))
    back = stale.post("/my/code/", {"code": code_of()})
    assert back.headers["Location"] == CHECK
    send(stale, CHECK, agree="on")
    assert broker_of("S1") == CRUZ
    assert stale.get(CHECK.replace(CRUZ, BEN)).headers["Location"] == "/my/code/"
    verbs = set(Act.objects.filter(subject_id="S1", verb__startswith="second factor").values_list("verb", flat=True))
    assert verbs == {"second factor.sent", "second factor.given"}


def test_a_code_works_once(stale: Client) -> None:
    stale.get(CHECK)
    stale.post("/my/code/", {"send": "1"})
    stale.post("/my/code/", {"code": code_of()})
    session = stale.session
    del session["proved_at"]
    session.save()
    assert "no longer works" in words(stale.post("/my/code/", {"code": code_of()}))


def test_five_wrong_tries_end_a_code_and_each_is_written_down(stale: Client) -> None:
    stale.post("/my/code/", {"send": "1"})
    wrong = f"{(int(code_of()) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert "This code is not right" in words(stale.post("/my/code/", {"code": wrong}))
    assert "no longer works" in words(stale.post("/my/code/", {"code": code_of()}))
    assert Act.objects.filter(verb="second factor.wrong", subject_id="S1").count() == 5
    assert stale.get(CHECK).headers["Location"] == "/my/code/"


def test_a_code_is_over_after_ten_minutes(stale: Client) -> None:
    stale.post("/my/code/", {"send": "1"})
    session = stale.session
    session["code"] = [session["code"][0], "2026-01-01T00:00:00+00:00"]
    session.save()
    assert "no longer works" in words(stale.post("/my/code/", {"code": code_of()}))


def test_only_so_many_codes_are_sent_in_a_day(stale: Client) -> None:
    for _ in range(6):
        stale.post("/my/code/", {"send": "1"})
    assert "Too many codes were sent today" in words(stale.get("/my/code/"))
    assert Notice.objects.filter(kind="second factor").count() == 5


def test_without_an_address_of_their_own_no_code_is_sent(consumer: Client) -> None:
    forget_second_factor(consumer)
    consumer.post("/my/code/", {"send": "1"})
    assert "We hold no mail address" in words(consumer.get("/my/code/"))
    assert not Notice.objects.filter(kind="second factor").exists()


def test_a_form_opened_before_is_not_taken_without_the_proof(consumer: Client) -> None:
    form = {**hidden(consumer.get(CHECK)), "agree": "on"}
    forget_second_factor(consumer)
    assert consumer.post(CHECK, form).headers["Location"] == "/my/code/"
    assert broker_of("S1") == ANA
