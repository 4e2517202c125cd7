"""What is disposed of together: a thing of the policy and its rows. Nothing here shows a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, Model, OuterRef, QuerySet

from aor.policy.retention import Thing
from aor.retention.models import Disposed
from aor.terms.period import ONE_DAY, Period

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing whose years may be over, and its rows by table."""

    thing: Thing
    rows: Mapping[str, Sequence[int]]


@dataclass(slots=True)
class Gathered:
    """What is gathered of one household, case or document."""

    periods: list[Period] = field(default_factory=list)
    subscribers: set[str] = field(default_factory=set)
    npns: set[str] = field(default_factory=set)
    carriers: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    rows: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def candidate(self, *, ended: date, placed: bool = True) -> Candidate:
        start = min((one.start for one in self.periods), default=ended)
        thing = Thing(
            ended,
            Period(min(start, ended), ended + ONE_DAY),
            subscribers=frozenset(self.subscribers),
            npns=frozenset(self.npns - {""}),
            carriers=frozenset(self.carriers - {""}),
            cases=frozenset(self.cases),
            placed=placed,
        )
        return Candidate(thing, {label: sorted(rows) for label, rows in self.rows.items()})


def not_disposed(model: type[Model]) -> QuerySet[Model]:
    """The rows of a table that were not disposed of."""
    gone = Disposed.objects.filter(table=model._meta.label, row=OuterRef("pk"))
    return model._default_manager.filter(~Exists(gone))
