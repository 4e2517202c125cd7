"""The steps of a close: each asks, acts, and leaves evidence; each can be done again and changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from aor.audit import operations as journal
from aor.calendar import queries as calendar
from aor.close import queries
from aor.close.models import Close, Waiver
from aor.engine import faults, locks
from aor.policy import report as rules
from aor.policy import waivers as waiving
from aor.policy.decision import Decision, Finding
from aor.policy.report import Sums
from aor.reports import month as months
from aor.reports import operations as reports
from aor.reports import queries as report_facts
from aor.reports import sends, statements
from aor.reports.accounting import ALL
from aor.reports.compose import Draft
from aor.reports.models import Accounted, Line, Report
from aor.reports.month import MonthFacts
from aor.reports.operations import Edition
from aor.terms.actor import Actor
from aor.terms.month import Month
from aor.terms.period import day_of

ROWS_AT_ONCE, BROKERS_AT_ONCE = 2_000, 50  # in one transaction: SQLite has one writer (architecture, invariant 12)
CUT, PUBLISHED, CLOSED, BLOCKED = "cut", "published", "closed", "blocked"

type Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A waiver that an officer gives with a close."""

    rule: str
    because: str
    by: str


def questions(month: Month, *, now: datetime) -> tuple[Decision, dict[str, object]]:
    """Whether the month can close, and the details of what is in the way (policies, never names).

    Asked of all that is known, as the close will know it, also where the clock went back meanwhile.
    """
    known = queries.all_known(now)
    findings = [rules.months_in_order(month, day_of(now), queries.order(known))]
    details: dict[str, object] = {}
    if findings[0].met:
        waiting, policies = queries.waiting(month, known)
        findings.append(rules.all_sent(waiting))
        details = {"waiting": policies} if policies else {}
        if calendar.parameters().on("all_answered_required", day_of(now)):
            findings.append(_all_answered(month, known))
    return Decision.of(*findings), details


def _all_answered(month: Month, now: datetime) -> Finding:
    of_month = [one for one in sends.hand_overs(now) if one.date_sent in month and not one.opening]
    unanswered = sum(not one.answered for one in of_month)
    return rules.all_answered(unanswered, sum(one.rejected for one in of_month), required=True)


def waived(decision: Decision, wanted: Sequence[Wanted]) -> Decision:
    """The decision with the waivers that it needs. Raises ValueError for one that nobody can give."""
    for one in wanted:
        if one.rule in waiving.NEVER_WAIVED or any(f.rule == one.rule for f in decision.unmet):
            decision = waiving.waive(decision, rule=one.rule, because=one.because, by=one.by)
    return decision


def cut(month: Month, decision: Decision, wanted: Sequence[Wanted], *, by: Actor, now: datetime) -> Close:
    """Freezes the instant up to which this close knows, while nobody writes."""
    needed = {finding.rule for finding in decision.unmet}
    with transaction.atomic(), locks.exclusive("writers", by=by.name, at=now):
        row = Close.objects.create(
            month=str(month),
            state=CUT,
            cut=queries.all_known(now),
            journal_head=queries.journal_head(),
        )
        for one in wanted:
            if one.rule in needed:
                Waiver.objects.create(month=str(month), rule=one.rule, because=one.because, by=one.by, at=now)
        note(month, "month.cut", decision, by=by, now=now, details={"cut": row.cut.isoformat()})
    faults.reached("close:cut")
    return row


def correct(facts: MonthFacts, row: Close, *, now: datetime) -> int:
    """New issues of earlier reports whose rows the carriers have rejected since."""
    if not facts.gone:
        return 0
    return reports.correct(facts.gone, addresses=facts.addresses, edition=_edition(row, now))


class Foreign(Exception):
    """A report would show another broker's row; `finding` says whose."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.because)
        self.finding = finding


def publish(facts: MonthFacts, row: Close, *, now: datetime, progress: Progress) -> Iterator[list[int]]:
    """The reports of the brokers not yet done, some brokers a transaction, with what became of their sends.

    Gives the keys of each transaction's reports. Raises Foreign before the first that would show another's row.
    """
    left = [npn for npn in facts.npns if npn > row.through]
    done = len(facts.npns) - len(left)
    for npns in _slices(facts, left):
        drafts = months.drafts(facts, npns)
        own = own_lines(drafts)
        if not own.met:
            raise Foreign(own)
        accounts = [one for npn in npns for one in facts.accounts.get(npn, ())]
        with transaction.atomic():
            published = reports.publish(drafts, addresses=facts.addresses, edition=_edition(row, now))
            reports.enter(accounts, month=facts.month)
            Close.objects.filter(pk=row.pk).update(through=npns[-1])
        done += len(npns)
        faults.reached("close:publish")
        progress(f"{done} of {len(facts.npns)} brokers")
        yield published


def own_lines(drafts: Iterable[Draft]) -> Finding:
    """Whether every line stands on its own broker's report."""
    return rules.own_lines({draft.npn: draft.foreign for draft in drafts if draft.foreign})


def _slices(facts: MonthFacts, npns: Iterable[str]) -> Iterator[list[str]]:
    part: list[str] = []
    rows = 0
    for npn in npns:
        part.append(npn)
        rows += facts.rows_of(npn)
        if rows >= ROWS_AT_ONCE or len(part) == BROKERS_AT_ONCE:
            yield part
            part, rows = [], 0
    if part:
        yield part


def certify_published(facts: MonthFacts, row: Close) -> Decision:
    """Whether what stands in the tables is what was decided; then the sums and the hash are set."""
    stored = _stored(facts)
    decision = Decision.of(rules.balanced(stored))
    if decision.granted:
        first_issues = Report.objects.filter(month=row.month, issue=1)
        Close.objects.filter(pk=row.pk).update(
            state=PUBLISHED,
            sums=json.dumps({name: asdict(one) for name, one in stored.items()}),
            unanswered=facts.unanswered,
            reports=first_issues.count(),
            hash=hash_of(first_issues.order_by("npn").values_list("number", "lines_sha256")),
        )
        faults.reached("close:published")
    return decision


def publish_statements(month: Month, row: Close, *, now: datetime) -> int:
    """The statements of the month, and what changed since the close before; they are rendered when asked for."""
    before = queries.close_before(month)
    return statements.publish(month, cut=row.cut, previous_cut=None if before is None else before.cut, now=now)


def _stored(facts: MonthFacts) -> dict[str, Sums]:
    """What was sent and carried in as known at the cut, against what the tables say became of it."""
    month = str(facts.month)
    lines = Line.objects.filter(report__month=month, report__issue=1, on_month=True)
    reported = dict(lines.values_list("hios_issuer_id").annotate(Count("id")))
    rest = Counter(
        {
            (hios, outcome): count
            for hios, outcome, count in Accounted.objects.filter(month=month)
            .values_list("hios_issuer_id", "outcome")
            .annotate(Count("id"))
        }
    )
    stored = {
        hios: Sums(one.sent, one.carried_in, reported.get(hios, 0), rest[hios, "excepted"], rest[hios, "carried out"])
        for hios, one in facts.sums.items()
        if hios != ALL
    }
    return {**stored, ALL: rules.total(stored.values())}


def hash_of(numbers: Iterable[tuple[str, str]]) -> str:
    """Over every report of a month in the order of brokers: its number and the hash of its lines."""
    whole = hashlib.sha256()
    for number, lines_sha256 in numbers:
        whole.update(f"{number} {lines_sha256}\n".encode())
    return whole.hexdigest()


def would_publish(facts: MonthFacts) -> Iterator[list[Draft]]:
    """What a close would publish now, without writing."""
    for npns in _slices(facts, facts.npns):
        yield months.drafts(facts, npns)


def certify(month: Month, row: Close, decision: Decision, *, by: Actor, now: datetime) -> None:
    """The month is closed, once every workbook is stored."""
    if report_facts.not_rendered():
        raise RuntimeError("a workbook is missing after all were rendered")
    with transaction.atomic():
        Close.objects.filter(pk=row.pk).update(state=CLOSED, closed_at=now)
        sums: Mapping[str, object] = json.loads(row.sums)[ALL]
        note(month, "month.closed", decision, by=by, now=now, details={"reports": row.reports, **sums})
    faults.reached("close:closed")


def note(
    month: Month, verb: str, decision: Decision, *, by: Actor, now: datetime, details: Mapping[str, object]
) -> None:
    """One act of the close in the journal."""
    journal.write(
        verb=verb,
        subject=("month", str(month)),
        by=by,
        at=now,
        decision=decision,
        parameters_version=calendar.parameters().version,
        details=details,
    )


def _edition(row: Close, now: datetime) -> Edition:
    return Edition(row.cut, row.journal_head, now)
