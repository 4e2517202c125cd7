"""Many associations entered, or entered anew, at once: a book that moves, an NPN that was written wrongly. Sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from aor.acts import annul, settle
from aor.acts.loads import affected
from aor.associations.models import AccessChange, Association, Consent, Ending
from aor.associations.operations import ConsentGiven
from aor.audit import operations as journal
from aor.audit.operations import Entry
from aor.consumers import queries as consumer_facts
from aor.consumers.models import Membership, Subscriber
from aor.engine import bulk, locks
from aor.engine.among import among
from aor.policy.association import Path
from aor.policy.decision import Decision
from aor.record import operations as record
from aor.terms.actor import Actor

_ASSOCIATION = (
    "id", "household_id", "subscriber_id", "npn", "path", "method", "plan_year", "confirmed_at", "consent_id",
    "recorded_at",
)  # fmt: skip
_HOME = ("exchange_subscriber_id", "household_id")
_CONSENT = (
    "id", "shown", "language", "template_version", "scope", "purpose", "duration", "given_at", "act", "parties",
    "how_to_rescind", "interpreter", "reference",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moving:
    """A household that goes to another broker: any of its subscribers, and what it agreed to."""

    subscriber_id: str
    consent: ConsentGiven


def enter(moving: Sequence[Moving], *, npn: str, source: str, by: Actor, now: datetime) -> list[int]:
    """Enters each as an association of path `transferred`: credit moves by the calendar, access waits (R10).

    Gives the associations, in order. Only inside a transaction, whose households are held; the caller settles, and
    says it.
    """
    at = _after([one.subscriber_id for one in moving], now)
    consents = bulk.next_ids(Consent, len(moving))
    values = [(id, at[one.subscriber_id], one.consent) for id, one in zip(consents, moving, strict=True)]
    bulk.load(
        Consent,
        _CONSENT,
        (
            (
                id, said.shown, said.language, said.template_version, said.scope, said.purpose, said.duration, given,
                said.act, said.parties, said.how_to_rescind, said.interpreter, said.reference,
            )
            for id, given, said in values
        ),
    )  # fmt: skip
    ids = bulk.next_ids(Association, len(moving))
    path = Path.TRANSFERRED.value
    rows = zip(ids, moving, consents, strict=True)
    bulk.load(
        Association,
        _ASSOCIATION,
        (
            (
                id, "", one.subscriber_id, npn, path, "portal", None, at[one.subscriber_id], consent,
                at[one.subscriber_id],
            )
            for id, one, consent in rows
        ),
    )  # fmt: skip
    _due((one.subscriber_id for one in moving), (), source, now)
    _journal("association.transferred", [one.subscriber_id for one in moving], npn, source, by, now)
    return list(ids)


def _after(subscribers: Iterable[str], now: datetime) -> dict[str, datetime]:
    """For each, as `Place.after`: what follows on all that the associations of the household went through."""
    homes = dict(bulk.read(Subscriber.objects.filter(among("exchange_subscriber_id", subscribers)), *_HOME))
    of = dict(bulk.read(Subscriber.objects.filter(among("household_id", homes.values())), *_HOME))
    stays = Membership.objects.filter(among("exchange_subscriber_id", of))
    cases = {case: of[name] for case, name in bulk.read(stays, "household_id", "exchange_subscriber_id")}
    rows = Association.objects.filter(among("subscriber_id", of) | among("household_id", cases))
    last: dict[int, datetime] = {}
    for case, name, *told in rows.annotate(ended=Max("endings__recorded_at")).values_list(
        "household_id", "subscriber_id", "confirmed_at", "recorded_at", "ended"
    ):
        home = cases[case] if case else of[name]
        last[home] = max(last.get(home, now), *filter(None, told))
    followed = {home: now if at <= now else at + timedelta(microseconds=1) for home, at in last.items()}
    return {name: followed.get(homes.get(name, 0), now) for name in subscribers}


def take_back(ids: Iterable[int], *, source: str, by: Actor, now: datetime) -> int:
    """Takes associations out of history; how many were in it. Only inside a transaction; the caller settles."""
    rows = annul.in_history(Association.objects.filter(among("id", ids)))
    annul.take_out(rows, now)
    _due((one.subscriber_id for one in rows), (one.household_id for one in rows), source, now)
    for npn in {one.npn for one in rows}:
        named = [one.subscriber_id or one.household_id for one in rows if one.npn == npn]
        _journal("association.transfer undone", named, npn, source, by, now)
    return len(rows)


@transaction.atomic
def correct_npn(
    *, wrong: str, right: str, source: str, decision: Decision, parameters_version: str, by: Actor, now: datetime
) -> int:
    """Every association under the wrong NPN is entered anew under the right one, with its days, ends and consent.

    What carriers and reports were told follows the record; how many households. The caller settles after it.
    """
    with locks.shared("writers"):
        rows = annul.in_history(Association.objects.filter(npn=wrong).order_by("id"))
        ids = bulk.next_ids(Association, len(rows))
        anew = zip(ids, rows, strict=True)
        bulk.load(
            Association,
            _ASSOCIATION,
            (
                (
                    id, one.household_id, one.subscriber_id, right, one.path, one.method, one.plan_year,
                    one.confirmed_at, one.consent_id, now,
                )
                for id, one in anew
            ),
        )  # fmt: skip
        own = dict(zip((one.pk for one in rows), ids, strict=True))
        ends = bulk.read(
            Ending.objects.filter(among("association", own)), "association_id", "at", "kind", "plan_year"
        )
        columns = ("association_id", "at", "kind", "plan_year", "recorded_at")
        bulk.load(Ending, columns, ((own[of], at, kind, year, now) for of, at, kind, year in ends))
        changes = AccessChange.objects.filter(among("association", own)).order_by("id")
        said = bulk.read(changes, "association_id", "kind", "at", "consent_id")
        bulk.load(
            AccessChange, ("association_id", "kind", "at", "consent_id"), ((own[of], *rest) for of, *rest in said)
        )
        annul.take_out(rows, now, revoking=False)
        households = affected.of_brokers([wrong])
        record.mark_due(households, cause=source[:60], now=now)
        journal.write(
            verb="broker.npn corrected",
            subject=("broker", wrong),
            decision=decision,
            parameters_version=parameters_version,
            by=by,
            at=now,
            details={"right": right, "associations": len(rows), "source": source},
        )
    return len(households)


def settled(*, now: datetime) -> int:
    """The record follows; how many entries changed. Outside of any transaction: no write lasts long."""
    return settle.settle(now=now)


def _due(subscribers: Iterable[str], household_ids: Iterable[str], source: str, now: datetime) -> None:
    households = consumer_facts.households_of(
        household_ids=filter(None, household_ids), subscriber_ids=filter(None, subscribers)
    )
    record.mark_due(households, cause=source[:60], now=now)


def _journal(verb: str, subjects: Sequence[str], npn: str, source: str, by: Actor, now: datetime) -> None:
    details = {"npn": npn, "source": source}
    entries = [Entry(("subscriber", one), None, details) for one in subjects]
    journal.write_many(verb=verb, entries=entries, by=by, at=now)
