"""A decided correction of the record: one enrollment, one broker, some days; everything else stays as it is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aor.acts import settle
from aor.audit import operations as journal
from aor.engine import locks
from aor.enrollments.models import Enrollment
from aor.policy.decision import Decision
from aor.record import operations as record
from aor.record.queries import Surroundings
from aor.terms.actor import Actor
from aor.terms.period import Period, day_of

RETRO = "retro"


@transaction.atomic
def retroactive(
    *, enrollment: int, npn: str, period: Period, source: str, decision: Decision, by: Actor, now: datetime
) -> int:
    """The broker is agent of record over these days, as an officer decided; returns the correction.

    `source` names the request, never a person. What happened to the associations up to now is taken into account.
    """
    row = Enrollment.objects.select_related("subscriber").get(pk=enrollment)
    with locks.shared("writers"):
        correction = record.correct(
            policy_id=row.policy_id,
            hios_issuer_id=row.hios_issuer_id,
            npn=npn,
            kind=RETRO,
            period=period,
            settles_until=day_of(now),
            source=source,
            now=now,
        )
        around = Surroundings.known()
        settle.household(row.subscriber.household_id, around=around, cause=source, now=now)
    details = {"npn": npn, "from": str(period.start), "until": str(period.until or ""), "source": source}
    journal.write(
        verb="record.corrected",
        subject=("enrollment", row.policy_id),
        decision=decision,
        parameters_version=around.parameters.version,
        by=by,
        at=now,
        details=details,
    )
    return correction


@transaction.atomic
def take_back(*, enrollment: int, correction: int, source: str, by: Actor, now: datetime) -> None:
    """The correction is taken back: the record is again what the associations say, and the carrier is corrected."""
    row = Enrollment.objects.select_related("subscriber").get(pk=enrollment)
    with locks.shared("writers"):
        record.take_back(correction, now=now)
        settle.household(row.subscriber.household_id, around=Surroundings.known(), cause=source, now=now)
    journal.write(
        verb="record.correction_taken_back",
        subject=("enrollment", row.policy_id),
        by=by,
        at=now,
        details={"source": source},
    )
