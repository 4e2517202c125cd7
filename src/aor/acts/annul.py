"""An association taken out of history by decision: the earlier broker is restored from its day, without a gap."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aor.acts import say, settle
from aor.acts.place import hold
from aor.associations import operations as associations
from aor.associations import queries as association_facts
from aor.associations.models import Association
from aor.audit import operations as journal
from aor.consumers.models import Membership
from aor.policy.association import ANNULLING, EndKind
from aor.policy.decision import Decision
from aor.terms.actor import Actor


@transaction.atomic
def annul(*, association: int, source: str, decision: Decision, by: Actor, now: datetime) -> bool:
    """As if it had never been; what carriers were told is corrected with their next runs; whether that is news.

    `source` names the case, never a person. Consumer, former and restored broker are told.
    """
    row = association_facts.association(association)
    if row is None or ANNULLING & association_facts.ends_of(association):
        return False
    place = hold(speaker(row), now)
    associations.end(row.id, kind=EndKind.UNDONE, at=now, now=now)
    settle.household(place.household, around=place.around, cause=source[:60], now=now)
    after = association_facts.open_for(place.key)
    say.changed("broker restored", people=place.people, before=place.open, after=after, now=now)
    journal.write(
        verb="association.annulled",
        subject=("subscriber", speaker(row)),
        decision=decision,
        parameters_version=place.around.parameters.version,
        by=by,
        at=now,
        details={"household": place.key, "npn": row.npn, "association": row.id, "source": source},
    )
    return True


def speaker(row: Association) -> str:
    """A subscriber of the household that an association is of."""
    if row.subscriber_id:
        return row.subscriber_id
    of = Membership.objects.known_at().filter(household_id=row.household_id).order_by("exchange_subscriber_id")
    return of.values_list("exchange_subscriber_id", flat=True)[0]
