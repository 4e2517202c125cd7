"""The close of a month: asked, cut, accounted, balanced, published, rendered, certified. Run twice, it resumes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from aor.brokers import queries as brokers
from aor.close import queries, steps
from aor.close.models import Close
from aor.close.steps import BLOCKED, CLOSED, CUT, Progress, Wanted
from aor.engine import locks
from aor.engine.slices import Pool
from aor.policy import report as rules
from aor.policy.decision import Decision, Finding
from aor.policy.report import Sums
from aor.reports import month as months
from aor.reports import operations as reports
from aor.reports import render
from aor.reports.accounting import ALL
from aor.reports.month import MonthFacts
from aor.terms.actor import Actor
from aor.terms.month import Month


@dataclass(frozen=True, slots=True)
class Result:
    """What a close came to. `sums` by carrier and of all; `details` names policies, never people."""

    month: Month
    state: str
    blockers: tuple[Finding, ...] = ()
    sums: dict[str, Sums] = field(default_factory=lambda: {ALL: Sums()})
    reports: int = 0
    hash: str = ""
    unanswered: int = 0
    corrected: int = 0
    cut: datetime | None = None
    details: dict[str, object] = field(default_factory=dict)


def close(
    month: Month,
    *,
    by: Actor,
    now: datetime,
    waivers: Sequence[Wanted] = (),
    progress: Progress = lambda words: None,
) -> Result:
    """Closes a month, or says what is in the way; takes up a close that was interrupted.

    Raises locks.Busy while another close runs, ValueError for a waiver that nobody can give.
    """
    with locks.exclusive("close", by=f"{by.name} {month}", at=now, wait=False):
        row = queries.close_of(month)
        if row is not None and row.state == CLOSED:
            return _closed(row)
        if row is None:
            decision, details = steps.questions(month, now=now)
            decision = steps.waived(decision, waivers)
            if not decision.granted:
                with transaction.atomic():
                    steps.note(month, "month.blocked", decision, by=by, now=now, details=details)
                return Result(month, BLOCKED, _blockers(decision), details=details)
            row = steps.cut(month, decision, waivers, by=by, now=now)
            progress("cut")
        return _from_the_cut(month, row, by=by, now=now, progress=progress)


def _from_the_cut(month: Month, row: Close, *, by: Actor, now: datetime, progress: Progress) -> Result:
    reports.forget_ahead()  # of a close that died
    corrected = 0
    ahead: list[reports.OneAhead] = []
    if row.state == CUT:
        with render.press(brokers.how_many()) as press:
            facts = months.gather(month=month, cut=row.cut)
            decision = Decision.of(rules.balanced(facts.sums))
            progress(f"{facts.sums[ALL].sent} sent, {facts.sums[ALL].carried_in} carried in")
            if decision.granted:
                corrected = steps.correct(facts, row, now=now)
                progress(f"{corrected} earlier reports corrected")
                decision, ahead = _published(facts, row, press, now=now, progress=progress)
        if not decision.granted:
            reports.forget_ahead()
            with transaction.atomic():
                steps.note(month, "month.blocked", decision, by=by, now=now, details={})
            return Result(month, BLOCKED, _blockers(decision), dict(facts.sums), cut=row.cut)
        progress("published")
    progress(f"{steps.publish_statements(month, row, now=now)} statements published")
    reports.keep(ahead, progress)
    reports.render_missing(progress)
    progress("rendered")
    row.refresh_from_db()
    steps.certify(month, row, Decision.of(rules.balanced(_sums(row))), by=by, now=now)
    return _closed(row, corrected=corrected)


def _published(
    facts: MonthFacts, row: Close, press: Pool, *, now: datetime, progress: Progress
) -> tuple[Decision, list[reports.OneAhead]]:
    """Whether the tables say what was decided, and the workbooks that were rendered while they were filled."""
    try:
        ahead = reports.render_ahead(steps.publish(facts, row, now=now, progress=progress), press=press)
    except steps.Foreign as because:
        return Decision.of(because.finding), []
    return steps.certify_published(facts, row), ahead


def preview(month: Month, *, now: datetime, waivers: Sequence[Wanted] = ()) -> Result:
    """What `close` would say now; writes nothing."""
    row = queries.close_of(month)
    if row is not None and row.state == CLOSED:
        return _closed(row)
    details: dict[str, object] = {}
    if row is None:
        decision, details = steps.questions(month, now=now)
        decision = steps.waived(decision, waivers)
        if not decision.granted:
            return Result(month, BLOCKED, _blockers(decision), details=details)
    facts = months.gather(month=month, cut=queries.all_known(now) if row is None else row.cut)
    own, numbers = rules.own_lines({}), []
    for drafts in steps.would_publish(facts):
        own = own if not own.met else steps.own_lines(drafts)
        numbers += [(draft.number, draft.lines_sha256) for draft in drafts]
    decision = Decision.of(rules.balanced(facts.sums), own)
    return Result(
        month,
        CLOSED if decision.granted else BLOCKED,
        _blockers(decision),
        dict(facts.sums),
        len(numbers),
        steps.hash_of(numbers),
        facts.unanswered,
        len(facts.gone),
        facts.cut,
        details,
    )


def _blockers(decision: Decision) -> tuple[Finding, ...]:
    """What is unmet and not waived."""
    waived = {finding.rule for finding in decision.findings if finding.met}
    return tuple(finding for finding in decision.unmet if f"WAIVED:{finding.rule}" not in waived)


def _closed(row: Close, *, corrected: int = 0) -> Result:
    return Result(
        Month.parse(row.month),
        CLOSED,
        sums=_sums(row),
        reports=row.reports,
        hash=row.hash,
        unanswered=row.unanswered,
        corrected=corrected,
        cut=row.cut,
    )


def _sums(row: Close) -> dict[str, Sums]:
    return {name: Sums(**one) for name, one in json.loads(row.sums).items()}
