"""The rules of the report and the close."""

from __future__ import annotations

from datetime import date

import pytest

from aor.policy import report as rules
from aor.policy.parameters import Dated, Parameters
from aor.policy.report import BrokerFacts, Order, Sums, Waiting
from aor.policy.standing import BrokerStanding, Certification
from aor.terms.month import Month
from aor.terms.period import Period

PARAMETERS = Parameters({"open_enrollment_start": (Dated(date(2000, 1, 1), "11-01"),)}, {}, "test")
OCTOBER = Month(2026, 10)
NOV_2 = date(2026, 11, 2)


def standing(*certifications: Certification, ends: tuple[tuple[date, str], ...] = ()) -> BrokerStanding:
    return BrokerStanding("1234567", certifications=certifications, licenses=(Period(date(2020, 1, 1)),), ends=ends)


CERTIFIED = Certification(2026, date(2025, 9, 1))
REVOKED = Certification(2026, date(2025, 9, 1), date(2026, 10, 15))
ENDS = ((date(2026, 10, 15), "decertified"),)


@pytest.mark.parametrize(
    ("month", "years"),
    [(OCTOBER, (2026,)), (Month(2026, 11), (2026, 2027)), (Month(2026, 12), (2026, 2027)), (Month(2027, 1), (2027,))],
)
def test_the_coming_plan_year_is_current_from_the_first_day_of_open_enrollment(
    month: Month, years: tuple[int, ...]
) -> None:
    assert rules.current_plan_years(month, PARAMETERS) == years


@pytest.mark.parametrize(
    ("broker", "month", "on", "reason"),
    [
        (BrokerFacts(standing(CERTIFIED), True), OCTOBER, NOV_2, ""),
        (BrokerFacts(standing(CERTIFIED), False), OCTOBER, NOV_2, rules.NO_ADDRESS),
        (BrokerFacts(standing(), True), OCTOBER, NOV_2, rules.NOT_CERTIFIED),
        (BrokerFacts(standing(CERTIFIED), True), Month(2026, 12), date(2027, 1, 3), rules.NOT_CERTIFIED),
        (BrokerFacts(standing(REVOKED, ends=ENDS), True), OCTOBER, NOV_2, rules.NOT_CERTIFIED),
        (BrokerFacts(standing(REVOKED, ends=ENDS), True), OCTOBER, date(2026, 10, 14), ""),
        (
            BrokerFacts(standing(REVOKED, Certification(2026, date(2026, 10, 20)), ends=ENDS), True),
            OCTOBER,
            date(2026, 10, 31),
            "",
        ),
        (
            BrokerFacts(standing(CERTIFIED, ends=((date(2026, 10, 3), "died"),)), True),
            OCTOBER,
            NOV_2,
            rules.NOT_CERTIFIED,
        ),
    ],
)
def test_who_gets_a_report(broker: BrokerFacts, month: Month, on: date, reason: str) -> None:
    assert rules.no_report(broker, month, on, PARAMETERS) == reason


def test_published_reports_stay_with_a_licensed_broker_who_is_not_decertified() -> None:
    assert rules.keeps_reports(standing(CERTIFIED), NOV_2, PARAMETERS) == ""
    assert "is decertified" in rules.keeps_reports(standing(REVOKED, ends=ENDS), NOV_2, PARAMETERS)
    unlicensed = BrokerStanding("1234567", certifications=(CERTIFIED,))
    assert "no Minnesota health licence" in rules.keeps_reports(unlicensed, NOV_2, PARAMETERS)


def exception(**other: object) -> str:
    facts = {
        "without_report": "",
        "rejected": False,
        "plan_year": 2026,
        "date_sent": date(2026, 10, 5),
        "month": OCTOBER,
        "parameters": PARAMETERS,
    }
    return rules.exception(**facts | other)  # type: ignore[arg-type]  # any fact


def test_an_exception_has_one_reason_the_sends_own_before_the_brokers() -> None:
    assert exception() == ""
    assert exception(without_report=rules.NO_ADDRESS) == rules.NO_ADDRESS
    assert exception(plan_year=2027, without_report=rules.NO_ADDRESS) == rules.NOT_CURRENT
    assert exception(plan_year=2027, rejected=True) == rules.REJECTED


def test_books_balance_to_the_row_for_every_carrier() -> None:
    assert rules.balanced({"11111": Sums(3, 1, 2, 1, 1), "all": Sums(3, 1, 2, 1, 1)}).met
    found = rules.balanced({"11111": Sums(3, 1, 2, 1, 0)})
    assert not found.met
    assert found.because == "11111: 3 sent and 1 carried in, but 2 reported, 1 excepted and 0 carried out"


def test_carriers_add_up() -> None:
    assert rules.total([Sums(1, 2, 3, 0, 0), Sums(1, 1, 1, 1, 0)]) == Sums(2, 3, 4, 1, 0)


def test_a_line_of_another_broker_is_found() -> None:
    assert rules.own_lines({}).met
    found = rules.own_lines({"1234567": 2})
    assert (found.met, found.because) == (False, "2 lines on the report of 1234567 are another broker's")


def test_the_month_waits_for_every_carriers_last_run() -> None:
    assert rules.all_sent({}).met
    day = date(2026, 10, 30)
    found = rules.all_sent({"22222": Waiting(day, 0, True), "11111": Waiting(day, 2, False)})
    assert not found.met
    assert found.because == (
        "11111: 2 ready by 2026-10-30 and not handed over; "
        "22222: its last run of the month, on 2026-10-30, is still to come"
    )


def test_answers_block_only_where_the_marketplace_asks_for_them() -> None:
    assert rules.all_answered(0, 0, required=True).met
    assert rules.all_answered(2, 1, required=False).met
    found = rules.all_answered(2, 1, required=True)
    assert (found.met, found.because) == (False, "2 sets of the month were not answered, 1 were rejected")


SEPTEMBER, NOVEMBER = Month(2026, 9), Month(2026, 11)


@pytest.mark.parametrize(
    ("month", "order", "because"),
    [
        (OCTOBER, Order(), "nothing was handed over up to the end of 2026-10"),
        (SEPTEMBER, Order(first=OCTOBER, first_live=OCTOBER), "nothing was handed over up to the end of 2026-09"),
        (OCTOBER, Order(first=OCTOBER, first_live=OCTOBER), ""),
        (NOVEMBER, Order(first=OCTOBER, first_live=OCTOBER), "2026-10 comes before 2026-11"),
        (SEPTEMBER, Order(first=Month(2026, 8), first_live=OCTOBER), ""),
        (OCTOBER, Order(first=Month(2026, 8), first_live=OCTOBER), ""),
        (NOVEMBER, Order(first=Month(2026, 8), first_live=OCTOBER), "2026-10 comes before 2026-11"),
        (OCTOBER, Order(first=OCTOBER), ""),
        (OCTOBER, Order(last_closed=SEPTEMBER), ""),
        (NOVEMBER, Order(last_closed=SEPTEMBER), "2026-10 comes before 2026-11"),
        (SEPTEMBER, Order(last_closed=SEPTEMBER), "2026-09 comes before 2026-10"),
        (Month(2026, 12), Order(last_closed=NOVEMBER), "2026-12 has not begun"),
    ],
)
def test_months_close_in_order_from_the_first_hand_over_on(month: Month, order: Order, because: str) -> None:
    found = rules.months_in_order(month, date(2026, 11, 20), order)
    assert bool(found.met) == (not because)
    assert because in found.because
