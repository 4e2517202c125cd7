"""Fault points kill where asked, at the arrival asked for, and never in production."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ARRIVES = """
from aor.engine import faults
for i in range(3):
    print(i, flush=True)
    faults.reached("halfway")
    faults.reached("act:halfway")
"""


def arrive(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", ARRIVES], env={**os.environ, **environment}, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("fault", "code", "printed"),
    [
        ("", 0, 3),
        ("elsewhere", 0, 3),
        ("halfway", -9, 1),
        ("halfway:2", -9, 2),
        ("halfway:4", 0, 3),
        ("act:halfway:2", -9, 2),
    ],
)
def test_it_dies_at_the_arrival_asked_for(fault: str, code: int, printed: int) -> None:
    run = arrive(AOR_FAULT=fault)
    assert (run.returncode, len(run.stdout.split())) == (code, printed)


def test_production_refuses_faults() -> None:
    run = arrive(AOR_FAULT="halfway", AOR_ENV="production")
    assert run.returncode == 1
    assert "refused in production" in run.stderr


def test_a_count_that_cannot_be_is_refused() -> None:
    assert "name:N" in arrive(AOR_FAULT="halfway:0").stderr
