"""Slices worked here or by processes, one signature: `with workers(count) as pool: run(function, slices, pool)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import batched

from aor.engine import inline, processes

type Pool = processes.Pool | None
"""None works in this process."""


def cut[T](items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The items in slices of `size`, the last as long as it comes."""
    return batched(items, size)


def workers(count: int) -> AbstractContextManager[Pool]:
    """This process (one worker), or several that start at once and end with the block."""
    return nullcontext() if count == 1 else processes.started(count)


def run[T, R](function: Callable[[T], R], slices: Iterable[T], pool: Pool) -> Iterator[R]:
    """The results, in the order of the slices."""
    return inline.run(function, slices) if pool is None else processes.run(function, slices, pool)
