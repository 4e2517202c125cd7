"""Whom a broker may see, and what bears on one enrollment, gathered for its story.

A broker's list pages through `enrollments_open_to(npns, now=...)`: a queryset of Enrollment to filter, sort and cut;
three indexed tables, however many households there are. One household is asked by `may_see`, with reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from aor.associations import queries as association_facts
from aor.associations.models import Access
from aor.brokers import queries as broker_facts
from aor.calendar import queries as calendar
from aor.consumers import queries as consumer_facts
from aor.enrollments import queries as enrollment_facts
from aor.enrollments.lifecycle import EventFacts
from aor.enrollments.models import Enrollment
from aor.policy import access, attribution
from aor.policy.association import Association
from aor.policy.attribution import EnrollmentFacts
from aor.policy.decision import Decision, Finding
from aor.record import queries as record_facts
from aor.record.queries import Entry, Surroundings
from aor.terms.period import day_of


def may_see(*, npn: str, subscriber_id: str, now: datetime) -> Decision:
    """Whether a broker may see a subscriber's household now: by an association of their own, else by cover."""
    today = day_of(now)
    stays = consumer_facts.memberships_of([subscriber_id])[subscriber_id]
    row = association_facts.open_for(consumer_facts.key_on(stays, today))
    lent = [one.npn for one in broker_facts.covers([npn], today) if one.colleague_npn == npn]
    mine = row is not None and (row.npn == npn or row.npn in lent)
    found = access.access_open(mine)
    if row is not None and mine:
        found = access.access_open(True, row.path, association_facts.access_change(row.id))
    needed = {npn, row.npn} if row is not None and mine else {npn}
    standings = own_standings(needed, today)
    return access.may_see(found, *(standings[one] for one in sorted(needed, key=lambda one: one != npn)))


def open_to(npns: Iterable[str], *, now: datetime) -> QuerySet[Access]:
    """Whom some brokers may see now, one row a subscriber: under `npn`, their own or one whom they cover.

    Nobody where a broker is out of standing; cover needs the standing of both.
    """
    today, asking = day_of(now), set(npns)
    covers = [one for one in broker_facts.covers(asking, today) if one.colleague_npn in asking]
    standings = own_standings(asking | {one.npn for one in covers}, today)
    whole = {npn for npn, findings in standings.items() if all(finding.met for finding in findings)}
    seen = (asking | {one.npn for one in covers if one.colleague_npn in whole}) & whole
    return association_facts.open_to(sorted(seen), today)


def subscribers_open_to(npns: Iterable[str], *, now: datetime) -> QuerySet[Access, int]:
    """The rows of Subscriber that some brokers may see now, as a subquery."""
    return open_to(npns, now=now).values_list("subscriber_id", flat=True)


def enrollments_open_to(npns: Iterable[str], *, now: datetime) -> QuerySet[Enrollment]:
    """The enrollments of all whom some brokers may see now: filter, sort and cut it as the page needs."""
    return Enrollment.objects.filter(subscriber__in=subscribers_open_to(npns, now=now))


def own_standings(npns: Iterable[str], day: date) -> dict[str, tuple[Finding, ...]]:
    """What each broker needs to see anybody on a day, by NPN: certified, and licensed but for navigators."""
    parameters, navigators = calendar.parameters(), broker_facts.navigators()
    return {
        npn: access.own_standing(standing, day, parameters, navigator=npn in navigators)
        for npn, standing in broker_facts.standings(npns).items()
    }


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
        events=_events(policy_id, hios, known_at),
        associations=tuple(sorted(held, key=lambda a: a.order)),
        history=tuple(
            entry for entry in record_facts.history(enrollment) if known_at is None or entry.known_from <= known_at
        ),
        without_agent=attribution.findings_without_agent(
            facts, gathered.households[household], day, around.parameters
        ),
    )


def _events(policy_id: str, hios: str, known_at: datetime | None) -> tuple[EventFacts, ...]:
    own: Sequence[EventFacts] = [
        event
        for event in enrollment_facts.events_of([policy_id], known_at=known_at)
        if event.hios_issuer_id in ("", hios)
    ]
    return tuple(sorted(own, key=lambda event: event.order))
