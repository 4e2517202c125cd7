"""The record changed: only here. Set-based and idempotent; what was known is closed, never overwritten."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from aor.audit.models import Decision
from aor.calendar import queries as calendar
from aor.consumers.models import Household
from aor.engine import bulk
from aor.engine.among import among
from aor.policy import attribution
from aor.policy.attribution import Attributed, HouseholdFacts
from aor.policy.parameters import Parameters
from aor.record import models, queries
from aor.record.queries import Entry
from aor.terms.period import Period, day_of

_INSTANT = timedelta(microseconds=1)
_TOLD_AT_ONCE = 5_000
_WRITTEN = json.JSONEncoder(ensure_ascii=False)
_ENTRY = (
    "enrollment_id", "npn", "effective_from", "effective_until", "in_standing", "association", "correction", "anchor",
    "decision_id", "cause", "known_from",
)  # fmt: skip


class Backdated(Exception):
    """An act dated before what its household already knows; the words can be shown."""


def mark_due(households: Iterable[int], *, cause: str, now: datetime) -> None:
    """The record of these households has to be decided anew. Raises Backdated before anything is written.

    In the transaction of what makes it so, whoever decides one of them waits for it: else they would take what was
    due before, and not see the news (`hold`).
    """
    due = sorted(set(households))
    parameters = calendar.parameters()
    with transaction.atomic():
        for some in batched(due, 5_000):
            known = (last for last in _alone(some).values() if last is not None)
            _refuse_backdated(max(known, default=None), parameters, now)
        models.Due.objects.bulk_create(
            [models.Due(household_id=household, cause=cause[:60]) for household in due],
            ignore_conflicts=True,
            batch_size=5_000,
        )


def refuse_backdated(households: QuerySet[Household], *, parameters: Parameters, now: datetime) -> None:
    """Raises Backdated when `now` lies before what one of the households already knew (architecture, Two times)."""
    _refuse_backdated(households.aggregate(last=Max("last_known"))["last"], parameters, now)


def _refuse_backdated(last_known: datetime | None, parameters: Parameters, now: datetime) -> None:
    hours = parameters.number("backdating_hours", day_of(now))
    if last_known is not None and last_known > now + timedelta(hours=hours):
        raise Backdated(
            f"{now.isoformat(timespec='seconds')} lies more than {hours} hours before the last news of a household "
            f"it concerns ({last_known.isoformat(timespec='seconds')}); check the clock"
        )


@dataclass(frozen=True, slots=True)
class Held:
    """Households whose rows are held until the transaction ends: what each knew last, and why it is decided anew."""

    last_known: Mapping[int, datetime | None]
    causes: Mapping[int, str]

    def refuse_backdated(self, *, parameters: Parameters, now: datetime) -> None:
        """Raises Backdated, as the function of this name."""
        known = (last for last in self.last_known.values() if last is not None)
        _refuse_backdated(max(known, default=None), parameters, now)


def hold(households: Collection[int], *, cause: str = "") -> Held:
    """Waits for whoever else decides these households, in id order, and takes what was due of them.

    Before they are gathered: whoever has more news of them meanwhile says before or after that they are due, never
    while this goes on, so it is not forgotten. `cause` is that of households of which nothing was due.
    """
    last_known = _alone(households)
    due = bulk.read(models.Due.objects.filter(among("household", households)), "household_id", "cause")
    models.Due.objects.filter(among("household", (household for household, _ in due))).delete()
    return Held(last_known, dict.fromkeys(last_known, cause[:60]) | dict(due))


def _alone(households: Collection[int]) -> dict[int, datetime | None]:
    """Waits for whoever else marks or decides these households, in id order; what was last known of each.

    One lock for both, since two that have marked one household and then decide it would wait for each other. Its key
    stays free (PostgreSQL 13.3.2): what refers to it is written beside this.
    """
    rows = Household.objects.select_for_update(no_key=True).filter(among("id", households)).order_by("id")
    return dict(bulk.read(rows, "id", "last_known"))


def attribute(*, facts: Mapping[int, HouseholdFacts], held: Held, parameters: Parameters, now: datetime) -> int:
    """Decides the record of the given households anew and enters the difference; how many entries changed.

    `facts` were gathered after the households were held, in the same transaction.
    """
    decided: dict[int, list[Attributed]] = {}
    household_of: dict[int, int] = {}
    for household, own in facts.items():
        for enrollment, attributed in attribution.attribute(own, parameters).items():
            decided[enrollment] = attributed
            household_of[enrollment] = household
    known = queries.entries(decided)
    closing: list[tuple[Entry, int]] = []
    entering: list[tuple[int, Attributed, str]] = []
    for enrollment, attributed in decided.items():
        household = household_of[enrollment]
        gone, new = _difference(known.get(enrollment, ()), attributed)
        closing += [(entry, household) for entry in gone]
        entering += [(enrollment, entry, findings) for entry, findings in new]
    touched = {household for _, household in closing} | {household_of[e] for e, _, _ in entering}
    instants = {household: _instant(held.last_known[household], now) for household in touched}
    _close(closing, instants, held.causes)
    _enter(entering, household_of, instants, held.causes, parameters)
    bulk.update(Household, "id", ["last_known"], sorted(instants.items()))
    return len(closing) + len(entering)


def _difference(
    known: Sequence[Entry], attributed: Sequence[Attributed]
) -> tuple[list[Entry], list[tuple[Attributed, str]]]:
    """The entries that no longer stand, and those to enter with their findings as JSON."""
    standing = {_of_entry(entry): entry for entry in known}
    new = []
    for entry in attributed:
        findings = _WRITTEN.encode([finding.as_json() for finding in entry.decision.findings])
        if standing.pop(_of_decided(entry, findings), None) is None:
            new.append((entry, findings))
    return list(standing.values()), new


def _of_entry(e: Entry) -> tuple[Any, ...]:
    return (e.npn, e.period, e.in_standing, e.association, e.correction, e.anchor, e.findings)


def _of_decided(e: Attributed, findings: str) -> tuple[Any, ...]:
    return (e.npn, e.period, e.in_standing, e.association, e.correction, e.anchor, findings)


def _instant(last: datetime | None, now: datetime) -> datetime:
    """When a household's new entries become known: `now`, or just after the last that it knew."""
    return now if last is None or last < now else last + _INSTANT


def _close(closing: Sequence[tuple[Entry, int]], instants: Mapping[int, datetime], causes: Mapping[int, str]) -> None:
    bulk.update(
        models.Entry, "id", ["known_until"], [(entry.id, instants[household]) for entry, household in closing]
    )
    bulk.load(
        models.Closing,
        ["entry_id", "at", "cause"],
        [(entry.id, instants[household], causes.get(household, "")) for entry, household in closing],
    )


def _enter(
    entering: Sequence[tuple[int, Attributed, str]],
    household_of: Mapping[int, int],
    instants: Mapping[int, datetime],
    causes: Mapping[int, str],
    parameters: Parameters,
) -> None:
    ids = bulk.load_keyed(
        Decision,
        ["findings", "granted", "parameters_version"],
        [(findings, entry.decision.granted, parameters.version) for _, entry, findings in entering],
    )
    bulk.load(
        models.Entry,
        _ENTRY,
        [
            (
                enrollment,
                entry.npn,
                entry.period.start,
                entry.period.until,
                entry.in_standing,
                entry.association,
                entry.correction,
                entry.anchor,
                id,
                causes.get(household_of[enrollment], ""),
                instants[household_of[enrollment]],
            )
            for id, (enrollment, entry, _) in zip(ids, entering, strict=True)
        ],
    )


def correct(
    *,
    policy_id: str,
    hios_issuer_id: str,
    npn: str,
    kind: str,
    period: Period,
    settles_until: date,
    source: str,
    now: datetime,
) -> int:
    """A decided correction becomes known; returns its row. The household is then decided anew by the caller."""
    row = models.Correction.objects.create(
        known_from=now,
        policy_id=policy_id,
        hios_issuer_id=hios_issuer_id,
        npn=npn,
        kind=kind,
        effective_from=period.start,
        effective_until=period.until,
        settles_until=settles_until,
        source=source,
    )
    return row.pk


def take_back(correction: int, *, now: datetime) -> None:
    """A correction is known no longer: decided otherwise, on appeal or because the consumer objected."""
    row = models.Correction.objects.get(pk=correction)
    models.Correction.objects.filter(pk=correction, known_until=None).update(
        known_until=max(now, row.known_from + _INSTANT)
    )


def told(rows: Iterable[tuple[int, str, date]], *, now: datetime) -> None:
    """Carriers were told of (enrollment, npn, effective day): those entries stay in standing from now on."""
    for some in batched(sorted(set(rows)), _TOLD_AT_ONCE):
        known = models.Told.objects.known_at()
        known = known.filter(among("enrollment", (row[0] for row in some)))
        told_before = set(bulk.read(known, "enrollment_id", "npn", "effective_from"))
        bulk.load(
            models.Told,
            ["enrollment_id", "npn", "effective_from", "known_from"],
            [(*row, now) for row in some if row not in told_before],
        )


def told_by(sets: QuerySet[Any], *, now: datetime) -> None:
    """The same of all rows of a query, with those columns: read and kept within the database."""
    pair = {"npn": OuterRef("npn"), "effective_from": OuterRef("effective_from")}
    known = models.Told.objects.known_at().filter(enrollment=OuterRef("enrollment"), **pair)
    new = sets.filter(~Exists(known)).order_by("enrollment_id", "npn", "effective_from").distinct()
    bulk.copy(models.Told, ["enrollment_id", "npn", "effective_from"], new, known_from=now)


def untold(rows: Iterable[tuple[int, str, date]], *, now: datetime) -> None:
    """Carriers rejected what they were told of (enrollment, npn, effective day)."""
    wanted = set(rows)
    found = (
        models.Told.objects.known_at()
        .filter(among("enrollment", (row[0] for row in wanted)))
        .values_list("id", "enrollment_id", "npn", "effective_from", "known_from")
    )
    bulk.update(
        models.Told,
        "id",
        ["known_until"],
        [(row[0], max(now, row[4] + _INSTANT)) for row in found if row[1:4] in wanted],
    )
