"""Measures an upgrade and a restore on both databases and writes their section of `docs/benchmarks.md`."""

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
from benchmarks.taken import Taken

WORDS = {
    "back_up": ("the copy to go back to", "rows"),
    "verify": ("`aor verify`, before and again after", "rows looked at"),
    "migrate": ("the migrations; the portal is away", "migrations"),
    "restore": ("the copy restored elsewhere, reconciled, sealed and verified", "rows"),
}
RESTORED_WITHIN = 30 * 60  # seconds
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
        copy = Path(root) / "copy.tar"
        taken = {"back_up": place.step("back_up", copy)}
        taken |= {name: place.step(name) for name in ("verify", "take_back", "migrate")}
        place.step("verify")
        taken["restore"] = _restored(copy, place)
        place.drop()
    return {name: (one.rows, one.wall, one.cpu) for name, one in taken.items()}


def _restored(copy: Path, place: Place) -> Taken:
    """Elsewhere, but for the carriers' mailboxes, which are where they were."""
    elsewhere = Place("elsewhere", place.root, place.server).make()
    (elsewhere.home / "mailboxes").symlink_to(place.home / "mailboxes", target_is_directory=True)
    taken = elsewhere.step("restore", copy)
    elsewhere.drop()
    return taken


def lines(found: Mapping[str, Steps], started: Machine, ended: Machine, size: int) -> Iterator[str]:
    """The section, without its marks."""
    yield "## An upgrade, and a restore"
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
    longest = max(taken["restore"][1] for taken in found.values())
    yield ""
    yield (
        f"Goal: restored within {RESTORED_WITHIN // 60} minutes, and nothing goes to a carrier again: "
        f"{'met' if longest < RESTORED_WITHIN else 'missed'}."
    )


if __name__ == "__main__":
    main()
