"""The command itself, as a person types it: in a process and a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aor.demo.home import MARKER


def typed(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`aor WORDS...` with that AOR_HOME, an embedded database, and nothing else of our environment."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AOR_", "DATABASE_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "-c", "from aor.site.cli import main; main()", *words],
        env={**kept, "AOR_HOME": str(home), **environment},
        cwd=home.parent,
        capture_output=True,
        text=True,
        check=False,
    )


SMALL = ("demo", "--households", "40", "--brokers", "12", "--months", "2", "--no-serve")


def test_a_small_demo_lives_its_months_and_every_suggestion_can_be_typed(tmp_path: Path) -> None:
    home = tmp_path / "var"
    told = typed(home, *SMALL)
    assert told.returncode == 0, told.stderr
    assert "2025-09" in told.stdout
    assert "2025-10" in told.stdout
    assert "Traceback" not in told.stderr

    again = typed(home, *SMALL, "--json")
    assert again.returncode == 0, again.stderr
    document = json.loads(again.stdout)
    assert document["totals"]["months_closed"] == 2
    assert document["totals"]["sent"] > 0
    assert document["market"]["households"] == 40
    assert [month["month"] for month in document["months"]] == ["2025-09", "2025-10"]
    assert len(document["try"]) >= 3
    for suggestion in document["try"]:
        words = suggestion["command"].partition("aor ")[2].split()
        answer = typed(home, *words)
        assert answer.returncode == 0, (suggestion, answer.stderr)
        assert answer.stdout.strip()
    verified = typed(home, "verify")
    assert verified.returncode == 0, verified.stderr


def test_a_database_that_is_no_demos_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "var"
    home.mkdir()
    (home / "aor.sqlite3").write_bytes(b"somebody's")
    told = typed(home, *SMALL)
    assert told.returncode == 1
    assert "not a demo's" in told.stderr
    assert (home / "aor.sqlite3").read_bytes() == b"somebody's"
    assert not (home / MARKER).exists()


@pytest.mark.parametrize(
    ("environment", "because"),
    [
        ({"AOR_ENV": "production", "AOR_SECRET_KEY": "a" * 60, "AOR_HOSTS": "aor.example.org"}, "production"),
        ({"AOR_SMTP_HOST": "relay.example.org"}, "AOR_SMTP_HOST"),
    ],
)
def test_it_refuses_where_a_demo_could_do_harm(tmp_path: Path, environment: dict[str, str], because: str) -> None:
    told = typed(tmp_path / "var", *SMALL, **environment)
    assert told.returncode == 1
    assert because in told.stderr
    assert not (tmp_path / "var" / MARKER).exists()


@pytest.mark.parametrize("words", [("--households", "0"), ("--months", "many"), ("--brokers", "2")])
def test_wrong_numbers_are_wrong_usage(tmp_path: Path, words: tuple[str, str]) -> None:
    told = typed(tmp_path / "var", "demo", *words)
    assert told.returncode == 2
    assert "a number from" in told.stderr


def test_wrong_usage_is_a_document_where_one_was_asked_for(tmp_path: Path) -> None:
    told = typed(tmp_path / "var", "demo", "--json", "--months", "0")
    assert told.returncode == 2
    assert json.loads(told.stdout) == {
        "refused": True,
        "because": "argument --months: a number from 1 to 27, not '0'",
    }
