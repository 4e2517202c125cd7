"""Measures an upgrade on both databases and writes its section of `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.page import Machine
from benchmarks.places import Place
from benchmarks.sections import on_each_database, write

WORDS = {
    "back_up": ("the copy to go back to", "rows"),
    "verify": ("`aor verify`, before and again after", "rows looked at"),
    "migrate": ("the migrations; the portal is away", "migrations"),
}
type Steps = Mapping[str, tuple[int, float, float]]  # rows, seconds by the clock and of the processor


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.upgrade", description=__doc__)
    parser.add_argument("--size", type=int, default=300_000, help="enrollments")
    parser.add_argument("--brokers", type=int, default=60)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.into is not None:
        given.into.write_text(json.dumps(measured(given.size, given.brokers)))
        return
    started = Machine.here()
    found = on_each_database("benchmarks.upgrade", sys.argv[1:])
    write("upgrade", lines(found, started, Machine.here(), given.size))


def measured(size: int, brokers: int) -> Steps:
    """Every step on one database."""
    with tempfile.TemporaryDirectory() as root:
        place = Place("upgrade", Path(root), os.environ.get("DATABASE_URL", "")).make()
        file = Path(root) / "enrollments.834"
        place.step("load", size, brokers)
        place.step("file", file, size)
        place.step("receive", file)
        sent = place.step("hand_over").rows
        assert sent == size, f"{sent} were sent"
        taken = {name: place.step(name) for name in ("back_up", "verify", "take_back", "migrate")}
        place.step("verify")
        place.drop()
    return {name: (one.rows, one.wall, one.cpu) for name, one in taken.items()}


def lines(found: Mapping[str, Steps], started: Machine, ended: Machine, size: int) -> Iterator[str]:
    """The section, without its marks."""
    yield "## An upgrade"
    yield ""
    yield "Written by `make bench-upgrade`; no number here was typed by hand."
    yield ""
    yield (
        f"{size:,} enrollments, each with its agent of record, sent to its carrier and not answered; taken back "
        "to an earlier release, and upgraded as docs/runbooks/upgrade.md says. "
        f"Load of the machine {started.load:.1f} before, {ended.load:.1f} after."
    )
    yield ""
    yield "| what | database | of | seconds | of the processor |"
    yield "|---|---|--:|--:|--:|"
    for database, taken in found.items():
        for step, (words, of) in WORDS.items():
            rows, seconds, cpu = taken[step]
            yield f"| {words} | {database} | {rows:,.0f} {of} | {seconds:.1f} | {cpu:.1f} |"


if __name__ == "__main__":
    main()
