"""Two brokers who claim one consumer: both sides on one page, for an officer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aor.audit import operations as journal
from aor.cases.operations import Refused
from aor.consumers.models import Subscriber
from aor.discrepancies import queries
from aor.discrepancies.models import Claim
from aor.policy import discrepancy
from aor.policy.association import Opening
from aor.record import queries as record_facts
from aor.record.queries import Entry, Surroundings
from aor.terms.actor import Actor


@dataclass(frozen=True, slots=True)
class Side:
    """One broker: their claims, associations with the household, and agents of record, each in order."""

    npn: str
    claims: tuple[Claim, ...]
    associations: tuple[Opening, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Rivalry:
    """Every broker who claims the consumer, or is or was theirs, who first claimed first. `subscriber` by its row."""

    subscriber: int | None
    sides: tuple[Side, ...]


def rivalry(number: str, *, by: Actor, now: datetime) -> Rivalry:
    """The sides of the consumer whom a claim is about, as known now; the read is recorded. Raises Refused."""
    claim = queries.numbered([number]).get(number)
    if claim is None:
        raise Refused(f"there is no claim {number}")
    claims = queries.rivals(number)
    queries.record_reads(claims, purpose="claims on one consumer", by=by, now=now)
    subscriber = queries.latest([claim.pk])[claim.pk].subscriber_id
    spans: tuple[Opening, ...] = ()
    entries: list[Entry] = []
    if subscriber is not None:
        name, household = Subscriber.objects.values_list("exchange_subscriber_id", "household_id").get(id=subscriber)
        facts = record_facts.gather([household], Surroundings.known()).households[household]
        own = [one for one in facts.enrollments if one.subscriber_id == name]
        spans = discrepancy.associations(own[0], facts) if own else ()
        known = record_facts.entries([one.id for one in own])
        entries = [entry for one in own for entry in known.get(one.id, ())]
        journal.record_read(
            subject=("subscriber", name), what="associations", purpose="claims on one consumer", by=by, at=now
        )
    npns = dict.fromkeys(
        (*(one.npn for one in claims), *(one.association.npn for one in spans), *(one.npn for one in entries))
    )
    return Rivalry(
        subscriber,
        tuple(
            Side(
                npn,
                tuple(one for one in claims if one.npn == npn),
                tuple(one for one in spans if one.association.npn == npn),
                tuple(one for one in entries if one.npn == npn),
            )
            for npn in npns
        ),
    )
