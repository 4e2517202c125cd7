"""A book of business moves from one broker to another (readings, R10). Facts in, findings out, per consumer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from aor.policy import standing as standings
from aor.policy.association import unlocked
from aor.policy.decision import Answer, Decision, Finding, rule
from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.terms.period import first_of_next_month

BOOK = "Agent of Record, Transfers of a book; readings, R10"
PORTAL = "portal"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: from whom, to whom, for which day. `successor`: the former broker is gone and named this one."""

    from_npn: str
    to_npn: str
    on: date
    evidence: bool
    successor: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """One household of the former broker: how the association was made, and with which coverage it goes on.

    `open`: the association is open, or ended with the former broker and nobody has followed. `coverage` are the
    carriers and plan years of the enrollments that reach the day of the transfer.
    """

    open: bool
    method: str
    locked: bool
    coverage: tuple[tuple[CarrierFacts, int], ...] = ()


@rule("TRANSFER_EVIDENCE", cites=BOOK)
def evidence_given(given: bool) -> Answer:
    """The new broker shows the agreement by which the book was taken over."""
    if given:
        return Answer(True, "the agreement between the brokers is on file")
    return Answer(False, "nothing shows that the book was taken over", "the new broker adds the signed agreement")


@rule("TRANSFER_PARTIES", cites=BOOK)
def two_brokers(from_npn: str, to_npn: str) -> Answer:
    """A book moves between two brokers."""
    if from_npn != to_npn:
        return Answer(True, f"from broker {from_npn} to broker {to_npn}")
    return Answer(False, "the former and the new broker are one", "name another broker")


@rule("TRANSFER_PROSPECTIVE", cites=BOOK)
def prospective(on: date, today: date, days: int) -> Answer:
    """A transfer is on a first of a month, and never before the consumers have had their letter long enough."""
    first = today + timedelta(days=days)
    if on.day != 1:
        return Answer(False, f"{on} is not the first of a month", f"choose {first_of_next_month(on)}", today)
    if on < first:
        soonest = first if first.day == 1 else first_of_next_month(first)
        return Answer(False, f"{on} is less than {days} days away", f"choose {soonest} or later", today)
    return Answer(True, f"{on} is {days} days away or more", "", today)


@rule("TRANSFER_FORMER", cites=BOOK)
def former_in_standing(unmet: Sequence[Finding], successor: bool, gone: str = "") -> Answer:
    """The former broker is in standing too, unless they died, retired or left and named this one."""
    if not unmet and not gone:
        return Answer(True, "the former broker is in standing")
    if successor:
        return Answer(True, "the former broker is gone, and this one is the named successor")
    because = "; ".join([*filter(None, [gone]), *(one.because for one in unmet)])
    return Answer(False, f"the former broker is not in standing: {because}", "show that they named this successor")


@rule("TRANSFER_ASSOCIATED", cites=BOOK)
def still_theirs(is_open: bool) -> Answer:
    """Only a household that is with the former broker moves; a consumer's own later choice always wins."""
    if is_open:
        return Answer(True, "the household is with the former broker")
    return Answer(False, "the household has chosen otherwise", "the consumer designates the new broker")


@rule("TRANSFER_PORTAL", cites=BOOK)
def portal_made(method: str) -> Answer:
    """Only an association that was made in the portal moves."""
    if method == PORTAL:
        return Answer(True, "the association was made in the portal")
    return Answer(False, f"the association is by {method} form", "the consumer designates the new broker")


@rule("TRANSFER_OPT_OUT", cites=BOOK)
def not_opted_out(opted_out: bool) -> Answer:
    """The consumer's letter offers to stay out of it; who says so does not move."""
    if opted_out:
        return Answer(False, "the consumer has said no", "nothing: the consumer has chosen")
    return Answer(True, "the consumer has not said no")


@rule("TRANSFER_NOTICE", cites=BOOK)
def notified(sent_on: date | None, on: date, days: int) -> Answer:
    """The consumer's letter goes so many days before; whose letter did not does not move."""
    if sent_on is None:
        return Answer(False, "the consumer was not written to", f"write {days} days before")
    if sent_on + timedelta(days=days) > on:
        return Answer(False, f"the consumer was written to on {sent_on}, less than {days} days before", "move later")
    return Answer(True, f"the consumer was written to on {sent_on}")


def asking(
    asked: Asked, *, new: BrokerStanding, former: BrokerStanding, today: date, parameters: Parameters
) -> Decision:
    """Whether a transfer can be asked for, before any household is looked at."""
    return Decision.of(
        two_brokers(asked.from_npn, asked.to_npn),
        evidence_given(asked.evidence),
        prospective(asked.on, today, parameters.number("transfer_notice_days", today)),
        *_own(new, today, parameters),
        former_in_standing(_unmet(_own(former, today, parameters)), asked.successor, _gone(former, today)),
    )


def moving(
    client: Client, asked: Asked, *, new: BrokerStanding, former: BrokerStanding, today: date, parameters: Parameters
) -> Decision:
    """Whether one household can move: portal-made, unlocked, and both brokers in standing with each carrier."""
    return Decision.of(
        still_theirs(client.open),
        portal_made(client.method),
        unlocked(client.locked),
        *_with_carriers(new, client.coverage, today, parameters),
        former_in_standing(_unmet(_with_carriers(former, client.coverage, today, parameters)), asked.successor),
    )


def entered(moved: Decision, *, sent_on: date | None, opted_out: bool, on: date, parameters: Parameters) -> Decision:
    """On the day: the letter in time, no word against it, and all that `moving` asks still holds."""
    days = parameters.number("transfer_notice_days", on)
    return Decision.of(notified(sent_on, on, days), not_opted_out(opted_out), *moved.findings)


def _gone(standing: BrokerStanding, day: date) -> str:
    return next((f"{kind} on {on}" for on, kind in sorted(standing.ends) if on <= day), "")


def _own(standing: BrokerStanding, day: date, parameters: Parameters) -> tuple[Finding, Finding]:
    return standings.certified(standing, day.year, day, parameters), standings.licensed(standing, day)


def _with_carriers(
    standing: BrokerStanding, coverage: Iterable[tuple[CarrierFacts, int]], day: date, parameters: Parameters
) -> list[Finding]:
    """Each finding once; an appointment that is not known goes by the carrier's own setting."""
    found: dict[Finding, None] = {}
    for carrier, plan_year in coverage:
        for finding in standings.test(standing, carrier, plan_year, day, parameters, at_anchor=False):
            met = standings.passes(finding, carrier)
            found[finding if finding.met is met else _as(finding, met)] = None
    return list(found)


def _as(finding: Finding, met: bool) -> Finding:
    return Finding(finding.rule, met, finding.because, finding.cites, finding.cure, finding.tested_on)


def _unmet(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if not one.met]
