"""Every check in its order, run at one moment of the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from aor.jobs import snapshot
from aor.jobs.checks import Findings, Seen, Wrong, carriers, database, papers, record


@dataclass
class Checked:
    """One invariant: how many rows were looked at, the first wrong thing of each kind, and how many of each."""

    invariant: str
    rows: int = 0
    first: dict[str, Wrong] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.first


def check(*, now: datetime) -> Iterator[Checked]:
    """Runs every check, and gives each when it is done."""
    found = carriers.listings()
    checks: dict[str, Callable[[Seen], Findings]] = {
        "the database is sound": database.is_sound,
        "the journal is whole": database.journal_is_whole,
        "one agent of record a day": record.one_agent_a_day,
        "entries lie within coverage": record.entries_are_within_coverage,
        "entries have their decision": record.entries_have_their_decision,
        "the record is settled": record.record_is_settled,
        "the record is what the facts decide": record.record_equals_recomputation,
        "enrollments follow their events": record.enrollments_follow_their_events,
        "households hold their people": record.households_hold_their_people,
        "interchanges are whole": carriers.interchanges_are_whole,
        "control numbers rise": carriers.control_numbers_rise,
        "what was told is known as told": carriers.told_is_known_as_told,
        "what is not told is explained": carriers.untold_is_explained,
        "mailboxes hold what we sent": partial(carriers.mailboxes_hold_what_we_sent, found=found),
        "documents are whole": papers.documents_are_whole,
        "what was disposed of is gone": papers.disposed_stays_disposed,
        "months balance": papers.months_balance,
        "reports are as published": papers.reports_are_as_published,
        "statements are as published": papers.statements_are_as_published,
    }
    with snapshot.one_moment():
        for invariant, run in checks.items():
            seen, checked = Seen(now), Checked(invariant)
            for wrong in run(seen):
                checked.first.setdefault(wrong.kind, wrong)
                checked.count[wrong.kind] = checked.count.get(wrong.kind, 0) + 1
            checked.rows = seen.rows
            yield checked
