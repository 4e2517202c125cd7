"""One key, one effect: ten processes at once, and a process killed before or after its commit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.api.test_door import ONE
from tests.api.test_eligibility import TOLD

ROOT = Path(__file__).resolve().parents[2]
REQUESTS = (("/receipts", ONE), ("/enrollments", {"enrollments": [TOLD]}))


@pytest.fixture
def environment(home: Path) -> Iterator[dict[str, str]]:
    """A home of its own, and on PostgreSQL a database of its own."""
    home.mkdir(parents=True)
    given = {**os.environ, "AOR_HOME": str(home), "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    url = given.pop("DATABASE_URL", "")
    if not url:
        yield given
        return
    with psycopg.connect(url, autocommit=True) as server:
        name = f"api_once_{os.getpid()}"  # two workers may each have some of these tests
        server.execute(f"CREATE DATABASE {name}")
        yield {**given, "DATABASE_URL": url.replace("/aor?", f"/{name}?")}
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def called(environment: dict[str, str], count: int, fault: str, path: str, body: object) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.api.caller", str(count), fault, path, json.dumps(body)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(("path", "body"), REQUESTS, ids=["receipts", "enrollments"])
def test_ten_processes_at_once_have_one_effect_and_one_answer(
    environment: dict[str, str], path: str, body: object
) -> None:
    found = called(environment, 10, "", path, body)
    assert found["codes"] == [0] * 10
    assert {(status, content) for status, content, _ in found["answers"]} == {(200, found["answers"][0][1])}
    assert [replayed for _, _, replayed in found["answers"]].count(None) == 1
    assert (found["effects"], found["kept"]) == (1, 1)


@pytest.mark.parametrize(("point", "again"), [("api:answering", None), ("api:answered", "true")])
def test_a_kill_before_or_after_the_commit_leaves_one_effect(
    environment: dict[str, str], point: str, again: str | None
) -> None:
    found = called(environment, 3, point, *REQUESTS[1])
    assert found["codes"] == [-9, 0, 0]
    assert [status for status, _, _ in found["answers"]] == [200, 200]
    assert found["answers"][0][1] == found["answers"][1][1]
    assert [replayed for _, _, replayed in found["answers"]] == [again, "true"]
    assert (found["effects"], found["kept"]) == (1, 1)
