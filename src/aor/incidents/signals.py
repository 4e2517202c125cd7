"""Signals: what is out of the ordinary about associations, found by sets, listed for somebody to look at (R12)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import date, datetime, timedelta

from django.db import transaction

from aor.acts import annul
from aor.associations.models import AccessChange, Association, Ending
from aor.audit import operations as journal
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.operations import ANSWER, OFFICIALS, Refused
from aor.consumers import queries as consumers
from aor.engine import bulk
from aor.engine.among import among
from aor.incidents.models import Review, Signal
from aor.policy import incident as rules
from aor.policy.access import Change
from aor.policy.association import ANNULLING, EndKind, Path
from aor.terms.actor import Actor
from aor.terms.period import day_of

KIND = "signal"
DAYS = 10  # business days for the case of a signal; our own
LOOKED_BACK = timedelta(days=45)
_ROW = ("id", "npn", "subscriber_id", "household_id", "confirmed_at")


def find(*, now: datetime) -> int:
    """Looks at the associations of the last weeks, but those that moved with a book; how many signals are new."""
    recent = Association.objects.filter(recorded_at__gte=now - LOOKED_BACK).exclude(path=Path.TRANSFERRED)
    rows = bulk.read(recent.order_by("confirmed_at", "id"), *_ROW)
    began: defaultdict[str, list[date]] = defaultdict(list)
    for _, npn, _, _, at in rows:
        began[npn].append(day_of(at))
    emails = consumers.emails_of(row[2] for row in rows if row[2])
    sharing, of_brokers = consumers.households_sharing(emails.values()), brokers.addresses(emails.values())
    back = taken_back([row[0] for row in rows])
    parameters, found = calendar.parameters(), []
    for id, npn, subscriber, _, at in rows:
        day, email = day_of(at), emails.get(subscriber, "")
        decision = rules.signals(
            count=_within(began[npn], day, parameters.number("signal_burst_days", day)),
            households=sharing.get(email, 0),
            of_broker=email in of_brokers,
            began=day,
            back=back.get(id),
            day=day,
            parameters=parameters,
        )
        found += [(id, one.rule, one.because[:300], now) for one in decision.unmet]
    return _keep(found)


def _within(days: list[date], day: date, span: int) -> int:
    """How many of some days, ascending, lie in the span that ends with a day."""
    return bisect_right(days, day) - bisect_left(days, day - timedelta(days=span - 1))


def taken_back(ids: list[int]) -> dict[int, date]:
    """The first day on which each was undone, declined, ended by the consumer or disowned."""
    kinds = [kind.value for kind in ANNULLING | {EndKind.ENDED}]
    ends = bulk.read(Ending.objects.filter(among("association", ids), kind__in=kinds), "association_id", "at")
    changes = AccessChange.objects.filter(among("association", ids), kind=Change.DISOWNED)
    found: dict[int, date] = {}
    for id, at in [*ends, *bulk.read(changes, "association_id", "at")]:
        found[id] = min(found.get(id, date.max), day_of(at))
    return found


@transaction.atomic
def _keep(found: list[tuple[int, str, str, datetime]]) -> int:
    known = set(bulk.read(Signal.objects.filter(among("association", (row[0] for row in found))), *_KEY))
    new = [row for row in found if row[:2] not in known]
    return bulk.load(Signal, ("association_id", "rule", "because", "at"), new)


_KEY = ("association_id", "rule")


@transaction.atomic
def refer(signal: int, *, words: str, by: Actor, now: datetime) -> str:
    """Somebody has looked, and opens a case for it; its number, "" where another looked before. Raises Refused."""
    if by.role not in OFFICIALS or not words.strip():
        raise Refused("an officer opens a case of a signal, and says why")
    if not review(signal, words=words, by=by, now=now):
        return ""
    clocks = {ANSWER: Allowance(DAYS, Unit.BUSINESS_DAYS)}
    return cases.open_one(kind=KIND, subject=(KIND, str(signal)), clocks=clocks, by=by, now=now).number


@transaction.atomic
def review(signal: int, *, words: str, by: Actor, now: datetime) -> bool:
    """Somebody has looked at a signal; whether they were the first. Nothing follows by itself."""
    row = Signal.objects.select_related("association").get(pk=signal)
    _, new = Review.objects.get_or_create(signal=row, defaults={"at": now, "by_name": by.name, "words": words[:500]})
    if new:
        subject = ("subscriber", annul.speaker(row.association))
        details = {"rule": row.rule, "npn": row.association.npn}
        journal.write(verb="signal.reviewed", subject=subject, by=by, at=now, details=details)
    return new
