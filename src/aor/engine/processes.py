"""Slices worked by a pool of processes on this machine. The workers render; they never touch the database."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass


class WorkerDied(Exception):
    """A worker ended without an answer, as one does that is killed for its memory."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Some worker processes."""

    count: int
    executor: ProcessPoolExecutor


@contextmanager
def started(count: int) -> Iterator[Pool]:
    """Processes that start at once, while the first slices are made; they end with the block."""
    context = multiprocessing.get_context("spawn")  # a forked worker would share our database connection
    with ProcessPoolExecutor(count, mp_context=context) as executor:
        for _ in range(count):
            executor.submit(os.getpid)  # without work a pool starts none
        try:
            yield Pool(count, executor)
        finally:
            executor.shutdown(wait=True, cancel_futures=True)


def run[T, R](function: Callable[[T], R], slices: Iterable[T], pool: Pool) -> Iterator[R]:
    """The results, in the order of the slices; at most two slices a worker are in memory.

    `function` is a module's function, slices and results can be pickled. What the function raises is raised
    here; raises WorkerDied.
    """
    under_way: deque[Future[R]] = deque()
    try:
        for one in slices:
            under_way.append(pool.executor.submit(function, one))
            if len(under_way) >= 2 * pool.count:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    except BrokenProcessPool:
        raise WorkerDied("a worker process died; what it was working on was not finished") from None
