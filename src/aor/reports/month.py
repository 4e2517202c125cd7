"""A month as known at the cut: who gets a report, what becomes of every send, and what each report says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aor.brokers import queries as brokers
from aor.brokers.queries import RosterBroker
from aor.calendar import queries as calendar
from aor.carriers import queries as carriers
from aor.policy import report as rules
from aor.policy.parameters import Parameters
from aor.policy.report import BrokerFacts, Sums
from aor.reports import accounting, compose, queries, sends
from aor.reports.accounting import Account, Books, Identity, Outcome, Send
from aor.reports.compose import Draft, LineFacts, WithheldFacts
from aor.reports.sends import Known
from aor.terms.month import Month
from aor.terms.period import day_of, plan_year_of


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """What one close rests on. `gone`: by report, rows published earlier and rejected since."""

    month: Month
    cut: datetime
    parameters: Parameters
    roster: Mapping[str, RosterBroker]
    carrier_names: Mapping[str, str]
    books: Books
    known: Known
    gone: Mapping[int, frozenset[Identity]]
    accounts: Mapping[str, Sequence[Account]]
    to_date: Mapping[str, Sequence[Send]]
    rejected: Mapping[str, Sequence[Send]]
    sums: Mapping[str, Sums]

    @property
    def npns(self) -> list[str]:
        """Every broker with something to account for, or to show, ascending."""
        eligible = {npn for npn, why in self.books.without_report.items() if not why}
        return sorted(eligible.union(self.accounts))

    @property
    def addresses(self) -> dict[str, str]:
        """Where the brokers are told who may have a report; a decertified one is told nothing."""
        told = self.books.without_report.items()
        return {npn: self.roster[npn].email for npn, why in told if not why}

    def rows_of(self, npn: str) -> int:
        """About how many rows a broker's part of the close writes."""
        parts = (self.accounts, self.to_date, self.known.withheld)
        return sum(len(part.get(npn, ())) for part in parts)

    @property
    def plan_years(self) -> str:
        years = rules.current_plan_years(self.month, self.parameters)
        return " and ".join(map(str, years))

    @property
    def unanswered(self) -> int:
        """First hand-overs of the month that their carrier has not answered."""
        return sum(not one.answered and one.date_sent in self.month for one in self.known.sends)


def gather(*, month: Month, cut: datetime) -> MonthFacts:
    """Everything as known at the cut: the same cut gives the same facts, and so the same reports."""
    parameters = calendar.parameters(cut)
    roster = brokers.roster(known_at=cut)
    without_report = {
        npn: rules.no_report(
            BrokerFacts(standing, npn in roster and bool(roster[npn].email)), month, day_of(cut), parameters
        )
        for npn, standing in brokers.standings(None, cut).items()
    }
    known = sends.known(
        cut=cut,
        plan_years=rules.current_plan_years(month, parameters),
        brokers=frozenset(npn for npn, why in without_report.items() if not why),
    )
    published, shown, gone = _published(known, month)
    removed = queries.removed(cut)
    books = Books(
        month=month,
        last_runs={hios: last.at for hios, last in sends.last_runs(month, known_at=cut).items()},
        published=published,
        settled=queries.settled(month),
        without_report=without_report,
        parameters=parameters,
        removed=removed,
    )
    accounts = accounting.account(known.sends, books)
    return MonthFacts(
        month=month,
        cut=cut,
        parameters=parameters,
        roster=roster,
        carrier_names={hios: one.name for hios, one in carriers.trading_partners(cut).items()},
        books=books,
        known=known,
        gone=gone,
        accounts=_by_broker((one.send.npn, one) for one in accounts),
        to_date=_by_broker((one.npn, one) for one in accounting.to_date(known.sends, books, shown | removed)),
        rejected=_by_broker((one.npn, one) for one in accounting.rejected(known.sends, accounts, books)),
        sums=accounting.sums(known.sends, accounts, month),
    )


def _published(
    known: Known, month: Month
) -> tuple[frozenset[Identity], frozenset[Identity], dict[int, frozenset[Identity]]]:
    """Entries on an earlier month's sheet, entries on any year to date, and rows to be withdrawn by report."""
    by_identity = {send.identity: send for send in known.sends}
    on_sheets: set[Identity] = set()
    shown: set[Identity] = set()
    gone: dict[int, set[Identity]] = {}
    for line in queries.published(month):
        if accounting.withdrawn(line.date_sent, by_identity.get(line.identity)):
            gone.setdefault(line.report, set()).add(line.identity)
            continue
        shown.add(line.identity)
        if line.on_month:
            on_sheets.add(line.identity)
    return frozenset(on_sheets), frozenset(shown), {report: frozenset(rows) for report, rows in gone.items()}


def _by_broker[T](pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: defaultdict[str, list[T]] = defaultdict(list)
    for npn, one in pairs:
        found[npn].append(one)
    return dict(found)


def drafts(facts: MonthFacts, npns: Sequence[str]) -> list[Draft]:
    """The reports of some brokers, ascending; who has nothing to be shown has none."""
    earlier = queries.first_published(npns, facts.month)
    withdrawn = frozenset[Identity]().union(*facts.gone.values())
    found = []
    for npn in npns:
        if facts.books.without_report.get(npn, rules.NOT_CERTIFIED):
            continue
        before = {key: line for key, line in earlier.get(npn, {}).items() if key not in withdrawn}
        draft = _draft(facts, npn, before)
        if draft.lines or draft.withheld or compose.to_date(draft, before):
            found.append(draft)
    return found


def _draft(facts: MonthFacts, npn: str, before: Mapping[Identity, LineFacts]) -> Draft:
    accounts = facts.accounts.get(npn, ())
    reported = [one.send for one in accounts if one.outcome == Outcome.REPORTED]
    on_month = {send.identity for send in reported}
    broker = facts.roster[npn]
    lines = [_line(facts, send, before, broker.name, on_month=True) for send in reported]
    lines += [
        _line(facts, send, before, broker.name, on_month=False)
        for send in facts.to_date.get(npn, ())
        if send.identity not in on_month
    ]
    return Draft(
        month=facts.month,
        npn=npn,
        issue=1,
        broker_name=broker.name,
        agency_name=broker.agency_name,
        plan_years=facts.plan_years,
        lines=compose.ordered(lines),
        withheld=tuple(_withheld(facts, npn, accounts)),
    )


def _line(
    facts: MonthFacts, send: Send, before: Mapping[Identity, LineFacts], broker_name: str, *, on_month: bool
) -> LineFacts:
    """As first published, if a year to date has shown it already."""
    shown = before.get(send.identity)
    if shown is not None:
        return replace(shown, on_month=on_month)
    covered = facts.known.covered[send.enrollment]
    return compose.line(send, covered, carrier_name=_carrier(facts, send), broker_name=broker_name, on_month=on_month)


def _withheld(facts: MonthFacts, npn: str, accounts: Sequence[Account]) -> list[WithheldFacts]:
    """Held, rejected and not attributed ones as known at the cut, and the plan years that are not current."""
    rows = list(facts.known.withheld.get(npn, ()))
    for one in accounts:
        if one.reason == rules.NOT_CURRENT:
            rows.append(_not_current(facts, one.send))
    for send in facts.rejected.get(npn, ()):
        covered, carrier = facts.known.covered[send.enrollment], _carrier(facts, send)
        rows.append(compose.rejected(covered, carrier_name=carrier, date_sent=send.date_sent))
    return sorted(rows, key=lambda row: (row.last_name, row.first_name, row.coverage_effective, row.enrollment))


def _not_current(facts: MonthFacts, send: Send) -> WithheldFacts:
    plan_year = plan_year_of(send.coverage_start)
    return compose.withheld(
        facts.known.covered[send.enrollment],
        carrier_name=_carrier(facts, send),
        state="sent",
        reason=f"sent on {send.date_sent} for plan year {plan_year}, which is not current in {facts.month}",
        cure="" if plan_year < facts.month.year else f"reported once the open enrollment of {plan_year} begins",
        who_must_act="",
    )


def _carrier(facts: MonthFacts, send: Send) -> str:
    return facts.carrier_names.get(send.hios_issuer_id) or carriers.unknown(send.hios_issuer_id).name
