"""Sends that were in no report, or no longer are, come into a later one: none is lost, none is there twice."""

from __future__ import annotations

from datetime import date

import pytest

from aor.brokers.models import Broker
from aor.close.tests import world
from aor.close.tests.closing import DECEMBER, NOVEMBER, OCTOBER, at, close, names, sheets, sums
from aor.close.tests.world import ANA, BEN, SOUTH
from aor.notices.models import Notice
from aor.reports.models import Accounted, Line, Report
from aor.terms.month import Month

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("market")]


def test_a_rejection_after_publication_makes_a_new_issue_without_the_row() -> None:
    one = world.sold("P1", at("10-05"))
    world.sold("P2", at("10-06"))
    first = close()
    world.answered(one, at("11-10"), "rejected")
    result = close(NOVEMBER)
    assert (result.corrected, sums(result)) == (1, (0, 0, 0, 0, 0))
    new = Report.objects.get(month="2026-10", issue=2)
    assert new.number == f"AOR-2026-10-{ANA}-2"
    assert "rejected by the carrier after publication" in new.note
    month, to_date, missing, *_ = sheets().values()
    assert names(month) == names(to_date) == ["LastP2"]
    assert names(missing, 0) == ["LastP1"]
    assert close(OCTOBER).hash == first.hash
    assert Notice.objects.filter(dedupe_key=f"report:{new.number}").exists()
    world.handed_over(one.enrollment, at("12-03"))
    assert sums(close(DECEMBER)) == (1, 0, 1, 0, 0)
    month, to_date, *_ = sheets(month=DECEMBER).values()
    assert names(month) == ["LastP1"]
    assert names(to_date) == ["LastP2", "LastP1"]


def test_sends_of_a_decertified_broker_are_released_on_recertification() -> None:
    world.sold("P1", at("10-05"))
    world.decertify(ANA, date(2026, 10, 20), known_from=at("10-20"))
    assert sums(close()) == (1, 0, 0, 1, 0)
    assert not Report.objects.exists()
    assert not Notice.objects.exists()
    assert sums(close(NOVEMBER)) == (0, 0, 0, 0, 0)
    world.recertify(ANA, date(2026, 12, 5), 2027, known_from=at("12-05"))
    result = close(DECEMBER)
    assert (sums(result), result.reports) == ((0, 1, 1, 0, 0), 1)
    month, *_ = sheets(month=DECEMBER).values()
    assert names(month) == ["LastP1"]


def test_a_broker_without_registered_address_gets_no_report_until_there_is_one() -> None:
    world.broker(BEN, first_name="Ben", email="")
    world.sold("P1", at("10-05"), BEN)
    assert sums(close()) == (1, 0, 0, 1, 0)
    assert Accounted.objects.get().reason == "no registered address"
    Broker.objects.filter(npn=BEN).update(known_until=at("11-05"))
    Broker.objects.create(
        npn=BEN, first_name="Ben", last_name="Broker", email="ben@x.example", known_from=at("11-05")
    )
    assert sums(close(NOVEMBER)) == (0, 1, 1, 0, 0)


def test_next_years_sends_are_released_when_open_enrollment_begins() -> None:
    world.sold("P1", at("10-05"), start=date(2027, 1, 1))
    result = close()
    assert sums(result) == (1, 0, 0, 1, 0)
    _, _, missing, *_ = sheets().values()
    assert "plan year 2027, which is not current in 2026-10" in str(missing[0][6])
    world.sold("P2", at("11-05"), start=date(2027, 1, 1))
    assert sums(close(NOVEMBER)) == (1, 1, 2, 0, 0)
    assert Report.objects.get(month="2026-11").plan_years == "2026 and 2027"


def test_decembers_last_sends_are_on_januarys_report() -> None:
    world.carrier(SOUTH, name="South Dental", send_days="WE")
    world.run(at("12-30 18"), SOUTH)
    world.sold("P1", at("12-31"), hios=SOUTH)
    assert sums(close(DECEMBER)) == (1, 0, 0, 0, 1)
    assert sums(close(Month(2027, 1))) == (0, 1, 1, 0, 0)
    month, to_date, *_ = sheets(month=Month(2027, 1)).values()
    assert names(month) == ["LastP1"]
    assert "LastP1" not in names(to_date)


def test_a_row_withdrawn_by_a_later_issue_is_reported_again_once_the_carrier_takes_its_rejection_back() -> None:
    one = world.sold("P1", at("10-05"))
    close()
    world.answered(one, at("11-10"), "rejected")
    close(NOVEMBER)
    world.answered(one, at("12-05"), "accepted")
    assert sums(close(DECEMBER)) == (0, 1, 1, 0, 0)
    shown = Line.objects.filter(on_month=True).values_list("report__month", "report__issue").order_by("report_id")
    assert list(shown) == [("2026-10", 1), ("2026-12", 1)]
