"""The accounting of a month: every send is reported, excepted or carried out, and none twice (readings, R5).

Pure: facts as known at the cut go in, one account for each send that this close accounts for comes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from aor.policy import report as rules
from aor.policy.parameters import Parameters
from aor.policy.report import Sums
from aor.terms.month import Month
from aor.terms.period import day_of, plan_year_of

ALL = "all"

type Identity = tuple[int, str, date]
"""Enrollment, NPN and first day: the same entry, whatever its end or its findings (readings, Words)."""


class Outcome(StrEnum):
    REPORTED = "reported"
    EXCEPTED = "excepted"
    CARRIED_OUT = "carried out"


@dataclass(frozen=True, slots=True)
class Send:
    """The first hand-over of an entry, as known at the cut.

    `date_sent` is the Minnesota day of the first hand-over that was not rejected; where all were (`rejected`),
    of the latest. `opening`: the carrier was told before go-live; it is nobody's send and in no sum.
    """

    enrollment: int
    npn: str
    effective_from: date
    hios_issuer_id: str
    coverage_start: date
    date_sent: date
    handed_over_at: datetime
    channel: str
    rejected: bool = False
    answered: bool = True
    opening: bool = False

    @property
    def identity(self) -> Identity:
        return (self.enrollment, self.npn, self.effective_from)


@dataclass(frozen=True, slots=True)
class Settled:
    """How the latest earlier close accounted for an entry, and with which Date Sent."""

    date_sent: date
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Account:
    """One send in one close: where it came from and where it went; `reason` says why it is excepted."""

    send: Send
    carried_in: bool
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Books:
    """What one close rests on.

    `last_runs`: the instant of each carrier's last scheduled run of the month; `published`: the entries on a
    broker's sheet of some earlier month; `settled`: what earlier closes did with each entry; `without_report`:
    why a broker gets no report of this month ("" when he gets one); `removed`: entries that reports show no more.
    """

    month: Month
    last_runs: Mapping[str, datetime]
    published: frozenset[Identity]
    settled: Mapping[Identity, Settled]
    without_report: Mapping[str, str]
    parameters: Parameters
    removed: frozenset[Identity] = frozenset()


def account(sends: Iterable[Send], books: Books) -> list[Account]:
    """One account for each send that this close accounts for, in the order given."""
    result: list[Account] = []
    for send in sends:
        if send.opening or send.date_sent >= books.month.until or send.identity in books.published:
            continue
        carried_in = send.date_sent < books.month.first_day
        last_run = books.last_runs.get(send.hios_issuer_id)
        if not carried_in and last_run is not None and send.handed_over_at > last_run:
            result.append(Account(send, carried_in, Outcome.CARRIED_OUT))
            continue
        reason = exception(send, books)
        if reason and carried_in and _still_excepted(send, books.settled.get(send.identity)):
            continue
        result.append(Account(send, carried_in, Outcome.EXCEPTED if reason else Outcome.REPORTED, reason))
    return result


def exception(send: Send, books: Books) -> str:
    """Why a send is not on its broker's sheet; "" when it is."""
    if send.identity in books.removed:
        return rules.NOT_THEIRS
    return rules.exception(
        without_report=books.without_report.get(send.npn, rules.NOT_CERTIFIED),
        rejected=send.rejected,
        plan_year=plan_year_of(send.coverage_start),
        date_sent=send.date_sent,
        month=books.month,
        parameters=books.parameters,
    )


def _still_excepted(send: Send, settled: Settled | None) -> bool:
    """Accounted before with this hand-over, and not left to a later close: it is not counted again."""
    return settled is not None and settled.outcome != Outcome.CARRIED_OUT and send.date_sent <= settled.date_sent


def sums(sends: Iterable[Send], accounts: Sequence[Account], month: Month) -> dict[str, Sums]:
    """The five sums per carrier, ascending, and of all. What was sent is counted from the sends themselves."""
    sent = Counter(send.hios_issuer_id for send in sends if not send.opening and send.date_sent in month)
    carried_in = Counter(one.send.hios_issuer_id for one in accounts if one.carried_in)
    went = {
        outcome: Counter(one.send.hios_issuer_id for one in accounts if one.outcome == outcome) for outcome in Outcome
    }
    carriers = sorted(sent.keys() | carried_in.keys() | {one.send.hios_issuer_id for one in accounts})
    result = {
        carrier: Sums(
            sent[carrier],
            carried_in[carrier],
            went[Outcome.REPORTED][carrier],
            went[Outcome.EXCEPTED][carrier],
            went[Outcome.CARRIED_OUT][carrier],
        )
        for carrier in carriers
    }
    return {**result, ALL: rules.total(result.values())}


def to_date(sends: Iterable[Send], books: Books, shown: frozenset[Identity]) -> list[Send]:
    """What the year to date shows for the first time: handed over by the cut, of a current plan year.

    Also opening balances, sends after a carrier's last run, and those that already belong to the next month.
    """
    current = rules.current_plan_years(books.month, books.parameters)
    return [
        send
        for send in sends
        if not send.rejected and plan_year_of(send.coverage_start) in current and send.identity not in shown
    ]


def rejected(sends: Iterable[Send], accounts: Iterable[Account], books: Books) -> list[Send]:
    """What carriers rejected and nobody has sent again: of a current plan year, or excepted by this close."""
    current = rules.current_plan_years(books.month, books.parameters)
    now = {one.send.identity for one in accounts}
    return [
        send
        for send in sends
        if send.rejected and (plan_year_of(send.coverage_start) in current or send.identity in now)
    ]


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run for a carrier: when it was, and whose ready ones it took."""

    at: datetime
    as_of: datetime


def last_run(runs: Sequence[RunFacts], last_day: date, month: Month) -> RunFacts | None:
    """The carrier's last scheduled run of a month: the last on its last send day, else the later one that served it.

    `runs` ascend. None: that day passed without a run, and so did what is left of the month.
    """
    on_day = [run for run in runs if day_of(run.at) == last_day]
    later = [run for run in runs if day_of(run.at) > last_day and run.at < month.ends]
    return on_day[-1] if on_day else next(iter(later), None)


def withdrawn(published_as: date, send: Send | None) -> bool:
    """Whether a published row rested on a hand-over that its carrier has rejected since."""
    return send is not None and not send.opening and (send.rejected or send.date_sent > published_as)
