"""The tests are tested: each planted fault turns the test that it names red; where none is planted, tests are green.

A patch that no longer applies is made anew for the code as it is; its first line names the test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATCHES = sorted((ROOT / "tests" / "planted").glob("*.patch"))
GREEN, RED = 0, 1


def _test(patch: Path) -> str:
    first = patch.read_text(encoding="utf-8").partition("\n")[0]
    assert first.startswith("Turns red: "), patch.name
    return first.removeprefix("Turns red: ")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree, to be broken."""
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / "tree" / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / file, tmp_path / "tree" / file)
    return tmp_path / "tree"


def _run(tree: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Runs tests of the copy, on SQLite."""
    left_out = ("DATABASE_URL", "PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    words = ["-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--basetemp", str(tree / "tmp"), *tests]
    environment = {**kept, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=tree, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="the planted faults are found on SQLite")
@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_planted_fault_turns_its_test_red(patch: Path, tree: Path) -> None:
    applied = subprocess.run(["git", "apply", str(patch)], cwd=tree, capture_output=True, text=True, check=False)
    assert applied.returncode == 0, applied.stderr
    ran = _run(tree, _test(patch))
    assert ran.returncode == RED, ran.stdout + ran.stderr
    assert "1 failed" in ran.stdout, ran.stdout


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="the planted faults are found on SQLite")
def test_without_the_faults_tests_of_the_copy_are_green(tree: Path) -> None:
    ran = _run(tree, *(test for test in map(_test, PATCHES) if test.startswith("src/")), _test(PATCHES[-2]))
    assert ran.returncode == GREEN, ran.stdout + ran.stderr
