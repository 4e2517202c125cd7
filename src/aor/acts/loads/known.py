"""Known facts superseded by the set: unchanged rows stay, changed ones are closed and followed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any

from django.db import models

from aor.acts.loads.layouts import Layout, Values
from aor.engine import bulk
from aor.engine.known import KnownFact

CHUNK = 10_000
_INSTANT = timedelta(microseconds=1)

type Change = tuple[Values | None, Values]  # what was known before, and what is now


def supersede(layout: Layout, good: Mapping[tuple[Any, ...], Values], *, now: datetime) -> list[Change]:
    """Makes the good rows what is known from `now` on; returns those that changed anything.

    A row known later than `now` is followed a microsecond after it, so what was known then stays as it was.
    """
    model = layout.model
    assert model is not None
    columns = tuple(next(iter(good.values()), ()))
    changes: list[Change] = []
    closing: list[tuple[int, datetime]] = []
    instants: list[datetime] = []
    left = dict(good)
    for id, known_from, before in _known(model, layout.key, columns, good):
        values = left.pop(tuple(before[name] for name in layout.key))
        layout.carry(before, values)
        if values != before:
            instants.append(max(now, known_from + _INSTANT))
            closing.append((id, instants[-1]))
            changes.append((before, values))
    changes += [(None, values) for values in left.values()]
    instants += [now] * len(left)
    bulk.update(model, "id", ["known_until"], closing)
    bulk.load(
        model,
        [*columns, "known_from"],
        ((*values.values(), at) for (_, values), at in zip(changes, instants, strict=True)),
    )
    return changes


def _known(
    model: type[KnownFact], key: Sequence[str], columns: Sequence[str], good: Mapping[tuple[Any, ...], Values]
) -> Iterator[tuple[int, datetime, Values]]:
    """The rows known now under any of the keys: (id, known_from, values)."""
    for firsts in batched(dict.fromkeys(one[0] for one in good), CHUNK):
        rows = model.objects.known_at().filter(**{f"{key[0]}__in": firsts})
        for id, known_from, *given in rows.values_list("id", "known_from", *columns).iterator(chunk_size=5000):
            values = dict(zip(columns, given, strict=True))
            if tuple(values[name] for name in key) in good:
                yield id, known_from, values


def among(model: type[models.Model], column: str, names: Iterable[str]) -> set[str]:
    """Those of the names that are known, in a column of the model."""
    rows = model.objects.known_at() if issubclass(model, KnownFact) else model._default_manager.all()
    found: set[str] = set()
    for some in chunks(names):
        found.update(rows.filter(**{f"{column}__in": some}).values_list(column, flat=True))
    return found


def chunks(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The names, each once, in as many as one query may ask for."""
    return batched(dict.fromkeys(names), CHUNK)
