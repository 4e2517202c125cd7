"""Whom a broker may see: the one question and the set agree, whatever happened (readings, R10 to R12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import builders
from tests.builders import ANA, BEN, CRUZ, LONG_AGO, Policy, enrollment_file

from aor.acts import associate, load, queries, receive, settle
from aor.acts.tests.test_associate import CONSUMER, OFFICER, consent
from aor.associations import queries as association_facts
from aor.associations.models import Association
from aor.brokers.models import Certification, Cover, License, Suspension
from aor.consumers.models import Subscriber
from aor.record import operations as record
from aor.terms import actor

START = datetime(2025, 12, 10, 15, tzinfo=UTC)
LATER = START + timedelta(days=90)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def market(tmp_path: Path, settings: LazySettings) -> None:
    """S1 and S2 share an application, S3 is alone; Ana, Ben and Cruz are in standing."""
    settings.AOR_HOME = tmp_path
    builders.carrier()
    for npn in (ANA, BEN, CRUZ):
        builders.broker(npn)
    path = tmp_path / "enrollments.834"
    path.write_bytes(
        enrollment_file(
            Policy("P1", "S1"),
            Policy("P2", "S2", coverage="DEN"),
            Policy("P3", "S3", application="5500003-1"),
        )
    )
    receive.receive(path, by=actor.system("test"), now=START - timedelta(days=1))


def designate(subscriber: str, npn: str, now: datetime = START) -> None:
    assert associate.designate(
        subscriber_id=subscriber, npn=npn, consent=consent(), second_factor=True, by=CONSUMER, now=now
    ).granted


def seen(npn: str, now: datetime = LATER) -> list[str]:
    rows = queries.enrollments_open_to([npn], now=now).order_by("policy_id")
    return list(rows.values_list("policy_id", flat=True))


def transfer(subscriber: str, npn: str, now: datetime) -> None:
    Association.objects.create(
        subscriber_id=subscriber, npn=npn, path="transferred", confirmed_at=now, recorded_at=now
    )
    record.mark_due([Subscriber.objects.get(exchange_subscriber_id=subscriber).household_id], cause="test", now=now)
    settle.settle(now=now)


def test_a_broker_sees_the_whole_household_and_nobody_elses() -> None:
    designate("S1", ANA)
    designate("S3", BEN)
    assert (seen(ANA), seen(BEN), seen(CRUZ)) == (["P1", "P2"], ["P3"], [])
    both = queries.enrollments_open_to([ANA, BEN], now=LATER)
    assert both.count() == 3


def test_access_ends_the_moment_the_association_ends() -> None:
    designate("S1", ANA)
    designate("S1", BEN, LATER)
    assert (seen(ANA), seen(BEN)) == ([], ["P1", "P2"])
    associate.withdraw(subscriber_id="S2", npn=BEN, by=CONSUMER, now=LATER)
    assert seen(BEN) == []


def test_a_withdrawal_is_the_brokers_own() -> None:
    designate("S1", ANA)
    refused = associate.withdraw(subscriber_id="S1", npn=BEN, by=CONSUMER, now=LATER)
    assert [finding.rule for finding in refused.unmet] == ["ASSOCIATION_OPEN"]
    assert seen(ANA) == ["P1", "P2"]


@pytest.mark.parametrize(
    ("out_of_standing", "rule"),
    [
        (lambda: Suspension.objects.create(npn=ANA, start=date(2026, 3, 1), known_from=LONG_AGO), "CERTIFIED"),
        (lambda: Certification.objects.filter(npn=ANA).update(known_until=LATER), "CERTIFIED"),
        (lambda: License.objects.filter(npn=ANA).update(known_until=LATER), "LICENSED"),
    ],
)
def test_who_is_out_of_standing_sees_nobody(out_of_standing: Callable[[], object], rule: str) -> None:
    designate("S1", ANA)
    out_of_standing()
    assert seen(ANA) == []
    decision = queries.may_see(npn=ANA, subscriber_id="S1", now=LATER)
    assert [finding.rule for finding in decision.unmet] == [rule]


def test_a_suspension_ends_nothing_and_is_undone_by_restoring() -> None:
    designate("S1", ANA)
    Suspension.objects.create(npn=ANA, start=date(2026, 3, 1), until=date(2026, 3, 5), known_from=LONG_AGO)
    during = datetime(2026, 3, 4, 18, tzinfo=UTC)
    assert (seen(ANA, during), seen(ANA, LATER)) == ([], ["P1", "P2"])


def test_i_did_not_ask_for_this_closes_access_and_asks_the_staff() -> None:
    designate("S1", ANA)
    assert associate.disown(subscriber_id="S1", by=CONSUMER, now=LATER).granted
    assert seen(ANA) == []
    (asked,) = association_facts.disowned_open()
    assert asked.association.npn == ANA
    assert not associate.disown(subscriber_id="S1", by=CONSUMER, now=LATER).granted, "said once"
    decided = associate.decide_disowned(
        subscriber_id="S1", association=asked.association_id, upheld=False, by=OFFICER, now=LATER
    )
    assert decided.granted
    assert seen(ANA) == ["P1", "P2"]
    assert association_facts.disowned_open() == []


def test_what_was_disowned_and_upheld_stays_closed() -> None:
    designate("S1", ANA)
    associate.disown(subscriber_id="S1", by=CONSUMER, now=LATER)
    (asked,) = association_facts.disowned_open()
    associate.decide_disowned(
        subscriber_id="S1", association=asked.association_id, upheld=True, by=OFFICER, now=LATER
    )
    assert seen(ANA) == []
    assert association_facts.disowned_open() == []


def test_a_transferred_broker_sees_nobody_before_the_consumer_confirms() -> None:
    transfer("S1", BEN, LATER)
    assert seen(BEN) == []
    assert not associate.confirm_transfer(subscriber_id="S1", consent=None, by=CONSUMER, now=LATER).granted
    assert associate.confirm_transfer(subscriber_id="S1", consent=consent(), by=CONSUMER, now=LATER).granted
    assert seen(BEN) == ["P1", "P2"]
    assert not associate.confirm_transfer(subscriber_id="S1", consent=consent(), by=CONSUMER, now=LATER).granted


def test_a_disowned_transfer_is_not_confirmed_by_the_way() -> None:
    transfer("S1", BEN, LATER)
    associate.disown(subscriber_id="S1", by=CONSUMER, now=LATER)
    assert not associate.confirm_transfer(subscriber_id="S1", consent=consent(), by=CONSUMER, now=LATER).granted
    assert seen(BEN) == []


def test_cover_lends_access_for_its_days_while_both_are_in_standing() -> None:
    designate("S1", ANA)
    Cover.objects.create(
        npn=ANA, colleague_npn=BEN, start=date(2026, 3, 9), until=date(2026, 3, 12), known_from=LONG_AGO
    )
    assert seen(BEN) == ["P1", "P2"]
    assert seen(BEN, LATER + timedelta(days=2)) == []
    assert seen(CRUZ) == []
    Suspension.objects.create(npn=ANA, start=date(2026, 3, 1), known_from=LONG_AGO)
    assert seen(BEN) == [], "nothing is left to lend"


def test_who_leaves_a_household_is_seen_until_that_day(tmp_path: Path) -> None:
    cases = tmp_path / "households.csv"
    cases.write_text(
        "household_id,exchange_subscriber_id,is_primary_contact,from,until\n"
        "17,S1,Y,2025-01-01,\n17,S2,N,2025-01-01,2026-03-01\n"
    )
    load.load("households", cases, by=actor.system("test"), now=START)
    settle.settle(now=START)
    designate("S1", ANA)
    assert seen(ANA, datetime(2026, 2, 28, 18, tzinfo=UTC)) == ["P1", "P2"]
    assert seen(ANA, datetime(2026, 3, 1, 18, tzinfo=UTC)) == ["P1"]


def test_a_page_asks_as_many_queries_however_many_it_finds(tmp_path: Path) -> None:
    designate("S3", ANA)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert seen(ANA) == ["P3"]
    path = tmp_path / "more.834"
    path.write_bytes(enrollment_file(*(Policy(f"Q{n}", f"T{n}") for n in range(60)), isa13=502))
    receive.receive(path, by=actor.system("test"), now=START)
    designate("T1", ANA)
    with CaptureQueriesContext(connection) as many:
        assert len(seen(ANA)) == 63
    assert len(many) == len(few) <= 12


ACTS = ("designate", "end", "undo", "disown", "transfer", "confirm", "withdraw", "cover", "suspend")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    done=st.lists(
        st.tuples(st.sampled_from(ACTS), st.sampled_from(["S1", "S3"]), st.sampled_from([ANA, BEN, CRUZ])),
        max_size=8,
    )
)
def test_the_one_question_and_the_set_agree(done: list[tuple[str, str, str]]) -> None:
    with transaction.atomic():
        now = LATER
        for place, (act, subscriber, npn) in enumerate(done):
            now = LATER + timedelta(minutes=place)
            do(act, subscriber, npn, now)
        agree(now)
        transaction.set_rollback(True)


def agree(now: datetime) -> None:
    for npn in (ANA, BEN, CRUZ):
        within = set(queries.open_to([npn], now=now).values_list("subscriber__exchange_subscriber_id", flat=True))
        asked = {one for one in ("S1", "S2", "S3") if queries.may_see(npn=npn, subscriber_id=one, now=now).granted}
        assert within == asked


def do(act: str, subscriber: str, npn: str, now: datetime) -> None:
    match act:
        case "designate":
            designate(subscriber, npn, now)
        case "end":
            associate.end(subscriber_id=subscriber, by=CONSUMER, now=now)
        case "undo":
            associate.undo(subscriber_id=subscriber, by=CONSUMER, now=now)
        case "disown":
            associate.disown(subscriber_id=subscriber, by=CONSUMER, now=now)
        case "transfer":
            transfer(subscriber, npn, now)
        case "confirm":
            associate.confirm_transfer(subscriber_id=subscriber, consent=consent(), by=CONSUMER, now=now)
        case "withdraw":
            associate.withdraw(subscriber_id=subscriber, npn=npn, by=CONSUMER, now=now)
        case "cover":
            Cover.objects.get_or_create(
                npn=npn,
                colleague_npn=BEN,
                start=date(2026, 3, 1),
                defaults={"until": date(2027, 1, 1), "known_from": now},
            )
        case _:
            Suspension.objects.get_or_create(npn=npn, start=date(2026, 3, 1), defaults={"known_from": now})
