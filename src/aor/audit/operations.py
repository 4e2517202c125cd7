"""Writing the journal. Doors and acts say `from aor.audit import operations as journal`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from aor.audit import models
from aor.engine import bulk
from aor.policy.decision import Decision
from aor.terms.actor import Actor

type Subject = tuple[str, str]
"""Kind and identifier: ("household", "H-17"), ("enrollment", "P1"), ("month", "2026-10")."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act among many of the same verb; `decision` is a stored one's id."""

    subject: Subject
    decision: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)


def write(
    *,
    verb: str,
    subject: Subject,
    by: Actor,
    at: datetime,
    decision: Decision | None = None,
    parameters_version: str = "",
    details: Mapping[str, object] | None = None,
) -> int:
    """Journals one act, granted or refused, with its decision; returns its id. `details` hold no personal data."""
    stored = None if decision is None else store_decisions([decision], parameters_version=parameters_version)[0]
    act = models.Act.objects.create(
        at=at,
        actor_role=by.role,
        actor_name=by.name,
        actor_npn=by.npn,
        verb=verb,
        subject_kind=subject[0],
        subject_id=subject[1],
        decision_id=stored,
        details=_json(details or {}),
    )
    return act.pk


def write_many(*, verb: str, entries: Iterable[Entry], by: Actor, at: datetime) -> int:
    """Journals the same act on many subjects; returns how many."""
    return bulk.load(
        models.Act,
        (
            "at", "actor_role", "actor_name", "actor_npn",
            "verb", "subject_kind", "subject_id", "decision_id", "details",
        ),
        (
            (at, by.role.value, by.name, by.npn, verb, *entry.subject, entry.decision, _json(entry.details))
            for entry in entries
        ),
    )  # fmt: skip


def record_read(*, subject: Subject, what: str, purpose: str, by: Actor, at: datetime) -> None:
    """Records that private data of one subject was seen."""
    record_reads(subjects=[subject], what=what, purpose=purpose, by=by, at=at)


def record_reads(*, subjects: Iterable[Subject], what: str, purpose: str, by: Actor, at: datetime) -> int:
    """Records that private data of many subjects was seen at once, as in a list; returns how many."""
    return bulk.load(
        models.Read,
        ("at", "actor_role", "actor_name", "actor_npn", "purpose", "subject_kind", "subject_id", "what"),
        ((at, by.role.value, by.name, by.npn, purpose, *subject, what) for subject in subjects),
    )


def store_decisions(decisions: Sequence[Decision], *, parameters_version: str) -> Sequence[int]:
    """Keeps decisions as they were made; returns their ids, in the same order. Only inside a transaction."""
    if decisions and not parameters_version:
        raise ValueError("a decision is kept with the version of the parameters it used")
    return bulk.load_keyed(
        models.Decision,
        ("findings", "granted", "parameters_version"),
        [
            (_json([finding.as_json() for finding in decision.findings]), decision.granted, parameters_version)
            for decision in decisions
        ],
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
