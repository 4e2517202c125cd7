"""Whether a broker may see a household's data on a day: association, its access, and standing (readings, R11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from aor.policy.association import Path
from aor.policy.decision import Answer, Decision, Finding, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, certified, licensed

PRIVACY = "45 CFR 155.260(a); Agent of Record, Portal Association Matters"


class Change(StrEnum):
    """What closed or opened access under an association, apart from its beginning and end."""

    DISOWNED = "disowned"  # the consumer: "I did not ask for this"; an officer decides
    UPHELD = "upheld"  # the officer: they did not; it stays closed
    REOPENED = "reopened"  # the officer: they did
    CONFIRMED = "confirmed"  # the consumer, of a transferred one


def is_open(path: str, latest: str = "") -> bool:
    """Whether an open association gives access: a transferred one waits for the consumer (readings, R10, R12)."""
    if latest:
        return latest in (Change.REOPENED, Change.CONFIRMED)
    return path != Path.TRANSFERRED


def waits(path: str, latest: str = "") -> bool:
    """Whether access waits for the consumer's confirmation."""
    return path == Path.TRANSFERRED and not latest


@dataclass(frozen=True, slots=True)
class Cover:
    """A broker lends a colleague access for days; credit stays (readings, R10)."""

    npn: str
    colleague_npn: str
    start: date
    until: date


@rule("ACCESS_OPEN", cites=PRIVACY)
def access_open(associated: bool, path: str = "", latest: str = "") -> Answer:
    """A broker sees a household only under an association that is open and whose access is not closed."""
    if not associated:
        return Answer(False, "no association with the household is open", "the consumer designates the broker")
    if waits(path, latest):
        return Answer(False, "transferred, and not yet confirmed by the consumer", "the consumer confirms the broker")
    if is_open(path, latest):
        return Answer(True, "an association with the household is open")
    return Answer(False, "the consumer said that they did not ask for this broker", "the broker team decides")


def own_standing(
    standing: BrokerStanding, day: date, parameters: Parameters, *, navigator: bool = False
) -> tuple[Finding, ...]:
    """What a broker needs to see anybody: certified, and licensed but for navigators, who need no licence."""
    findings = (certified(standing, day.year, day, parameters),)
    return findings if navigator else (*findings, licensed(standing, day))


def may_see(access: Finding, *standings: Sequence[Finding]) -> Decision:
    """The access, and the standing of each who is needed for it: the broker, and of one on leave the colleague."""
    return Decision.of(access, *(finding for standing in standings for finding in standing))


@rule("COVER_DAYS", cites="Agent of Record, Portal Association Matters")
def cover_days(start: date, until: date, today: date, most: int) -> Answer:
    """Cover for leave has set days: from today or later, and no longer than the marketplace allows."""
    days = (until - start).days
    if start < today:
        return Answer(False, f"{start} has passed", "name today or a later day", today)
    if not 0 < days <= most:
        return Answer(False, f"cover lasts from 1 to {most} days, not {days}", "name other days", today)
    return Answer(True, f"cover for {days} days from {start}", "", today)


@rule("COVER_COLLEAGUE", cites="Agent of Record, Portal Association Matters")
def cover_colleague(npn: str, colleague_npn: str) -> Answer:
    """Cover is lent to another broker."""
    if colleague_npn == npn:
        return Answer(False, "a broker cannot cover for themselves", "name a colleague")
    return Answer(True, f"broker {colleague_npn} covers")


def cover(*, lent: Cover, colleague: BrokerStanding, today: date, parameters: Parameters) -> Decision:
    """A broker lends a colleague access for leave; the colleague must be in standing now, and on each day of it."""
    return Decision.of(
        cover_colleague(lent.npn, lent.colleague_npn),
        cover_days(lent.start, lent.until, today, parameters.number("cover_days", today)),
        *own_standing(colleague, today, parameters),
    )
