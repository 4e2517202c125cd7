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
from benchmarks.sections import ROOT, on_each_database, write

NOW = "2026-01-20T18:00:00+00:00"


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
    started = Machine.here()
    found = on_each_database("benchmarks.desk", sys.argv[1:])
    write("desk", section.lines(found, started, Machine.here(), given.size, given.brokers))


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
