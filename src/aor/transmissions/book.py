"""A broker's book: how each of some enrollments stands for them today, in a few queries for thousands."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from aor.policy.decision import Finding, finding_from_json
from aor.policy.holding import State
from aor.transmissions import lifecycle
from aor.transmissions.ledger import Ledger, Scope
from aor.transmissions.lifecycle import Account, Entry

NOBODY = "none"
"""In place of a state: none of these brokers is, or will be, agent of record of the enrollment."""


class Line(NamedTuple):
    """How an enrollment stands: `state` is a State's value or NOBODY, `npn` of whom, from `start`; why it is held.

    `ends` is the first day that no longer counts.
    """

    state: str
    npn: str = ""
    start: date | None = None
    ends: date | None = None
    sent_on: date | None = None
    because: str = ""
    cure: str = ""


def lines(enrollments: Sequence[int], npns: Collection[str], *, now: datetime) -> dict[int, Line]:
    """The line of each enrollment, by its row: of the entry of these brokers in effect, next or last."""
    if not enrollments:
        return {}
    ledger = Ledger(Scope(enrollments=tuple(sorted(enrollments))), now=now, findings=True)
    found: dict[int, Line] = {}
    for enrolled, account in ledger.accounts():
        entry = _mine(account, npns, ledger.today)
        if entry is None:
            found[enrolled.id] = Line(NOBODY)
            continue
        state, sent_on, _ = lifecycle.state_of(account, entry, ledger.granted(enrolled), ledger.today)
        unmet = None
        if state is State.HELD:
            stored = tuple(finding_from_json(one) for one in json.loads(entry.findings))
            unmet = _first_unmet((*stored, *ledger.decision(enrolled, entry).findings))
        found[enrolled.id] = Line(
            state.value,
            entry.npn,
            entry.start,
            entry.until,
            sent_on,
            unmet.because if unmet else "",
            unmet.cure if unmet else "",
        )
    return found


def _mine(account: Account, npns: Collection[str], day: date) -> Entry | None:
    own = sorted((entry for entry in account.entries if entry.npn in npns), key=lambda entry: entry.start)
    return next((entry for entry in own if entry.until > day), own[-1] if own else None)


def _first_unmet(findings: tuple[Finding, ...]) -> Finding | None:
    return next((finding for finding in findings if not finding.met), None)
