"""What a broker's report says before it is published: its lines, their canonical form and hash. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from aor.reports.accounting import Identity, Send
from aor.terms.month import Month
from aor.terms.period import plan_year_of


@dataclass(frozen=True, slots=True)
class Covered:
    """An enrollment as it stands: whose, with which carrier, from when."""

    enrollment: int
    policy_id: str
    hios_issuer_id: str
    coverage_kind: str
    coverage_effective: date
    last_name: str
    first_name: str
    birth_date: date | None


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One row as published. `on_month` False: on the year to date alone."""

    enrollment: int
    on_month: bool
    date_sent: date
    last_name: str
    first_name: str
    birth_date: date | None
    policy_id: str
    hios_issuer_id: str
    carrier_name: str
    coverage_kind: str
    coverage_effective: date
    broker_name: str
    npn: str
    effective_from: date
    channel: str

    @property
    def identity(self) -> Identity:
        return (self.enrollment, self.npn, self.effective_from)


@dataclass(frozen=True, slots=True)
class WithheldFacts:
    """A household of the broker that is not on the report: why, what would put it there, and who must act."""

    enrollment: int
    last_name: str
    first_name: str
    birth_date: date | None
    carrier_name: str
    coverage_effective: date
    state: str
    reason: str
    cure: str
    who_must_act: str


LINE = tuple(field.name for field in fields(LineFacts))
WITHHELD = tuple(field.name for field in fields(WithheldFacts))
line_values = attrgetter(*LINE)
withheld_values = attrgetter(*WITHHELD)
_PUBLISHED = attrgetter(*LINE[1:])  # an enrollment's key is this database's own


@dataclass(frozen=True, slots=True)
class Draft:
    """One issue of one broker's report, ready to be published; lines and withheld rows are in their order."""

    month: Month
    npn: str
    issue: int
    broker_name: str
    agency_name: str
    plan_years: str
    lines: tuple[LineFacts, ...]
    withheld: tuple[WithheldFacts, ...]
    note: str = ""

    @property
    def number(self) -> str:
        return f"AOR-{self.month}-{self.npn}-{self.issue}"

    @property
    def foreign(self) -> int:
        """How many lines are another broker's: none, or nothing is published."""
        return sum(line.npn != self.npn for line in self.lines)

    @property
    def lines_sha256(self) -> str:
        return hashlib.sha256(canonical(self.lines)).hexdigest()


class Issue(NamedTuple):
    """One issue as the tables hold it; `lines` are rows of LINE, `withheld` of WITHHELD."""

    month: str
    npn: str
    issue: int
    broker_name: str
    agency_name: str
    plan_years: str
    note: str
    lines: list[tuple[Any, ...]]
    withheld: list[tuple[Any, ...]]


def draft(of: Issue) -> Draft:
    """What an issue says."""
    return Draft(
        month=Month.parse(of.month),
        npn=of.npn,
        issue=of.issue,
        broker_name=of.broker_name,
        agency_name=of.agency_name,
        plan_years=of.plan_years,
        lines=ordered(LineFacts(*row) for row in of.lines),
        withheld=tuple(WithheldFacts(*row) for row in of.withheld),
        note=of.note,
    )


def first_published(rows: Iterable[tuple[Any, ...]]) -> dict[Identity, LineFacts]:
    """Every entry on some rows of LINE, ascending by month, as it was first published."""
    found: dict[Identity, LineFacts] = {}
    for row in rows:
        line = LineFacts(*row)
        found.setdefault(line.identity, line)
    return found


def to_date(draft: Draft, earlier: dict[Identity, LineFacts]) -> tuple[LineFacts, ...]:
    """The year to date of a report: of the current plan years what was ever published, each as it first was."""
    years = {int(year) for year in draft.plan_years.split(" and ")}
    rows = {**{line.identity: line for line in draft.lines}, **earlier}
    return ordered(line for line in rows.values() if plan_year_of(line.coverage_effective) in years)


def canonical(lines: Iterable[LineFacts]) -> bytes:
    """One JSON list a line, days in ISO, UTF-8: the same lines give the same bytes in any database."""
    texts = (json.dumps(_PUBLISHED(line), ensure_ascii=False, default=date.isoformat) for line in lines)
    return "\n".join(texts).encode()


def ordered(lines: Iterable[LineFacts]) -> tuple[LineFacts, ...]:
    """As the sheets show them: by day, then by name."""
    return tuple(sorted(lines, key=_ORDER))


_ORDER = attrgetter("date_sent", "last_name", "first_name", "policy_id", "hios_issuer_id", "effective_from")


def line(send: Send, covered: Covered, *, carrier_name: str, broker_name: str, on_month: bool) -> LineFacts:
    """The row of a send that was never published before."""
    return LineFacts(
        enrollment=send.enrollment,
        on_month=on_month,
        date_sent=send.date_sent,
        last_name=covered.last_name,
        first_name=covered.first_name,
        birth_date=covered.birth_date,
        policy_id=covered.policy_id,
        hios_issuer_id=covered.hios_issuer_id,
        carrier_name=carrier_name,
        coverage_kind=covered.coverage_kind,
        coverage_effective=covered.coverage_effective,
        broker_name=broker_name,
        npn=send.npn,
        effective_from=send.effective_from,
        channel=send.channel,
    )


def withheld(
    row: Covered | LineFacts, *, carrier_name: str, state: str, reason: str, cure: str, who_must_act: str
) -> WithheldFacts:
    """A row of the third sheet."""
    return WithheldFacts(
        row.enrollment,
        row.last_name,
        row.first_name,
        row.birth_date,
        carrier_name,
        row.coverage_effective,
        state,
        reason,
        cure,
        who_must_act,
    )


def rejected(row: Covered | LineFacts, *, carrier_name: str, date_sent: date) -> WithheldFacts:
    """The third sheet's row of a send that its carrier rejected."""
    return withheld(
        row,
        carrier_name=carrier_name,
        state="rejected",
        reason=f"sent on {date_sent}; {carrier_name} rejected it",
        cure="sent again once what was rejected is mended; it is then reported with its new date",
        who_must_act="the marketplace",
    )


def reissue(previous: Draft, withdrawn: Sequence[LineFacts]) -> Draft:
    """The next issue, without the rows that the carrier rejected after publication; the note says why."""
    gone = {row.identity for row in withdrawn}
    count = f"{len(withdrawn)} row was" if len(withdrawn) == 1 else f"{len(withdrawn)} rows were"
    missing = (rejected(row, carrier_name=row.carrier_name, date_sent=row.date_sent) for row in withdrawn)
    return replace(
        previous,
        issue=previous.issue + 1,
        lines=tuple(row for row in previous.lines if row.identity not in gone),
        withheld=(*previous.withheld, *missing),
        note=f"Replaces issue {previous.issue}: {count} rejected by the carrier after publication.",
    )


def without(previous: Draft, gone: frozenset[Identity], note: str) -> Draft:
    """The next issue, without the rows of consumers who are not the broker's, on any sheet (readings, R9)."""
    enrollments = {identity[0] for identity in gone}
    return replace(
        previous,
        issue=previous.issue + 1,
        lines=tuple(row for row in previous.lines if row.identity not in gone),
        withheld=tuple(row for row in previous.withheld if row.enrollment not in enrollments),
        note=note,
    )
