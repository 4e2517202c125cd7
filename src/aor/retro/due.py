"""What time and carriers do to retroactive requests: reminders, acceptance, appeals that are no longer open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from aor.calendar import queries as calendar
from aor.cases import operations as cases
from aor.policy import retro as rules
from aor.policy.retro import Outcome
from aor.retro import queries, say
from aor.retro.models import Identified, Ruling
from aor.terms.actor import Actor
from aor.terms.period import day_of
from aor.transmissions.ledger import Ledger, Scope
from aor.transmissions.lifecycle import ACCEPTED


def remind(*, now: datetime) -> int:
    """Brokers whose association is still missing are reminded, once a week; how many were."""
    done = 0
    for row in queries.waiting_for_association():
        weeks = (now - row.received_at).days // 7
        done += bool(weeks) and say.broker(row, say.STILL_MISSING, now=now, dedupe=f"week {weeks}")
    return done


def follow_carriers(*, by: Actor, now: datetime) -> int:
    """Approvals that their carrier has accepted are closed; how many."""
    return _close(_accepted(queries.with_the_carrier(), now=now), "the carrier accepted it", by=by, now=now)


def close_undisputed(*, by: Actor, now: datetime) -> int:
    """What was not approved and can no longer be appealed is closed; how many."""
    today = day_of(now)
    days = calendar.parameters().number("retro_appeal_days", today)
    over = [
        one
        for one in queries.not_approved()
        if not rules.appeal_open(Outcome(one.outcome), day_of(one.at), one.number > 1, today, days).met
    ]
    return _close(over, "no appeal is open any more", by=by, now=now)


def _close(rulings: Sequence[Ruling], note: str, *, by: Actor, now: datetime) -> int:
    """Whoever was first has closed it; the others close nothing."""
    versions = {one.request.case.number: one.request.case.version for one in rulings}
    return len(versions) - len(cases.take_many(cases.CLOSE, versions, by=by, now=now, note=note))


def _accepted(rulings: Sequence[Ruling], *, now: datetime) -> list[Ruling]:
    """Those whose correction the carrier has accepted: one look at the ledger for all."""
    rows = Identified.objects.filter(request__in=[one.request_id for one in rulings]).order_by("pk")
    of_request = dict(rows.values_list("request", "enrollment"))  # the last one counts
    if not of_request:
        return []
    ledger = Ledger(Scope(enrollments=tuple(sorted(set(of_request.values())))), now=now)
    told = {
        (enrolled.id, one.npn, one.day)
        for enrolled, account in ledger.accounts()
        for one in account.told
        if one.verdict == ACCEPTED
    }
    return [
        one for one in rulings if (of_request.get(one.request_id), one.request.npn, one.request.effective_on) in told
    ]
