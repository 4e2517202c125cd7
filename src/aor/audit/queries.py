"""The journal read: whole stories by subject, and decisions as they were made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from aor.audit import models
from aor.audit.operations import Subject
from aor.policy.decision import Decision, finding_from_json
from aor.terms.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision as it was made then, and the version of the parameters it used."""

    decision: Decision
    parameters_version: str


@dataclass(frozen=True, slots=True)
class Act:
    """Who did what, when, to which subject, and by which decision."""

    id: int
    at: datetime
    by: Actor
    verb: str
    subject: Subject
    decision: StoredDecision | None
    details: Mapping[str, object]


def story(*subjects: Subject, known_at: datetime | None = None) -> list[Act]:
    """Every act on any of the subjects, of one or more kinds, by instant; with `known_at`, up to it."""
    kinds: dict[str, list[str]] = {}
    for kind, identifier in subjects:
        kinds.setdefault(kind, []).append(identifier)
    found: list[models.Act] = []
    for kind, identifiers in kinds.items():
        acts = models.Act.objects.filter(subject_kind=kind, subject_id__in=identifiers)
        found += acts if known_at is None else acts.filter(at__lte=known_at)
    stored = decisions(act.decision_id for act in found if act.decision_id is not None)
    return [_act(act, stored) for act in sorted(found, key=lambda act: (act.at, act.pk))]


def latest(verbs: Iterable[str], *subjects: Subject) -> Act | None:
    """The last of some acts on any of the subjects, without its decision."""
    return next(iter(last_acts(*subjects, verbs=verbs, most=1)), None)


def times(verb: str, subject: Subject, *, since: datetime) -> int:
    """How often something was done to a subject since an instant."""
    return _acts([subject]).filter(verb=verb, at__gte=since).count()


def last_acts(*subjects: Subject, verbs: Iterable[str], most: int) -> list[Act]:
    """The last acts of some verbs on any of the subjects, latest first, without their decisions."""
    rows = _acts(subjects).filter(verb__in=list(verbs)).order_by("-at", "-id")[:most]
    return [_act(row, None) for row in rows]


@dataclass(frozen=True, slots=True)
class Reading:
    """Who saw what of a subject, when, and what for."""

    id: int
    at: datetime
    by: Actor
    purpose: str
    what: str


def readings(subject: Subject, *, but: Actor, most: int, before: int | None = None) -> list[Reading]:
    """Who saw private data of a subject, latest first, but for one who looks at their own; `before` is an id."""
    rows = models.Read.objects.filter(subject_kind=subject[0], subject_id=subject[1])
    rows = rows.exclude(actor_role=but.role, actor_name=but.name)
    rows = rows if before is None else rows.filter(id__lt=before)
    return [
        Reading(row.pk, row.at, Actor(Role(row.actor_role), row.actor_name, row.actor_npn), row.purpose, row.what)
        for row in rows.order_by("-id")[:most]
    ]


def _acts(subjects: Iterable[Subject]) -> QuerySet[models.Act]:
    kinds: dict[str, list[str]] = {}
    for kind, identifier in subjects:
        kinds.setdefault(kind, []).append(identifier)
    named = Q(pk__in=())
    for kind, identifiers in kinds.items():
        named |= Q(subject_kind=kind, subject_id__in=identifiers)
    return models.Act.objects.filter(named)


def decisions(ids: Iterable[int]) -> dict[int, StoredDecision]:
    """The stored decisions, by id."""
    return {key: _stored(row) for key, row in models.Decision.objects.in_bulk(list(set(ids))).items()}


def _stored(row: models.Decision) -> StoredDecision:
    findings = tuple(finding_from_json(finding) for finding in json.loads(row.findings))
    return StoredDecision(Decision(findings, row.granted), row.parameters_version)


def _act(row: models.Act, stored: Mapping[int, StoredDecision] | None) -> Act:
    return Act(
        id=row.pk,
        at=row.at,
        by=Actor(Role(row.actor_role), row.actor_name, row.actor_npn),
        verb=row.verb,
        subject=(row.subject_kind, row.subject_id),
        decision=None if row.decision_id is None or stored is None else stored[row.decision_id],
        details=json.loads(row.details),
    )
