"""The whole round: request, approval, correction, one set with the earlier date, accepted, the next report's row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from tests.builders import ANA, BEN

from aor.brokers.models import License
from aor.cases.models import Case, State
from aor.close import operations as close
from aor.policy.retro import Outcome
from aor.reports.models import Line
from aor.retro import due, rulings
from aor.retro import operations as retro
from aor.retro.tests import market
from aor.retro.tests.market import APRIL, CONSUMER, JANUARY, MARCH_11, OFFICER, SECOND
from aor.terms.actor import system
from aor.terms.month import Month
from aor.transmissions import operations as transmissions
from aor.transmissions.models import Interchange, TransactionSet
from aor.transmissions.tests import answers

pytestmark = pytest.mark.django_db
BY = system("test")
_later = timedelta(hours=1)


@pytest.fixture(autouse=True)
def town(tmp_path: Path, settings: LazySettings) -> None:
    settings.AOR_HOME = tmp_path
    market.open_market(tmp_path)


def send(now: datetime) -> list[tuple[str, str, str, str]]:
    """The sets that went: policy, broker, effective day, kind."""
    before = set(TransactionSet.objects.values_list("pk", flat=True))
    transmissions.send(by=BY, now=now)
    rows = TransactionSet.objects.exclude(pk__in=before).order_by("pk")
    return [(one.enrollment.policy_id, one.npn, str(one.effective_from), one.kind) for one in rows]


def accepted(number: int, now: datetime) -> None:
    answers.leave(answers.answer(Interchange.objects.latest("pk"), number=number, at=now), f"{number}.999")
    transmissions.collect(by=BY, now=now)


def approved(now: datetime = MARCH_11) -> str:
    number = market.submitted(now=now)
    assert rulings.decide(number, version=1, outcome=Outcome.APPROVED, by=OFFICER, now=now).decision.granted
    return number


def test_from_the_request_to_the_next_report() -> None:
    market.associated()
    assert send(MARCH_11 - timedelta(hours=3)) == [
        ("P1", ANA, str(APRIL), "agent"),
        ("P3", ANA, str(APRIL), "agent"),
    ]
    accepted(1, MARCH_11 - timedelta(hours=2))
    march_end = datetime(2026, 4, 1, 18, tzinfo=UTC)
    transmissions.send(by=BY, now=datetime(2026, 3, 31, 23, tzinfo=UTC))
    assert close.close(Month(2026, 3), by=BY, now=march_end).state == "closed"
    april = datetime(2026, 4, 8, 15, tzinfo=UTC)
    number = approved(april)
    assert send(april + _later) == [("P1", ANA, str(JANUARY), "agent")]
    assert send(april + 2 * _later) == []
    assert due.follow_carriers(by=BY, now=april + 2 * _later) == 0
    accepted(2, april + 3 * _later)
    assert due.follow_carriers(by=BY, now=april + 4 * _later) == 1
    assert Case.objects.get(number=number).state == State.CLOSED
    transmissions.send(by=BY, now=datetime(2026, 4, 30, 23, tzinfo=UTC))
    result = close.close(Month(2026, 4), by=BY, now=datetime(2026, 5, 1, 18, tzinfo=UTC))
    assert (result.state, result.sums["all"].sent, result.sums["all"].reported) == ("closed", 1, 1)
    line = Line.objects.get(report__month="2026-04", on_month=True)
    assert (line.npn, line.policy_id, line.effective_from, str(line.date_sent)) == (ANA, "P1", JANUARY, "2026-04-08")


def test_the_correction_goes_as_one_set_where_nothing_was_sent_before() -> None:
    market.associated()
    approved()
    assert send(MARCH_11 + _later) == [("P1", ANA, str(JANUARY), "agent"), ("P3", ANA, str(APRIL), "agent")]


def test_what_is_taken_back_after_it_was_sent_is_corrected_with_the_carrier() -> None:
    market.associated()
    number = approved()
    send(MARCH_11 + _later)
    accepted(1, MARCH_11 + 2 * _later)
    now = MARCH_11 + timedelta(days=3)
    retro.object_to(number, subscriber_id="S1", by=CONSUMER, now=now)
    decided = rulings.decide(number, version=3, outcome=Outcome.DENIED, by=SECOND, now=now)
    assert decided.decision.granted
    assert market.entries() == [(ANA, APRIL, market.YEAR_END)]
    assert send(now + _later) == [("P1", "", str(JANUARY), "removal"), ("P1", ANA, str(APRIL), "agent")]


def test_a_broker_who_lapsed_since_is_held_and_goes_later() -> None:
    market.associated()
    approved()
    License.objects.filter(npn=ANA).update(known_until=MARCH_11)
    assert send(MARCH_11 + _later) == []
    assert market.entries()[0] == (ANA, JANUARY, market.YEAR_END)


def test_another_broker_s_sent_days_stay_as_sent() -> None:
    market.associated(BEN, now=market.MARCH_10 - timedelta(days=30))
    assert send(MARCH_11)[0] == ("P1", BEN, "2026-03-01", "agent")
    now = MARCH_11 + timedelta(days=30)
    market.associated(ANA, now=now)
    send(now + _later)
    approved(now + timedelta(days=1))
    assert send(now + timedelta(days=1, hours=1)) == [("P1", ANA, str(JANUARY), "agent")]
