"""When a month can close, which sends a broker's monthly report shows, and that the books balance (R5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from aor.policy.decision import Answer, Finding, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, certified_periods
from aor.terms.month import Month

PROCEDURE = "Agent of Record Report Policy, Procedure for Sending"

REJECTED = "rejected"
NOT_CERTIFIED = "broker not certified"
NO_ADDRESS = "no registered address"
NOT_CURRENT = "not a current plan year"
NOT_THEIRS = "not the broker's client"  # withdrawn by an incident (readings, R9)


# Who mends what a finding says, for the sheet of what is not on the report.
WHO_MUST_ACT = {
    "ASSOCIATED": "the consumer",
    "CERTIFIED": "the broker",
    "LICENSED": "the broker",
    "APPOINTED": "the carrier",
    "ENROLLMENT_SENT": "the marketplace",
    "CARRIER_KNOWN": "the marketplace",
}


@dataclass(frozen=True, slots=True)
class BrokerFacts:
    """What decides whether a broker gets a report: standing as known at the cut, and a registered address."""

    standing: BrokerStanding
    has_address: bool


def current_plan_years(month: Month, parameters: Parameters) -> tuple[int, ...]:
    """The year of the month, and the coming one from the first day of its open enrollment (readings, R5)."""
    coming = month.year + 1
    if parameters.open_enrollment_start(coming) < month.until:
        return (month.year, coming)
    return (month.year,)


def certified_in(standing: BrokerStanding, month: Month, parameters: Parameters) -> bool:
    """Whether some certification was in force on some day of the month."""
    return any(period.overlaps(month.period) for period in certified_periods(standing, 0, parameters))


def decertified(standing: BrokerStanding, on: date, parameters: Parameters) -> bool:
    """Decertified or dead, and not certified anew since."""
    ends = [day for day, kind in standing.ends if day <= on and kind in ("decertified", "died")]
    return bool(ends) and not any(
        on in period and period.start >= max(ends) for period in certified_periods(standing, 0, parameters)
    )


def no_report(broker: BrokerFacts, month: Month, on: date, parameters: Parameters) -> str:
    """Why a broker gets no report of the month, as known on a day; "" when there is nothing against it."""
    standing = broker.standing
    if decertified(standing, on, parameters) or not certified_in(standing, month, parameters):
        return NOT_CERTIFIED
    return "" if broker.has_address else NO_ADDRESS


def exception(
    *, without_report: str, rejected: bool, plan_year: int, date_sent: date, month: Month, parameters: Parameters
) -> str:
    """Why a send is not on its broker's report of the month; "" when it is.

    `without_report` is the answer of `no_report`. A plan year that was current when the send went still is when
    the send is carried into a later month: so none falls between December's report and January's.
    """
    if rejected:
        return REJECTED
    months = {month, Month.of(date_sent)}
    if not any(plan_year in current_plan_years(one, parameters) for one in months):
        return NOT_CURRENT
    return without_report


@dataclass(frozen=True, slots=True)
class Sums:
    """The five sums of a close, for one carrier or for all."""

    sent: int = 0
    carried_in: int = 0
    reported: int = 0
    excepted: int = 0
    carried_out: int = 0

    @property
    def balanced(self) -> bool:
        return self.sent + self.carried_in == self.reported + self.excepted + self.carried_out


def total(sums: Iterable[Sums]) -> Sums:
    """Carrier by carrier added up."""
    every = list(sums)
    return Sums(
        sum(s.sent for s in every),
        sum(s.carried_in for s in every),
        sum(s.reported for s in every),
        sum(s.excepted for s in every),
        sum(s.carried_out for s in every),
    )


@rule("BALANCED", cites=PROCEDURE + ", 1; readings R5")
def balanced(sums: Mapping[str, Sums]) -> Answer:
    """First hand-overs and what was carried in must equal what is reported, excepted and carried out."""
    wrong = [name for name, s in sums.items() if not s.balanced]
    if not wrong:
        return Answer(True, "the books balance for every carrier and in all")
    s = sums[wrong[0]]
    return Answer(
        False,
        f"{wrong[0]}: {s.sent} sent and {s.carried_in} carried in, but {s.reported} reported, "
        f"{s.excepted} excepted and {s.carried_out} carried out",
        "an operator runs aor verify and reports what it names",
    )


def own_lines(foreign: Mapping[str, int]) -> Finding:
    """Only a broker's own rows stand on that broker's report: a check of ourselves, by broker what is not his."""
    npn = min(foreign, default="")
    return Finding(
        "OWN_LINES",
        not foreign,
        f"{foreign[npn]} lines on the report of {npn} are another broker's"
        if npn
        else "every line is its broker's own",
        "Agent of Record Report Policy, Terms and Definitions; readings R11",
        "an operator runs aor verify and reports what it names" if npn else "",
    )


def keeps_reports(standing: BrokerStanding, on: date, parameters: Parameters) -> str:
    """Why a broker may not fetch published reports today; "" when he may (readings, R5)."""
    if decertified(standing, on, parameters):
        return f"broker {standing.npn} is decertified"
    if not any(on in period for period in standing.licenses):
        return f"broker {standing.npn} has no Minnesota health licence in force on {on}"
    return ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One carrier whose month has not gone: `to_come` while its last run lies ahead, else how many wait."""

    last_send_day: date
    count: int
    to_come: bool


@rule("ALL_SENT", cites=PROCEDURE + ", 1")
def all_sent(waiting: Mapping[str, Waiting]) -> Answer:
    """The report waits until the last agents of record of the month have gone to every carrier."""
    if not waiting:
        return Answer(True, "the month's last run has gone for every carrier")
    parts = [
        f"{carrier}: its last run of the month, on {w.last_send_day}, is still to come"
        if w.to_come
        else f"{carrier}: {w.count} ready by {w.last_send_day} and not handed over"
        for carrier, w in sorted(waiting.items())
    ]
    return Answer(False, "; ".join(parts), "run aor send, or an officer waives with a reason")


@rule("ALL_ANSWERED", cites="readings R5 (parameter all_answered_required)")
def all_answered(unanswered: int, rejected: int, required: bool) -> Answer:
    """Where the marketplace asks for it, every set of the month must have been answered and none rejected."""
    if not unanswered and not rejected:
        return Answer(True, "every set of the month was answered")
    because = f"{unanswered} sets of the month were not answered, {rejected} were rejected"
    if not required:
        return Answer(True, f"{because}; they are listed, not blockers")
    return Answer(False, because, "the carriers answer, or staff resend")


@dataclass(frozen=True, slots=True)
class Order:
    """What the order of the closes rests on: the last month closed, and the months of the first hand-overs.

    `first` is that of the very first, which an enrollment file may have made before go-live; `first_live` that
    of the first one since.
    """

    last_closed: Month | None = None
    first: Month | None = None
    first_live: Month | None = None


@rule("MONTHS_IN_ORDER", cites="readings R5")
def months_in_order(month: Month, today: date, order: Order) -> Answer:
    """Months close in order, the first being the first with a hand-over after go-live.

    Where enrollment files carried agents of record before go-live, the closes may begin with their months.
    """
    if month.first_day > today:
        return Answer(False, f"{month} has not begun", f"close it from {month.until} on")
    if order.last_closed is not None:
        first = last = order.last_closed.next
    elif order.first is None or (month < order.first):
        return Answer(
            False,
            f"nothing was handed over up to the end of {month}: the first month with a hand-over "
            "is the first to close",
        )
    else:
        first, last = order.first, max(order.first, order.first_live or order.first)
    if month < first:
        return Answer(False, f"{month} comes before {first}, which is next to close")
    if month > last:
        return Answer(False, f"{last} comes before {month} and is not closed", f"close {last} first")
    return Answer(True, f"{month} is next to close")
