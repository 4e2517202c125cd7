"""How long data are kept, and what keeps them longer: rules of retention and legal holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from aor.policy.decision import Answer, Decision, rule
from aor.terms.period import Period

EXCHANGE_RECORDS = "45 CFR 155.1210"
SCHEDULE = "Minn. Stat. 138.17, subd. 7"
FEBRUARY, LEAP = 2, 29


class What(StrEnum):
    """A class of data that has a clock of its own; its parameter is `kept_years_<class>`."""

    COVERAGE = "coverage"  # who was covered: from the end of the household's last coverage
    CONTACTS = "contacts"  # of people without any coverage: from the last that was told of them
    CASES = "cases"  # what was written and shown in a case: from its last step
    LETTERS = "letters"  # notices: from the day they were written
    INVITATIONS = "invitations"  # of persons who were not found: from the day they were sent
    DOCUMENTS = "documents"  # interchanges, answers, workbooks, statements: from their day
    ACCOUNTS = "accounts"  # of whom no role is left: from the last role or sign-in


class Kind(StrEnum):
    """What a legal hold is placed on."""

    HOUSEHOLD = "household"
    BROKER = "broker"
    CARRIER = "carrier"
    PERIOD = "period"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Hold:
    """A legal hold in force. `about` names what it is on; of a case also the subscribers that the case is about."""

    number: int
    kind: Kind
    about: frozenset[str] = frozenset()
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """Data that are disposed of together: whose they are, and the days they are about.

    `ended` is the day on which their clock begins. `placed` is False where nobody can say whom they are about.
    """

    ended: date
    period: Period
    subscribers: frozenset[str] = frozenset()
    npns: frozenset[str] = frozenset()
    carriers: frozenset[str] = frozenset()
    cases: frozenset[str] = frozenset()
    placed: bool = True


def kept_until(ended: date, years: int) -> date:
    """The first day on which what ended may be disposed of."""
    if (ended.month, ended.day) == (FEBRUARY, LEAP):
        return date(ended.year + years, 3, 1)
    return ended.replace(year=ended.year + years)


def ended_by(today: date, years: int) -> date:
    """The last day on which something may have ended to be disposed of today."""
    if (today.month, today.day) == (FEBRUARY, LEAP):
        return date(today.year - years, FEBRUARY, 28)
    return today.replace(year=today.year - years)


def holds_on(hold: Hold, thing: Thing) -> bool | None:
    """Whether a hold is on a thing; None where that is not known."""
    if hold.kind is Kind.PERIOD:
        return hold.period is not None and hold.period.overlaps(thing.period)
    names = {
        Kind.HOUSEHOLD: thing.subscribers,
        Kind.BROKER: thing.npns,
        Kind.CARRIER: thing.carriers,
        Kind.CASE: thing.cases | thing.subscribers,
    }[hold.kind]
    if hold.about & names:
        return True
    return False if thing.placed else None


@rule("RETENTION_ENDED", cites=f"{EXCHANGE_RECORDS}; {SCHEDULE}")
def retention_ended(ended: date, years: int, today: date) -> Answer:
    """Data are kept for the years of their class, counted from the day on which what they tell of ended."""
    day = kept_until(ended, years)
    because = f"kept until {day}: {years} years from {ended}"
    return Answer(day <= today, because, "" if day <= today else f"may be disposed of from {day} on", today)


@rule("NO_LEGAL_HOLD", cites=SCHEDULE)
def no_legal_hold(on: Mapping[int, bool | None], today: date) -> Answer:
    """What a legal hold is on stays, and so does what nobody can say it is not on, until the hold is released."""
    cure = "an officer releases the hold"
    for number, held in on.items():
        if held:
            return Answer(False, f"the legal hold {number} is on it", cure, today)
    for number, held in on.items():
        if held is None:
            return Answer(None, f"whether the legal hold {number} is on it is not known", cure, today)
    return Answer(True, "no legal hold is on it", "", today)


def disposal(thing: Thing, *, holds: tuple[Hold, ...], years: int, today: date) -> Decision:
    """Whether a thing may be disposed of: its years are over, and no legal hold is on it."""
    on = {hold.number: holds_on(hold, thing) for hold in holds}
    return Decision.of(retention_ended(thing.ended, years, today), no_legal_hold(on, today))
