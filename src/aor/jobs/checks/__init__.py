"""What `aor verify` checks: one function an invariant, streaming, each wrong thing named with table and id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that does not hold. `kind` groups: of each only the first is told, with how many there are."""

    kind: str
    table: str
    id: object
    because: str


@dataclass(slots=True)
class Seen:
    """How many rows a check has looked at, and the instant at which it is asked."""

    now: datetime
    rows: int = 0


type Findings = Iterator[Wrong]
