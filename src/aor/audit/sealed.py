"""Which rows are sealed, and the bytes that stand for a row."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Model

from aor.audit import merkle


@dataclass(frozen=True)
class SealedTable:
    """An append-only table: its model (`audit.Act`) and the columns, beside the primary key, that never change.

    `private` tables hold personal data: their leaves are keyed, so that a hash tells nothing. A column that
    comes later is added at the end: every block remembers the columns it was sealed with. `pending` is a lookup
    of rows that may still change or be swept (`file__accepted_at__isnull`): sealing stops before the first.
    """

    label: str
    columns: tuple[str, ...]
    private: bool = False
    pending: str = ""

    @cached_property
    def model(self) -> type[Model]:
        return apps.get_model(self.label)

    def rows(self, *, after: int, until: int, limit: int | None = None) -> Iterator[tuple[int, bytes]]:
        """(id, canonical bytes) of the rows with `after` < id <= `until`, ascending."""
        found = self.model._default_manager.filter(pk__gt=after, pk__lte=until).order_by("pk")
        for row in found.values_list("pk", *self.columns)[:limit].iterator(chunk_size=5_000):
            yield row[0], canonical(self.label, *row)

    def leaf(self, content: bytes, key: bytes) -> bytes:
        return merkle.leaf(hmac.digest(key, content, "sha256") if self.private else content)


JOURNAL = (
    SealedTable("audit.Decision", ("findings", "granted", "parameters_version")),
    SealedTable(
        "audit.Act",
        (
            "at", "actor_role", "actor_name", "actor_npn",
            "verb", "subject_kind", "subject_id", "decision_id", "details",
        ),
    ),
    SealedTable(
        "audit.Read",
        ("at", "actor_role", "actor_name", "actor_npn", "purpose", "subject_kind", "subject_id", "what"),
    ),
)  # fmt: skip


def _plain(value: object) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
        case _:
            raise TypeError(f"a sealed column holds no {type(value).__name__}")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode


def canonical(*values: Any) -> bytes:
    """The same bytes for the same values, on every database: a JSON list, days and instants (UTC) in ISO 8601."""
    return _encode(values).encode()


def of_block(label: str, columns: str, private: bool) -> SealedTable:
    """The table as a block remembers it."""
    return SealedTable(label, tuple(columns.split(",")), private)


def columns_text(columns: Sequence[str]) -> str:
    return ",".join(columns)
