"""Before the renewal run: what it would do to every current agent of record (readings, R2.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched

from aor.policy import renewal
from aor.policy.renewal import Prospect
from aor.record import queries as record_facts
from aor.record.models import Entry
from aor.record.queries import Surroundings
from aor.terms.period import day_of

HOUSEHOLDS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """One current agent of record with its prospect."""

    policy_id: str
    subscriber_id: str
    hios_issuer_id: str
    coverage: str
    prospect: Prospect


def renewals(plan_year: int, *, now: datetime) -> Iterator[Row]:
    """Every agent of record in effect on the last day before `plan_year`, by household."""
    last_day = date(plan_year - 1, 12, 31)
    around = Surroundings.known()
    current = Entry.objects.known_at().filter(
        effective_from__lte=last_day, effective_until__gt=last_day, in_standing=True
    )
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
