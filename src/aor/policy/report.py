"""Which sends a broker's monthly report shows, which are excepted and why, and that the books balance (R5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from aor.policy.decision import Answer, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, certified_periods
from aor.terms.month import Month

PROCEDURE = "Agent of Record Report Policy, Procedure for Sending"

REJECTED = "rejected"
NOT_CERTIFIED = "broker not certified"
NO_ADDRESS = "no registered address"
NOT_CURRENT = "not a current plan year"


@dataclass(frozen=True, slots=True)
class BrokerFacts:
    """What decides whether a broker gets a report: standing, registered address, decertified by the cut or not."""

    standing: BrokerStanding
    has_address: bool
    decertified: bool


def current_plan_years(month: Month, parameters: Parameters) -> tuple[int, ...]:
    """The year of the month, and the coming one from the first day of its open enrollment (readings, R5)."""
    coming = month.year + 1
    if parameters.open_enrollment_start(coming) < month.until:
        return (month.year, coming)
    return (month.year,)


def certified_in(standing: BrokerStanding, month: Month, parameters: Parameters) -> bool:
    """Whether some certification was in force on some day of the month."""
    periods = certified_periods(standing, 0, parameters)
    return any(period.overlaps(month.period) for period in periods)


def exception(*, broker: BrokerFacts, rejected: bool, plan_year: int, month: Month, parameters: Parameters) -> str:
    """Why a send is not on its broker's report of the month; "" when it is."""
    if rejected:
        return REJECTED
    if plan_year not in current_plan_years(month, parameters):
        return NOT_CURRENT
    if broker.decertified or not certified_in(broker.standing, month, parameters):
        return NOT_CERTIFIED
    return "" if broker.has_address else NO_ADDRESS


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


@rule("ALL_SENT", cites=PROCEDURE + ", 1")
def all_sent(waiting: Mapping[str, tuple[int, date | None]]) -> Answer:
    """The report waits until the last agents of record of the month have gone to every carrier."""
    if not waiting:
        return Answer(True, "the month's last run has gone for every carrier")
    parts = [
        f"{carrier}: {count} ready and not handed over by {day or 'the end of the month'}"
        for carrier, (count, day) in sorted(waiting.items())
    ]
    return Answer(False, "; ".join(parts), "run aor send, or an officer waives with a reason")


@rule("ALL_ANSWERED", cites="readings R5 (parameter all_answered_required)")
def all_answered(unanswered: int, required: bool) -> Answer:
    """Where the marketplace asks for it, every set of the month must have been answered by its carrier."""
    if not unanswered:
        return Answer(True, "every set of the month was answered")
    because = f"{unanswered} sets of the month were not answered or were rejected"
    if not required:
        return Answer(True, f"{because}; they are exceptions, not blockers")
    return Answer(False, because, "the carriers answer, or staff resend")


@rule("MONTHS_IN_ORDER", cites="readings R5")
def months_in_order(expected: Month | None, month: Month) -> Answer:
    """Months close in order, the first being the first with a hand-over after go-live."""
    if expected is None or expected == month:
        return Answer(True, f"{month} is next to close")
    return Answer(False, f"{expected} comes before {month}", f"close {expected} first")


@rule("MONTH_OVER", cites=PROCEDURE + ", 1")
def month_over(month: Month, last_run: date | None, today: date) -> Answer:
    """A month can close once its last scheduled run has passed for every carrier."""
    if today >= month.until or (last_run is not None and last_run < today):
        return Answer(True, f"the runs of {month} are over")
    return Answer(False, f"{month} still has runs to come", f"close it after {last_run or month.until}")
