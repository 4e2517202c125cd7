"""What bears on one enrollment, gathered for its story: events, associations, entries, and why there is nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aor.enrollments import queries as enrollment_facts
from aor.enrollments.lifecycle import EventFacts
from aor.enrollments.models import Enrollment
from aor.policy import attribution
from aor.policy.association import Association
from aor.policy.attribution import EnrollmentFacts
from aor.policy.decision import Finding
from aor.record import queries as record_facts
from aor.record.queries import Entry, Surroundings


@dataclass(frozen=True, slots=True)
class Explained:
    """One enrollment's facts as known at an instant, in the order they took place."""

    facts: EnrollmentFacts
    events: tuple[EventFacts, ...]
    associations: tuple[Association, ...]
    history: tuple[Entry, ...]
    without_agent: tuple[Finding, ...]


def enrollments_named(policy: str) -> list[tuple[int, str]]:
    """The enrollments (id, HIOS issuer id) of a policy id; `HIOS:POLICY` names one where two carriers share it."""
    hios, colon, id = policy.rpartition(":")
    rows = Enrollment.objects.filter(policy_id=id) if colon else Enrollment.objects.filter(policy_id=policy)
    if colon:
        rows = rows.filter(hios_issuer_id=hios)
    return list(rows.order_by("hios_issuer_id").values_list("id", "hios_issuer_id"))


def explain(enrollment: int, *, day: date, known_at: datetime | None = None) -> Explained:
    """Everything that decided who is agent of record of one enrollment on a day, as known at an instant."""
    around = Surroundings.known(known_at)
    household, policy_id, hios = Enrollment.objects.values_list(
        "subscriber__household", "policy_id", "hios_issuer_id"
    ).get(id=enrollment)
    gathered = record_facts.gather([household], around)
    facts = next(own for own in gathered.households[household].enrollments if own.id == enrollment)
    keys = dict.fromkeys(key for _, key in facts.memberships)
    held = (a for key in keys for a in gathered.associations.get(key, ()))
    return Explained(
        facts=facts,
        events=_events(policy_id, hios),
        associations=tuple(sorted(held, key=lambda a: a.order)),
        history=tuple(
            entry for entry in record_facts.history(enrollment) if known_at is None or entry.known_from <= known_at
        ),
        without_agent=attribution.findings_without_agent(
            facts, gathered.households[household], day, around.parameters
        ),
    )


def _events(policy_id: str, hios: str) -> tuple[EventFacts, ...]:
    own: Sequence[EventFacts] = [
        event for event in enrollment_facts.events_of([policy_id]) if event.hios_issuer_id in ("", hios)
    ]
    return tuple(sorted(own, key=lambda event: event.order))
