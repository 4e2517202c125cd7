"""A close killed at any point, as by a power cut, and run again: the same books, the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

NOW = "2026-11-02T12:00:00-06:00"
BUILD = """
import django
django.setup()
from aor.jobs import homes
homes.ready()
from datetime import UTC, datetime
from django.db import transaction
from aor.close.tests import world
with transaction.atomic():
    world.carrier()
    for number in range(3):
        npn = str(2000001 + number)
        world.broker(npn, first_name=f"B{number}")
        for policy in range(3):
            world.sold(f"P{number}{policy}", datetime(2026, 10, 5 + policy, 18, tzinfo=UTC), npn)
"""
POINTS = [
    "close:cut",
    "close:publish",
    "close:published",
    "close:statements",
    "document written",
    "document written:2",
    "close:render",
    "close:closed",
]


def environment(home: Path, **more: str) -> dict[str, str]:
    settings = {"DJANGO_SETTINGS_MODULE": "aor.site.settings", "AOR_HOME": str(home), "AOR_TIME_TRAVEL": "1"}
    kept = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**kept, **settings, **more}


def aor(home: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    program = "from aor.site.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *words, "--json", "--now", NOW],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def books(home: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """What a finished close says, and the bytes of every document that it stored."""
    done = aor(home, "close", "2026-10")
    assert done.returncode == 0, done.stderr
    stored = (path for path in (home / "documents").rglob("*") if path.is_file())
    return json.loads(done.stdout), {path.name: path.read_bytes() for path in stored}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("built") / "home"
    subprocess.run([sys.executable, "-c", BUILD], env=environment(home), check=True, timeout=120)
    (home / "keys" / "row-ids.key").write_bytes(b"k" * 32)
    return home


@pytest.fixture(scope="module")
def undisturbed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    shutil.copytree(built, folder / "home")
    return books(folder / "home")


@pytest.mark.parametrize("point", POINTS)
def test_killed_it_resumes_to_the_same_bytes(
    point: str, built: Path, undisturbed: tuple[dict[str, Any], dict[str, bytes]], tmp_path: Path
) -> None:
    shutil.copytree(built, tmp_path / "home")
    killed = aor(tmp_path / "home", "close", "2026-10", AOR_FAULT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    said, documents = books(tmp_path / "home")
    assert said == undisturbed[0]
    assert documents == undisturbed[1]
    assert (said["sent"], said["reported"], said["reports"], len(undisturbed[1])) == (9, 9, 3, 3)
