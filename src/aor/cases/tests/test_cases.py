"""Cases: numbers that rise, one effect of two, clocks that stand still while we wait, nothing seen by strangers."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from aor.audit.models import Act, Read
from aor.cases import correspondence, queries
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.models import Case, Clock, Event, Message, State
from aor.cases.operations import Opened, Refused
from aor.engine import store
from aor.terms.actor import Actor, Role, system

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 18, tzinfo=UTC)  # noon in Minnesota
DAY = timedelta(days=1)
ANA = Actor(Role.BROKER, "ana", "7000001")
BEN = Actor(Role.BROKER, "ben", "7000002")
OLA, PER = Actor(Role.OFFICER, "ola"), Actor(Role.OFFICER, "per")
TEN = {cases.ANSWER: Allowance(10, Unit.BUSINESS_DAYS)}


def opened(count: int = 1, *, by: Actor = ANA, now: datetime = MONDAY) -> list[Opened]:
    subjects = [("claim", f"{n}") for n in range(count)]
    return cases.open_many(kind="discrepancy", subjects=subjects, clocks=TEN, by=by, now=now)


def at(number: str) -> Case:
    return Case.objects.get(number=number)


def clock(number: str) -> queries.ClockFacts:
    (facts,) = queries.clocks([at(number).pk])[at(number).pk]
    return facts


def test_numbers_rise_by_kind_and_year() -> None:
    assert [one.number for one in opened(3)] == ["D-2026-000001", "D-2026-000002", "D-2026-000003"]
    assert opened()[0].number == "D-2026-000004"
    retro = cases.open_one(kind="retro", subject=("request", "1"), clocks={}, by=ANA, now=MONDAY)
    assert retro.number == "R-2026-000001"
    new_year_in_utc = datetime(2027, 1, 1, 3, tzinfo=UTC)
    assert opened(now=new_year_in_utc)[0].number == "D-2026-000005"
    assert opened(now=new_year_in_utc + DAY)[0].number == "D-2027-000001"


def test_none_are_opened_without_a_subject() -> None:
    assert opened(0) == []
    assert opened()[0].number == "D-2026-000001"


def test_a_case_has_its_place_in_the_order_received_and_a_day() -> None:
    first, second, third = opened(3)
    cases.answer(first.number, version=1, by=OLA, now=MONDAY)
    cases.wait(second.number, version=1, by=OLA, now=MONDAY)
    assert [queries.place(at(one.number)) for one in (first, second, third)] == [None, None, 1]
    cases.resume(second.number, version=2, by=ANA, now=MONDAY)
    cases.escalate(first.number, version=2, by=ANA, now=MONDAY)
    assert queries.places("discrepancy") == {first.id: 1, second.id: 2, third.id: 3}
    assert [queries.place(at(one.number)) for one in (first, second, third)] == [1, 2, 3]
    # Thanksgiving and its Friday are passed over
    assert queries.expected_on([clock(third.number)]) == date(2026, 12, 2)


def test_of_two_officers_exactly_one_has_an_effect() -> None:
    (one,) = opened()
    cases.claim(one.number, version=1, by=OLA, now=MONDAY)
    with pytest.raises(Refused, match="has changed since it was read"):
        cases.claim(one.number, version=1, by=PER, now=MONDAY)
    with pytest.raises(Refused, match="is assigned to ola"):
        cases.answer(one.number, version=2, by=PER, now=MONDAY)
    cases.hand_over(one.number, to="per", version=2, by=OLA, now=MONDAY)
    cases.answer(one.number, version=3, by=PER, now=MONDAY)
    assert [event.version for event in queries.story(at(one.number))] == [1, 2, 3, 4]
    assert (at(one.number).state, at(one.number).version) == (State.ANSWERED, 4)


@pytest.mark.usefixtures("committed")
def test_of_two_at_the_same_time_exactly_one_has_an_effect() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("a database in memory is of one thread; its writers wait for each other anyway")
    numbers = [one.number for one in opened(20)]
    refused: list[str] = []
    start = threading.Barrier(2)

    def answer_all(officer: Actor) -> None:
        try:
            start.wait(10)
            refused.extend(cases.take_many(cases.ANSWERING, dict.fromkeys(numbers, 1), by=officer, now=MONDAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=answer_all, args=[officer]) for officer in (OLA, PER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(refused) == numbers
    assert Event.objects.filter(what="answered").count() == 20


def test_a_case_released_keeps_its_place() -> None:
    first, second = opened(2)
    cases.claim(first.number, version=1, by=OLA, now=MONDAY)
    assert list(queries.assigned_to("ola")) == [at(first.number)]
    cases.release(first.number, version=2, by=OLA, now=MONDAY)
    assert queries.places("discrepancy") == {first.id: 1, second.id: 2}
    assert not queries.assigned_to("ola").exists()


def test_an_escalated_case_is_heard_by_another_officer() -> None:
    (one,) = opened()
    cases.answer(one.number, version=1, by=OLA, now=MONDAY)
    cases.escalate(one.number, version=2, by=ANA, now=MONDAY + DAY, clocks=TEN)
    with pytest.raises(Refused, match="another officer"):
        cases.claim(one.number, version=3, by=OLA, now=MONDAY + DAY)
    with pytest.raises(Refused, match="another officer"):
        cases.hand_over(one.number, to="ola", version=3, by=PER, now=MONDAY + DAY)
    with pytest.raises(Refused, match="another officer"):
        cases.answer(one.number, version=3, by=OLA, now=MONDAY + DAY)
    cases.wait(one.number, version=3, by=PER, now=MONDAY + DAY)
    cases.resume(one.number, version=4, by=ANA, now=MONDAY + 2 * DAY)
    assert at(one.number).state == State.ESCALATED
    cases.answer(one.number, version=5, by=PER, now=MONDAY + 2 * DAY)
    assert [c.met_at for c in queries.clocks([one.id])[one.id]] == [MONDAY, MONDAY + 2 * DAY]


def test_what_is_refused_changes_nothing() -> None:
    (one,) = opened()
    for step, words in (
        (cases.agree, "is queued, so it cannot be agreed"),
        (cases.escalate, "is queued, so it cannot be escalated"),
        (cases.resume, "is queued, so it cannot be resumed"),
    ):
        with pytest.raises(Refused, match=words):
            step(one.number, version=1, by=ANA, now=MONDAY)
    with pytest.raises(Refused, match="can only be answered by the marketplace"):
        cases.answer(one.number, version=1, by=ANA, now=MONDAY)
    assert Event.objects.count() == 1
    assert at(one.number).version == 1


def test_a_strangers_case_does_not_exist() -> None:
    (one,) = opened()
    consumer = Actor(Role.CONSUMER, "kay")
    for stranger in (BEN, consumer, Actor(Role.SUPPORT_STAFF, "sam", "7000002")):
        with pytest.raises(Refused) as refused:
            cases.withdraw(one.number, version=1, by=stranger, now=MONDAY)
        assert str(refused.value) == f"there is no case {one.number}"
        with pytest.raises(Refused, match=f"there is no case {one.number}"):
            correspondence.read_messages(one.number, purpose="test", by=stranger, now=MONDAY)
        assert queries.case(one.number, by=stranger) is None
    own = cases.open_one(kind="dispute", subject=("household", "H:1"), clocks={}, by=consumer, now=MONDAY)
    assert queries.case(own.number, by=consumer) == at(own.number)
    assert queries.case(own.number, by=Actor(Role.CONSUMER, "kim")) is None
    assert queries.case(own.number, by=ANA) is None


def test_many_are_answered_at_once_and_each_refusal_is_told() -> None:
    first, second, third = opened(3)
    cases.claim(second.number, version=1, by=PER, now=MONDAY)
    versions = {first.number: 1, second.number: 2, third.number: 1, "D-2026-999999": 1}
    refused = cases.take_many(cases.ANSWERING, versions, by=OLA, now=MONDAY)
    assert refused == {
        second.number: f"{second.number} is assigned to per",
        "D-2026-999999": "there is no case D-2026-999999",
    }
    assert [at(one.number).state for one in (first, second, third)] == ["answered", "queued", "answered"]


def test_a_clock_stands_still_while_we_wait() -> None:
    (one,) = opened()
    assert clock(one.number).last_day == date(2026, 12, 2)
    cases.wait(one.number, version=1, by=OLA, now=MONDAY + DAY)
    assert clock(one.number).stopped
    assert queries.expected_on([clock(one.number)]) is None
    assert not queries.due_reminders(MONDAY + 60 * DAY)
    cases.resume(one.number, version=2, by=ANA, now=MONDAY + 3 * DAY)  # Tuesday, Wednesday
    assert clock(one.number).last_day == date(2026, 12, 4)
    cases.wait(one.number, version=3, by=OLA, now=MONDAY + 3 * DAY)
    cases.resume(one.number, version=4, by=ANA, now=MONDAY + 3 * DAY + timedelta(hours=2))
    assert clock(one.number).last_day == date(2026, 12, 4)


def test_hours_and_days_stand_still_as_well() -> None:
    clocks = {"told": Allowance(24, Unit.HOURS), "decided": Allowance(60, Unit.DAYS)}
    one = cases.open_one(kind="incident", subject=("report", "1"), clocks=clocks, by=ANA, now=MONDAY)
    cases.wait(one.number, version=1, by=OLA, now=MONDAY + timedelta(hours=2))
    cases.resume(one.number, version=2, by=ANA, now=MONDAY + timedelta(hours=27))
    told, decided = queries.clocks([one.id])[one.id]
    assert told.due_at == MONDAY + timedelta(hours=24 + 25)
    assert decided.last_day == date(2027, 1, 16)
    cases.meet(one.number, name="told", now=MONDAY + timedelta(hours=50))
    told, _ = queries.clocks([one.id])[one.id]
    assert told.overdue(MONDAY + 9 * DAY)
    cases.close(one.number, version=3, by=OLA, now=MONDAY + 2 * DAY)
    assert not Clock.objects.filter(met_at=None).exists()


def test_reminders_come_soon_before_and_once_overdue() -> None:
    (one,) = opened()
    assert queries.due_reminders(MONDAY) == []
    (soon,) = queries.due_reminders(datetime(2026, 11, 30, 18, tzinfo=UTC))
    assert (soon.number, soon.clock, soon.overdue) == (one.number, "answer", False)
    (late,) = queries.due_reminders(datetime(2026, 12, 3, 6, tzinfo=UTC))  # midnight after the last day
    assert late.overdue
    assert late.dedupe_key != soon.dedupe_key
    cases.answer(one.number, version=1, by=OLA, now=MONDAY)
    assert queries.due_reminders(MONDAY + 60 * DAY) == []


def test_ageing_counts_what_is_not_closed() -> None:
    opened(2, now=MONDAY - 20 * DAY)
    (new, gone) = opened(2)
    cases.withdraw(gone.number, version=1, by=ANA, now=MONDAY)
    cases.wait(new.number, version=1, by=OLA, now=MONDAY)
    ageing = queries.ageing("discrepancy", MONDAY + DAY)
    assert ageing.by_state == {"queued": 2, "waiting": 1}
    assert ageing.by_age == {"up to 7 days": 1, "up to 30 days": 2, "up to 60 days": 0, "older": 0}
    assert (ageing.overdue, ageing.oldest) == (2, MONDAY - 20 * DAY)


def test_messages_wait_in_an_inbox_and_are_read_once() -> None:
    (one,) = opened()
    correspondence.send(one.number, to=(Role.BROKER, ANA.npn), body="Which carrier?", by=OLA, now=MONDAY)
    correspondence.send(one.number, to=cases.DESK, body="HealthCo", by=ANA, now=MONDAY + DAY)
    assert (queries.unread(Role.BROKER, ANA.npn), queries.unread(*cases.DESK)) == (1, 1)
    thread = correspondence.read_messages(one.number, purpose="answering", by=ANA, now=MONDAY + DAY)
    assert [message.body for message in thread] == ["Which carrier?", "HealthCo"]
    assert (queries.unread(Role.BROKER, ANA.npn), queries.unread(*cases.DESK)) == (0, 1)
    assert [message.body for message in queries.inbox(*cases.DESK)] == ["HealthCo"]
    assert Read.objects.filter(subject_kind="case", subject_id=one.number, what="messages").count() == 1
    with pytest.raises(Refused, match="some words"):
        correspondence.send(one.number, to=cases.DESK, body=" ", by=ANA, now=MONDAY)
    with pytest.raises(Refused, match="there is no case"):
        correspondence.send(one.number, to=cases.DESK, body="hello", by=BEN, now=MONDAY)


def test_evidence_is_kept_by_its_content_and_never_named_in_the_journal() -> None:
    (one,) = opened()
    name, kind = "agreement of KAYING VANG.pdf", "application/pdf"
    correspondence.keep_evidence(one.number, content=b"%PDF-", name=name, media_type=kind, by=ANA, now=MONDAY)
    (kept,) = queries.evidence(at(one.number))
    assert (store.verify(kept.sha256), kept.size) == ("", 5)
    correspondence.send(one.number, to=cases.DESK, body="KAYING VANG is mine", by=ANA, now=MONDAY)
    assert not Act.objects.filter(details__contains="VANG").exists()


def test_what_happened_is_never_changed() -> None:
    (one,) = opened()
    correspondence.send(one.number, to=cases.DESK, body="hello", by=ANA, now=MONDAY)
    for change in (
        lambda: Event.objects.update(what="agreed"),
        lambda: Message.objects.update(body="bye"),
        lambda: Case.objects.update(number="D-2026-000009"),
        lambda: Clock.objects.update(started_at=MONDAY - DAY),
        lambda: Event.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_system_may_close_what_an_officer_holds() -> None:
    (one,) = opened()
    cases.claim(one.number, version=1, by=OLA, now=MONDAY)
    cases.close(one.number, version=2, by=system("aor work"), now=MONDAY, note="no answer in time")
    assert at(one.number).state == State.CLOSED
