"""Slices give the same results in the same order, here or in other processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from aor.engine import processes, slices


def total(numbers: tuple[int, ...]) -> tuple[int, int]:
    return sum(numbers), os.getpid()


def refuses(numbers: tuple[int, ...]) -> int:
    raise ValueError(f"cannot work {numbers}")


def dies(numbers: tuple[int, ...]) -> int:
    if 4 in numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    return sum(numbers)


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_slices(workers: int) -> None:
    with slices.workers(workers) as pool:
        results = list(slices.run(total, slices.cut(range(20), 3), pool))
    assert [result for result, _ in results] == [3, 12, 21, 30, 39, 48, 37]
    assert (os.getpid() in {pid for _, pid in results}) == (workers == 1)


def test_only_a_few_slices_are_taken_ahead() -> None:
    taken = []

    def source() -> Iterator[tuple[int, ...]]:
        for i in range(30):
            taken.append(i)
            yield (i,)

    with processes.started(1) as pool:
        results = processes.run(total, source(), pool)
        assert next(results)[0] == 0
        assert len(taken) == 2
        assert len(list(results)) == 29


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_worker_raises_is_raised_here(workers: int) -> None:
    with slices.workers(workers) as pool, pytest.raises(ValueError, match="cannot work"):
        list(slices.run(refuses, slices.cut(range(4), 2), pool))


def test_a_worker_that_dies_is_a_clear_error() -> None:
    with processes.started(2) as pool, pytest.raises(processes.WorkerDied, match="worker process died"):
        list(processes.run(dies, slices.cut(range(10), 2), pool))
