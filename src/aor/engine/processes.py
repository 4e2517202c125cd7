"""Slices worked by a pool of processes on this machine. The workers render; they never touch the database."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool


class WorkerDied(Exception):
    """A worker ended without an answer, as one does that is killed for its memory."""


def run[T, R](function: Callable[[T], R], slices: Iterable[T], *, workers: int | None = None) -> Iterator[R]:
    """The results, in the order of the slices; at most two slices a worker are in memory.

    `function` is a module's function, slices and results can be pickled. What the function raises is raised
    here; raises WorkerDied.
    """
    count = workers or os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")  # a forked worker would share our database connection
    with ProcessPoolExecutor(count, mp_context=context) as pool:
        under_way: deque[Future[R]] = deque()
        try:
            for one in slices:
                under_way.append(pool.submit(function, one))
                if len(under_way) >= 2 * count:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool:
            raise WorkerDied("a worker process died; what it was working on was not finished") from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
