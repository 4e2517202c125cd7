"""Measures the broker team's pages on both databases and writes their section of `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.desk import section
from benchmarks.desk.section import Times
from benchmarks.page import Machine
from benchmarks.places import Place

ROOT = Path(__file__).resolve().parents[2]
NOW = "2026-01-20T18:00:00+00:00"
NO_SERVER = 69


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.desk", description=__doc__)
    parser.add_argument("--size", type=int, default=300_000, help="enrollments")
    parser.add_argument("--brokers", type=int, default=60, help="one decertified has size / brokers agents of record")
    parser.add_argument("--requests", type=int, default=100, help="of each page")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.into is not None:
        given.into.write_text(json.dumps(measured(given.size, given.brokers, given.requests)))
        return
    started, found = Machine.here(), {}
    with tempfile.TemporaryDirectory() as folder:
        for name, wrapper in (("SQLite", []), ("PostgreSQL", [str(ROOT / "scripts" / "postgres")])):
            out = Path(folder) / f"{name}.json"
            words = [*wrapper, sys.executable, "-m", "benchmarks.desk", *sys.argv[1:], "--into", str(out)]
            environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "AOR_HOME")}
            code = subprocess.run(words, cwd=ROOT, env=environment).returncode
            if code == NO_SERVER:
                continue
            if code:
                raise SystemExit(code)
            found[name] = json.loads(out.read_text())
    page = ROOT / "docs" / "benchmarks.md"
    lines = section.lines(found, started, Machine.here(), given.size, given.brokers)
    page.write_text(section.placed(page.read_text(), lines))


def measured(size: int, brokers: int, requests: int) -> Times:
    """Every request's seconds on one database."""
    with tempfile.TemporaryDirectory() as root:
        place = Place("desk", Path(root), os.environ.get("DATABASE_URL", "")).make()
        place.step("load", size, brokers, 2026)
        place.step("settle")
        place.step("send")
        environment = {
            "AOR_HOME": str(place.home), "DATABASE_URL": place._url(), "AOR_TIME_TRAVEL": "1", "AOR_NOW": NOW,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.desk.asked", str(requests)],
            env=os.environ | environment, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
        place.drop()
    times: Times = json.loads(done.stdout.splitlines()[-1])
    return times


if __name__ == "__main__":
    main()
