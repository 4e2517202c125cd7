"""The month in the policy book: its sends, whose report they stand on, and what keeps it from closing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from aor.policy import report, waivers
from aor.policy.decision import Decision
from aor.policy.report import BrokerFacts, Order, Sums, Waiting
from aor.terms.month import Month
from aor.terms.period import plan_year_of
from aor.transmissions import lifecycle
from tests.scenarios.world import World


@dataclass(frozen=True, slots=True)
class Send:
    """The first hand-over of an entry; `reason` why it is on no report of the month, "" when it is."""

    policy: str
    npn: str
    effective: date
    sent_on: date
    rejected: bool
    answered: bool
    reason: str

    @property
    def row(self) -> tuple[str, str, date]:
        return (self.policy, self.npn, self.effective)


def sends(w: World, month: Month) -> Iterator[Send]:
    """Of the month, and of earlier ones that no published report shows."""
    for policy in sorted(w.events):
        told = [one for one in w.account(policy).told if one.npn and one.channel != lifecycle.BY_OPENING_BALANCE]
        for npn, day in dict.fromkeys((one.npn, one.day) for one in told):
            own = [one for one in told if (one.npn, one.day) == (npn, day)]
            first = lifecycle.first_sent(own, npn, day) or own[-1]
            rejected = all(one.verdict == lifecycle.REJECTED for one in own)
            if first.sent_on >= month.until or w.published.get((policy, npn, day), month) != month:
                continue
            facts = BrokerFacts(w.standing(npn), npn not in w.without_address)
            reason = report.exception(
                without_report=report.no_report(facts, month, w.day, w.parameters),
                rejected=rejected,
                plan_year=plan_year_of(w.state(policy).start),
                date_sent=first.sent_on,
                month=month,
                parameters=w.parameters,
            )
            yield Send(policy, npn, day, first.sent_on, rejected, bool(first.verdict), reason)


def findings(w: World, month: Month) -> Decision:
    """The questions of a close, each with its finding."""
    own = list(sends(w, month))
    mine = [one for one in own if one.sent_on in month]
    reported, excepted = sum(not one.reason for one in own), sum(bool(one.reason) for one in own)
    sums = Sums(len(mine), len(own) - len(mine), reported - w.lost, excepted)
    unanswered = sum(not one.answered for one in mine)
    rejected = sum(one.rejected for one in mine)
    required = bool(w.parameters.on("all_answered_required", w.day))
    return Decision.of(
        report.months_in_order(month, w.day, _order(w)),
        report.all_sent(_waiting(w, month)),
        report.all_answered(unanswered, rejected, required),
        report.balanced({"all": sums}),
    )


def _waiting(w: World, month: Month) -> dict[str, Waiting]:
    """Every carrier runs daily, so the last send day of a month is its last day."""
    last = date.fromordinal(month.until.toordinal() - 1)
    if w.day < last:
        return {name: Waiting(last, 0, True) for name in w.carriers}
    counts: dict[str, int] = {}
    names = {one.hios_issuer_id: name for name, one in w.carriers.items()}
    for policy in w.events:
        name = names[w.state(policy).hios_issuer_id]
        counts[name] = counts.get(name, 0) + sum(bool(point.npn) for point in w.to_send(policy))
    return {name: Waiting(last, count, False) for name, count in counts.items() if count}


def _order(w: World) -> Order:
    days = [one.sent_on for own in w.told.values() for one in own]
    first = Month.of(min(days)) if days else None
    return replace(w.order, first=first, first_live=first)


def close(w: World, month: Month, waive: str) -> Decision:
    """Closes when granted: what is reported is published."""
    decision = findings(w, month)
    if waive:
        decision = waivers.waive(decision, rule=waive, because="the carrier's line is down", by="the broker team")
    if decision.granted:
        w.order = replace(w.order, last_closed=month)
        w.published.update({one.row: month for one in sends(w, month) if not one.reason})
    return decision
