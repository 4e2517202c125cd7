"""Before the renewal run: what it would do to every current agent of record (readings, R2.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched

from django.core.cache import cache
from django.db import transaction

from aor.acts import say
from aor.audit import operations as journal
from aor.audit import queries as journal_facts
from aor.calendar import queries as calendar
from aor.policy import renewal
from aor.policy.renewal import Prospect, Renewal
from aor.record import queries as record_facts
from aor.record.models import Entry
from aor.record.queries import Surroundings
from aor.terms.actor import Actor
from aor.terms.period import day_of

HOUSEHOLDS_AT_ONCE = 1_000
EVERY, KEPT = timedelta(hours=20), timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Row:
    """One current agent of record with its prospect."""

    policy_id: str
    subscriber_id: str
    hios_issuer_id: str
    coverage: str
    prospect: Prospect


def renewals(plan_year: int, *, now: datetime, npns: Iterable[str] | None = None) -> Iterator[Row]:
    """Every agent of record, or those of some brokers, in effect on the last day before `plan_year`, by household."""
    last_day = date(plan_year - 1, 12, 31)
    around = Surroundings.known()
    current = Entry.objects.known_at().filter(
        effective_from__lte=last_day, effective_until__gt=last_day, in_standing=True
    )
    if npns is not None:
        current = current.filter(npn__in=list(npns))
    households = (
        current.values_list("enrollment__subscriber__household", flat=True)
        .distinct()
        .order_by("enrollment__subscriber__household")
    )
    for some in batched(list(households), HOUSEHOLDS_AT_ONCE):
        pairs = dict(current.filter(enrollment__subscriber__household__in=some).values_list("enrollment_id", "npn"))
        gathered = record_facts.gather(list(some), around)
        for facts in gathered.households.values():
            named = {enrollment.id: enrollment for enrollment in facts.enrollments}
            wanted = [(id, pairs[id]) for id in named if id in pairs]
            for prospect in renewal.prospects(
                facts, wanted, plan_year=plan_year, day=day_of(now), parameters=around.parameters
            ):
                enrollment = named[prospect.enrollment]
                yield Row(
                    enrollment.policy_id,
                    enrollment.subscriber_id,
                    enrollment.carrier.hios_issuer_id,
                    enrollment.coverage_kind,
                    prospect,
                )


@dataclass(frozen=True, slots=True)
class Counted:
    """How many agents of record the renewal carries, holds and loses, by (HIOS issuer id, NPN); counted at `at`."""

    at: datetime
    counts: dict[tuple[str, str], Counter[str]]


def counted(plan_year: int, *, now: datetime) -> Counted | None:
    """What was counted of the whole market within two days; None: nobody did."""
    found = cache.get(f"renewals-{plan_year}")
    return found if isinstance(found, Counted) and abs(now - found.at) < KEPT else None


def count(*, now: datetime) -> int:
    """Counts what the next renewal does to the whole market, once a day; how many agents of record were looked at."""
    plan_year = day_of(now).year + 1
    before = counted(plan_year, now=now)
    if before is not None and now - before.at < EVERY:
        return 0
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in renewals(plan_year, now=now):
        counts.setdefault((row.hios_issuer_id, row.prospect.npn), Counter())[str(row.prospect.renewal)] += 1
    cache.set(f"renewals-{plan_year}", Counted(now, counts), timeout=None)
    return sum(each.total() for each in counts.values())


def warn(*, by: Actor, now: datetime) -> int:
    """Tells each broker what the renewal to come would hold or lose, once 60, 30 and 7 days before; how many.

    The days are a parameter. A day that was missed is made up for; the whole market is looked at once a warning.
    """
    today = day_of(now)
    plan_year = today.year + 1
    words = calendar.parameters().words("renewal_warning_days", today)
    ahead = [days for days in map(int, words) if (date(plan_year, 1, 1) - today).days <= days]
    if not ahead:
        return 0
    warning = ("renewal warning", f"{plan_year} in {min(ahead)} days")
    if journal_facts.story(warning):
        return 0
    rows = ((row.prospect.npn, row.prospect.renewal) for row in renewals(plan_year, now=now))
    counts = Counter((npn, what) for npn, what in rows if what is not Renewal.CARRIED)
    warned = sorted({npn for npn, _ in counts})
    with transaction.atomic():
        for npn in warned:
            lost, held = counts[npn, Renewal.LOST], counts[npn, Renewal.HELD]
            say.to_brokers(
                "renewals at risk", [npn], about=warning[1], now=now, once=True, year=plan_year, lost=lost, held=held
            )
        journal.write(verb="renewals.warned", subject=warning, by=by, at=now, details={"brokers": len(warned)})
    return len(warned)
