"""The books of a month: every send is reported, excepted or carried out, none twice and none never."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aor.policy import report as rules
from aor.policy.parameters import Dated, Parameters
from aor.reports import accounting
from aor.reports.accounting import ALL, Account, Books, Identity, Outcome, Send, Settled
from aor.terms.month import Month
from aor.terms.period import day_of

PARAMETERS = Parameters({"open_enrollment_start": (Dated(date(2000, 1, 1), "11-01"),)}, {}, "test")
OCTOBER = Month(2026, 10)


def send(day: date, *, hour: int = 12, enrollment: int = 1, year: int = 2026, **other: object) -> Send:
    at = datetime(day.year, day.month, day.day, hour + 6, tzinfo=UTC)
    made = Send(enrollment, "1234567", date(year, 1, 1), "11111", date(year, 1, 1), day, at, "our set")
    return replace(made, **other)  # type: ignore[arg-type]  # any field


def books(month: Month = OCTOBER, **other: object) -> Books:
    empty = Books(month, {}, frozenset(), {}, {"1234567": ""}, PARAMETERS)
    return replace(empty, **other)  # type: ignore[arg-type]  # any field


def outcomes(sends: list[Send], given_books: Books) -> list[tuple[Outcome, str, bool]]:
    return [(one.outcome, one.reason, one.carried_in) for one in accounting.account(sends, given_books)]


def test_a_send_of_the_month_is_reported() -> None:
    assert outcomes([send(date(2026, 10, 5))], books()) == [(Outcome.REPORTED, "", False)]


def test_a_send_of_the_next_month_waits_for_its_own_close() -> None:
    assert outcomes([send(date(2026, 11, 1))], books()) == []


def test_a_send_after_the_carriers_last_run_is_carried_out_and_then_in() -> None:
    late = send(date(2026, 10, 30), hour=15)
    last_runs = {"11111": datetime(2026, 10, 30, 20, tzinfo=UTC)}
    assert outcomes([late], books(last_runs=last_runs)) == [(Outcome.CARRIED_OUT, "", False)]
    settled = {late.identity: Settled(late.date_sent, Outcome.CARRIED_OUT)}
    assert outcomes([late], books(Month(2026, 11), settled=settled)) == [(Outcome.REPORTED, "", True)]


def test_one_carried_out_and_rejected_since_is_carried_in_and_excepted() -> None:
    late = send(date(2026, 10, 30), rejected=True)
    settled = {late.identity: Settled(late.date_sent, Outcome.CARRIED_OUT)}
    assert outcomes([late], books(Month(2026, 11), settled=settled)) == [(Outcome.EXCEPTED, "rejected", True)]


def test_an_exception_is_counted_once_and_carried_in_when_released() -> None:
    one = send(date(2026, 10, 5))
    without = books(without_report={"1234567": rules.NOT_CERTIFIED})
    assert outcomes([one], without) == [(Outcome.EXCEPTED, rules.NOT_CERTIFIED, False)]
    settled = {one.identity: Settled(one.date_sent, Outcome.EXCEPTED)}
    again = replace(without, month=Month(2026, 11), settled=settled)
    assert outcomes([one], again) == []
    assert outcomes([one], books(Month(2026, 11), settled=settled)) == [(Outcome.REPORTED, "", True)]


def test_a_row_rejected_and_handed_over_again_belongs_to_the_later_month() -> None:
    rejected = send(date(2026, 10, 5), rejected=True)
    assert outcomes([rejected], books()) == [(Outcome.EXCEPTED, rules.REJECTED, False)]
    settled = {rejected.identity: Settled(rejected.date_sent, Outcome.EXCEPTED)}
    anew = send(date(2026, 11, 9))
    assert outcomes([anew], books(Month(2026, 11), settled=settled)) == [(Outcome.REPORTED, "", False)]


def test_what_is_learned_after_the_cut_is_carried_in() -> None:
    assert outcomes([send(date(2026, 9, 30))], books()) == [(Outcome.REPORTED, "", True)]


def test_a_published_send_is_never_reported_again() -> None:
    one = send(date(2026, 9, 30))
    assert outcomes([one], books(published=frozenset({one.identity}))) == []


def test_an_opening_balance_is_in_no_sum_and_on_the_year_to_date() -> None:
    opening = send(date(2026, 10, 5), opening=True)
    assert outcomes([opening], books()) == []
    assert accounting.sums([opening], [], OCTOBER)[ALL] == rules.Sums()
    assert accounting.to_date([opening], books(), frozenset()) == [opening]


@pytest.mark.parametrize(
    ("sent", "month", "year", "reason"),
    [
        (date(2026, 9, 5), Month(2026, 9), 2027, rules.NOT_CURRENT),
        (date(2026, 9, 5), Month(2026, 11), 2027, ""),
        (date(2026, 11, 5), Month(2026, 11), 2027, ""),
        (date(2026, 12, 5), Month(2026, 12), 2026, ""),
        (date(2027, 1, 5), Month(2027, 1), 2026, rules.NOT_CURRENT),
        (date(2026, 12, 31), Month(2027, 1), 2026, ""),
        (date(2026, 12, 31), Month(2027, 1), 2027, ""),
    ],
)
def test_the_coming_plan_year_is_current_from_open_enrollment_on(
    sent: date, month: Month, year: int, reason: str
) -> None:
    (one,) = accounting.account([send(sent, year=year)], books(month))
    assert one.reason == reason


def test_a_published_row_is_withdrawn_when_what_it_rests_on_was_rejected() -> None:
    day = date(2026, 10, 5)
    assert accounting.withdrawn(day, send(day, rejected=True))
    assert accounting.withdrawn(day, send(date(2026, 11, 2)))
    assert not accounting.withdrawn(day, send(day))
    assert not accounting.withdrawn(day, send(date(2026, 9, 2)))
    assert not accounting.withdrawn(day, None)


@dataclass(frozen=True)
class HandOver:
    """One hand-over in a made-up world; `rejected_after` hours its carrier rejects it, if it does."""

    at: datetime
    learned_after: int
    rejected_after: int | None


FIRST = datetime(2026, 9, 1, 6, tzinfo=UTC)
MONTHS = [Month(2026, 9), Month(2026, 10), Month(2026, 11), Month(2026, 12), Month(2027, 1)]

instants = st.integers(0, 24 * 120).map(lambda hours: FIRST + timedelta(hours=hours))
hand_overs = st.builds(
    HandOver,
    at=instants,
    learned_after=st.one_of(st.just(0), st.integers(0, 24 * 45)),
    rejected_after=st.one_of(st.none(), st.integers(1, 24 * 45)),
)
entries = st.lists(hand_overs, min_size=1, max_size=3).map(lambda found: sorted(found, key=lambda h: h.at))


def known(number: int, made: list[HandOver], plan_year: int, cut: datetime) -> Send | None:
    """An entry's first hand-over as known at the cut; it is handed over again only when the last was rejected."""
    there: list[tuple[HandOver, bool]] = []
    for one in made:
        if there and not there[-1][1]:
            break
        if one.at + timedelta(hours=one.learned_after) > cut:
            break
        rejected = one.rejected_after is not None and one.at + timedelta(hours=one.rejected_after) <= cut
        there.append((one, rejected))
    if not there:
        return None
    counts, rejected = next(((one, False) for one, bad in there if not bad), there[-1])
    first = date(plan_year, 1, 1)
    return Send(
        number, str(number % 3), first, str(number % 2), first, day_of(counts.at), counts.at, "set", rejected=rejected
    )


@given(
    world=st.lists(st.tuples(entries, st.sampled_from([2026, 2027])), max_size=8),
    delays=st.lists(st.integers(0, 24 * 20), min_size=5, max_size=5),
    runs=st.lists(st.integers(0, 72), min_size=5, max_size=5),
    without=st.lists(st.sampled_from(["", "", rules.NOT_CERTIFIED, rules.NO_ADDRESS]), min_size=15, max_size=15),
)
def test_the_books_balance_and_no_send_is_lost_or_told_twice(
    world: list[tuple[list[HandOver], int]], delays: list[int], runs: list[int], without: list[str]
) -> None:
    on_sheets: dict[Identity, Send] = {}
    settled: dict[Identity, Settled] = {}
    for index, month in enumerate(MONTHS):
        cut = month.ends + timedelta(hours=delays[index])
        sends = [s for i, (made, year) in enumerate(world) if (s := known(i, made, year, cut))]
        by_identity = {s.identity: s for s in sends}
        for identity, shown in list(on_sheets.items()):
            if accounting.withdrawn(shown.date_sent, by_identity.get(identity)):
                del on_sheets[identity]
        of_month = Books(
            month=month,
            last_runs={"0": month.ends - timedelta(hours=runs[index])},
            published=frozenset(on_sheets),
            settled=settled,
            without_report={str(npn): without[index * 3 + npn] for npn in range(3)},
            parameters=PARAMETERS,
        )
        accounts = accounting.account(sends, of_month)
        sums = accounting.sums(sends, accounts, month)
        assert all(one.balanced for one in sums.values()), (month, sums)
        assert sum(1 for s in sends if s.date_sent in month) == sums[ALL].sent
        keep(accounts, on_sheets, settled)
        for one in sends:
            nowhere = one.identity not in on_sheets and one.date_sent < month.until
            if nowhere and settled[one.identity].outcome == Outcome.REPORTED:
                assert one.rejected  # it was on a sheet, was rejected, and is withdrawn until it goes again
            elif nowhere and settled[one.identity].outcome == Outcome.EXCEPTED:
                assert accounting.exception(one, of_month)


def keep(accounts: list[Account], on_sheets: dict[Identity, Send], settled: dict[Identity, Settled]) -> None:
    for one in accounts:
        identity = one.send.identity
        settled[identity] = Settled(one.send.date_sent, one.outcome)
        if one.outcome == Outcome.REPORTED:
            assert identity not in on_sheets, "told twice"
            on_sheets[identity] = one.send
