"""Work cut into slices, worked here or by processes: one signature, `run(function, slices)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import batched

from aor.engine import inline, processes


def cut[T](items: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """The items in slices of `size`, the last as long as it comes."""
    return batched(items, size)


def run[T, R](function: Callable[[T], R], slices: Iterable[T], *, workers: int = 1) -> Iterator[R]:
    """The results, in the order of the slices, from this process (one worker) or from several."""
    if workers == 1:
        return inline.run(function, slices)
    return processes.run(function, slices, workers=workers)
