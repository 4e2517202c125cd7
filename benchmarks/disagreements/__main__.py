"""Measures returned workbooks and transfers on both databases and writes their section of `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.disagreements import section
from benchmarks.disagreements.section import Sizes
from benchmarks.page import Machine
from benchmarks.places import Place
from benchmarks.sections import on_each_database, write


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.disagreements", description=__doc__)
    parser.add_argument("--size", type=int, default=300_000, help="enrollments")
    parser.add_argument("--brokers", type=int, default=60, help="the book that moves has size / brokers households")
    parser.add_argument("--rows", type=int, default=500, help="rows of the returned workbook")
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    sizes = Sizes(given.size, given.brokers, given.rows)
    if given.into is not None:
        given.into.write_text(json.dumps(measured(sizes)))
        return
    started = Machine.here()
    found = on_each_database("benchmarks.disagreements", sys.argv[1:])
    write("disagreements", section.lines(found, started, Machine.here(), sizes))


def measured(sizes: Sizes) -> dict[str, tuple[int, float, float]]:
    """Rows, seconds by the clock and of the processor, of every step, on one database."""
    with tempfile.TemporaryDirectory() as root:
        place = Place("disagreements", Path(root), os.environ.get("DATABASE_URL", "")).make()
        place.step("load", sizes.size, sizes.brokers, 2026)
        place.step("settle")
        place.step("persons")
        taken = {name: place.step(name, *arguments) for name, arguments in _steps(sizes)}
        place.drop()
    return {name: (one.rows, one.wall, one.cpu) for name, one in taken.items()}


def _steps(sizes: Sizes) -> list[tuple[str, tuple[int, ...]]]:
    return [("returned", (sizes.rows,)), ("preview", ()), ("moved", ())]


if __name__ == "__main__":
    main()
