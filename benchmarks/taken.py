"""What a piece of work took: wall clock, processor seconds of all that worked for it, the largest process."""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Taken:
    """`cpu` counts this process, its workers and its PostgreSQL backend; `peak` is MiB of the largest process."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    rows: int = 0
    notes: dict[str, float] = field(default_factory=dict)

    @property
    def a_row(self) -> float:
        """Wall seconds a row."""
        return self.wall / max(self.rows, 1)

    @property
    def cpu_a_row(self) -> float:
        return self.cpu / max(self.rows, 1)


@contextmanager
def taking() -> Iterator[Taken]:
    """Times the block; the block sets `rows`."""
    taken = Taken()
    backend = _backend()
    before, processor = time.perf_counter(), _processor(backend)
    yield taken
    taken.wall = time.perf_counter() - before
    taken.cpu = _processor(backend) - processor
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    taken.peak = max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def _backend() -> int:
    """The process that serves our connection, where the server is on this machine; else 0."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _processor(backend: int) -> float:
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    stat = Path(f"/proc/{backend}/stat")
    if not backend or not stat.exists():
        return own
    fields = stat.read_text().rpartition(")")[2].split()
    return own + (int(fields[11]) + int(fields[12])) / TICKS
