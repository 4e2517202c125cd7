"""Slices worked in this process, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator


def run[T, R](function: Callable[[T], R], slices: Iterable[T]) -> Iterator[R]:
    """The results, in the order of the slices."""
    return map(function, slices)
