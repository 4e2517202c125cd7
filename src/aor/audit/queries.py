"""The journal read: whole stories by subject, and decisions as they were made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

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


def decisions(ids: Iterable[int]) -> dict[int, StoredDecision]:
    """The stored decisions, by id."""
    return {key: _stored(row) for key, row in models.Decision.objects.in_bulk(list(set(ids))).items()}


def _stored(row: models.Decision) -> StoredDecision:
    findings = tuple(finding_from_json(finding) for finding in json.loads(row.findings))
    return StoredDecision(Decision(findings, row.granted), row.parameters_version)


def _act(row: models.Act, stored: Mapping[int, StoredDecision]) -> Act:
    return Act(
        id=row.pk,
        at=row.at,
        by=Actor(Role(row.actor_role), row.actor_name, row.actor_npn),
        verb=row.verb,
        subject=(row.subject_kind, row.subject_id),
        decision=None if row.decision_id is None else stored[row.decision_id],
        details=json.loads(row.details),
    )
