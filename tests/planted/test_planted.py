"""The tests are tested: each planted fault turns the test that it names red; where none is planted, tests are green.

A patch that no longer applies is made anew for the code as it is; its first line names the test, and the database
where that is not SQLite: "Turns red on PostgreSQL: ...". On PostgreSQL just those are planted.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
ON = "PostgreSQL" if "DATABASE_URL" in os.environ else "SQLite"
GREEN, RED = 0, 1


def _said(patch: Path) -> tuple[str, str]:
    """The database, and the test."""
    said = re.match(r"Turns red(?: on (PostgreSQL))?: (.+)", patch.read_text(encoding="utf-8"))
    assert said, patch.name
    return said[1] or "SQLite", said[2]


_ALL = {patch: _said(patch) for patch in sorted((ROOT / "tests" / "planted").glob("*.patch"))}
PATCHES = {patch: test for patch, (on, test) in _ALL.items() if on == ON}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree, to be broken, with what was compiled of it: where a file was patched Python sees it."""
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / "tree" / folder)
    for file in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / file, tmp_path / "tree" / file)
    return tmp_path / "tree"


def _run(tree: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Runs tests of the copy, on the same database server as this one but in databases of its own."""
    left_out = ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    if url := kept.get("DATABASE_URL"):
        kept["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/planted_{os.getpid()}"))
    words = ["-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--basetemp", str(tree / "tmp"), *tests]
    environment = {**kept, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *words], cwd=tree, env=environment, capture_output=True, text=True, timeout=600, check=False
    )


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_planted_fault_turns_its_test_red(patch: Path, tree: Path) -> None:
    applied = subprocess.run(["git", "apply", str(patch)], cwd=tree, capture_output=True, text=True, check=False)
    assert applied.returncode == 0, applied.stderr
    ran = _run(tree, PATCHES[patch])
    assert ran.returncode == RED, ran.stdout + ran.stderr
    assert "1 failed" in ran.stdout, ran.stdout


@pytest.mark.skipif(ON != "SQLite", reason="the one test of PostgreSQL is of the suite itself")
def test_without_the_faults_tests_of_the_copy_are_green(tree: Path) -> None:
    tests = list(PATCHES.values())
    ran = _run(tree, *(test for test in tests if test.startswith("src/")), tests[-2])
    assert ran.returncode == GREEN, ran.stdout + ran.stderr
