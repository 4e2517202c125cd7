"""What a statement's pages say: as tagged PDF and as workbook (readings, R6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from aor.documents import statements as pdfs
from aor.reports.changes import Change
from aor.reports.compose import Draft, LineFacts
from aor.reports.models import Statement
from aor.terms.period import ZONE
from aor.workbooks import statement as workbooks
from aor.workbooks.aor_report import month_in_words

BROKER, AGENCY = "broker", "agency"
COVERAGE = "coverage"
PROGRAMS = {"HLT": "QHP medical", "DEN": "QHP dental"}
NOT_TOLD = "not told by enrollment files"
KINDS = {"gained": "Gained", "lost": "Lost", "ended": "Ended with the coverage", "corrected": "Corrected"}

type Group = tuple[Draft, str, list[LineFacts]]


def program(coverage_kind: str, how: str) -> str:
    """The program determination of a row; assisted or not is nowhere told to us, so it cannot be said."""
    return PROGRAMS.get(coverage_kind, coverage_kind) if how == COVERAGE else NOT_TOLD


@dataclass(frozen=True, slots=True)
class Content:
    """What a statement says: by broker the rows of the month and of the year to date, and the changes."""

    row: Statement
    drafts: tuple[Draft, ...]
    to_date: Mapping[str, tuple[LineFacts, ...]]
    changed: tuple[Change, ...]

    def groups(self, lines: Mapping[str, Iterable[LineFacts]]) -> list[Group]:
        """Rows by broker and program determination, in that order."""
        found = []
        for draft in self.drafts:
            by_program: defaultdict[str, list[LineFacts]] = defaultdict(list)
            for line in lines.get(draft.npn, ()):
                by_program[program(line.coverage_kind, self.row.program)].append(line)
            found += [(draft, name, by_program[name]) for name in sorted(by_program, reverse=True)]
        return found

    @property
    def month(self) -> dict[str, list[LineFacts]]:
        return {draft.npn: [line for line in draft.lines if line.on_month] for draft in self.drafts}


def pdf(said: Content) -> bytes:
    """The statement, tagged; what changed on a page of its own."""
    return pdfs.pdf(_pdf(said), at=said.row.cut)


def workbook(said: Content) -> bytes:
    """The same as a workbook."""
    return workbooks.render(_workbook(said))


def _sums(said: Content) -> tuple[tuple[str, ...], ...]:
    """By broker and program how many were sent in the month and in the year to date; the last row is all of them."""
    counts: dict[tuple[str, str, str], list[int]] = {}
    for at, lines in enumerate((said.month, said.to_date)):
        for draft, name, rows in said.groups(lines):
            counts.setdefault((draft.npn, draft.broker_name, name), [0, 0])[at] = len(rows)
    by_program = sorted(counts.items(), key=lambda item: item[0][2], reverse=True)
    listed = sorted(by_program, key=lambda item: item[0][0])
    total = [str(sum(count[at] for count in counts.values())) for at in (0, 1)]
    return (*((*whose, *map(str, count)) for whose, count in listed), ("", "In all", "", *total))


def _heading(said: Content) -> tuple[str, str]:
    month = month_in_words(said.row.month)
    return f"Agent of Record Statement, {month}", f"Sent in {month}"


def _cells(line: LineFacts) -> tuple[str | date | None, ...]:
    return (
        line.date_sent, line.last_name, line.first_name, line.birth_date, line.carrier_name, line.coverage_effective,
        line.broker_name, line.npn,
    )  # fmt: skip


def _footer(said: Content) -> str:
    instant = said.row.cut.astimezone(ZONE)
    return f"Statement {said.row.number}. As of {instant:%Y-%m-%d %H:%M} Minnesota time. Private data."


def _pdf(said: Content) -> pdfs.Statement:
    title, in_month = _heading(said)
    to_date = said.groups(said.to_date)
    several = len(said.drafts) > 1

    def section(heading: str, groups: list[Group]) -> pdfs.Section:
        return pdfs.Section(
            heading,
            tuple(
                pdfs.Group(f"{draft.broker_name}, NPN {draft.npn}: {name}", tuple(map(_cells, lines)))
                for draft, name, lines in groups
            ),
            "No agent of record was sent.",
        )

    return pdfs.Statement(
        title=title,
        marketplace=getattr(settings, "AOR_MARKETPLACE", "the marketplace"),
        facts=(
            ("Statement", said.row.number),
            ("Agency" if said.row.kind == AGENCY else "Broker", f"{said.row.name}, NPN {said.row.npn}"),
            ("Plan years", " and ".join(sorted({draft.plan_years for draft in said.drafts}))),
        ),
        footer=_footer(said),
        counted=(in_month, "Year to date"),
        summary=_sums(said),
        notes=()
        if said.row.previous_cut
        else ("This is the first statement: what changed is told from the next on.",),
        sections=(section(in_month, said.groups(said.month)), section("Year to date", to_date)),
        changes_heading="What changed since the last statement",
        changes=tuple(
            pdfs.Group(
                heading,
                tuple(_change(one, several=several) for one in said.changed if one.kind == kind),
                "None.",
            )
            for kind, heading in KINDS.items()
        ),
    )


def _change(one: Change, *, several: bool) -> tuple[str | date | None, ...]:
    words = f"{one.words} (NPN {one.npn})" if several else one.words
    return (
        one.day, one.last_name, one.first_name, one.birth_date, one.carrier_name, one.coverage_effective, words,
    )  # fmt: skip


def _workbook(said: Content) -> workbooks.Statement:
    title, in_month = _heading(said)
    to_date = said.groups(said.to_date)

    def rows(groups: list[Group]) -> tuple[workbooks.Row, ...]:
        return tuple((*_cells(line), name) for _, name, lines in groups for line in lines)

    return workbooks.Statement(
        number=said.row.number,
        title=title,
        whose=f"{said.row.name}, NPN {said.row.npn}",
        footer=_footer(said),
        created=said.row.cut,
        counted=(in_month, "Year to date"),
        summary=_sums(said),
        month_heading=in_month,
        month=rows(said.groups(said.month)),
        year_to_date=rows(to_date),
        changes=tuple(
            (KINDS[one.kind], one.day, one.last_name, one.first_name, one.birth_date, one.carrier_name,
             one.coverage_effective, one.words, one.npn)
            for one in said.changed
        ),
    )  # fmt: skip
