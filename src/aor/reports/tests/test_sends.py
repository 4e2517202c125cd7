"""First hand-overs, told apart from removals, corrections and re-sends; and each carrier's last scheduled run."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from aor.reports import accounting, sends
from aor.reports.accounting import RunFacts, Send
from aor.terms.month import Month
from aor.terms.period import Period, day_of
from aor.transmissions.ledger import Enrolled
from aor.transmissions.lifecycle import Account, Told

START = date(2026, 3, 1)
ENROLLED = Enrolled(
    id=7, policy_id="P1", hios_issuer_id="11111", subscriber_id="S1", coverage_kind="HLT", plan_id="", member_id="",
    start=START, until=date(2027, 1, 1), cancelled=False, sent_at=None, last_name="L", first_name="F", middle_name="",
    birth_date=None, sex="",
)  # fmt: skip


def told(day: int, *, npn: str = "1", verdict: str = "", kind: str = "agent", channel: str = "set") -> Told:
    at = datetime(2026, 10, day, 18, tzinfo=UTC)
    return Told(at, day, npn, START, day_of(at), at, verdict, channel, kind, "")


def first(*told_in_order: Told) -> list[Send]:
    account = Account(7, Period(START, date(2027, 1, 1)), [], [], list(told_in_order))
    return list(sends.first_hand_overs(ENROLLED, account))


def days(found: list[Send]) -> list[int]:
    return [one.date_sent.day for one in found]


def test_the_first_hand_over_gives_date_sent_and_a_re_send_changes_nothing() -> None:
    found = first(told(5), told(9, kind="correction"))
    assert days(found) == [5]
    assert (found[0].rejected, found[0].answered, found[0].opening) == (False, False, False)


def test_after_a_rejection_the_later_day_counts() -> None:
    (found,) = first(told(5, verdict="rejected"), told(9, verdict="accepted"))
    assert (found.date_sent.day, found.rejected, found.answered) == (9, False, True)


def test_where_all_were_rejected_the_latest_day_counts() -> None:
    (found,) = first(told(5, verdict="rejected"), told(9, verdict="rejected"))
    assert (found.date_sent.day, found.rejected) == (9, True)


def test_removals_and_corrections_are_no_first_hand_overs() -> None:
    assert first(told(5, npn="", kind="removal"), told(6, kind="correction")) == []


def test_a_mention_in_an_enrollment_file_waits_for_no_answer() -> None:
    (found,) = first(told(5, channel="enrollment file"))
    assert (found.channel, found.answered) == ("enrollment file", True)


def test_what_the_carrier_knew_at_go_live_is_an_opening_balance_even_when_sent_anew() -> None:
    (found,) = first(told(1, verdict="accepted", channel="opening balance"), told(9))
    assert (found.opening, found.date_sent.day) == (True, 1)


def run(day: int, hour: int = 18, month: int = 10) -> RunFacts:
    at = datetime(2026, month, day, hour, tzinfo=UTC)
    return RunFacts(at, at)


FRIDAY = date(2026, 10, 30)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], None),
        ([run(23)], None),
        ([run(23), run(30)], run(30)),
        ([run(30), run(30, 22)], run(30, 22)),
        ([run(30), run(31)], run(30)),
        ([run(23), run(31), run(31, 22)], run(31)),
        ([run(2, month=11)], None),
    ],
)
def test_the_last_scheduled_run_is_of_the_last_send_day_or_the_one_that_served_it(
    runs: list[RunFacts], expected: RunFacts | None
) -> None:
    assert accounting.last_run(runs, FRIDAY, Month(2026, 10)) == expected
