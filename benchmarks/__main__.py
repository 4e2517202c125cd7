"""Measures on both databases and writes `docs/benchmarks.md`; no number of it is typed by hand."""

from __future__ import annotations

import argparse
from typing import Any

from benchmarks import page
from benchmarks.collect import Measured
from benchmarks.sections import PAGE, SECTIONS, kept, on_each_database
from benchmarks.taken import Taken


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", type=int, default=50_000, help="agents of record received, sent and closed")
    parser.add_argument("--renewal", type=int, default=150_000, help="agents of record of the renewal run")
    parser.add_argument("--history", type=int, default=5_000_000, help="entries of the long record")
    parser.add_argument("--rounds", type=int, default=3)
    given = vars(parser.parse_args())
    options = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    started = page.Machine.here()
    taken = on_each_database("benchmarks.collect", options)
    found = {database: measured(rows) for database, rows in taken.items()}
    speed = page.written(found, started, page.Machine.here(), given)
    earlier = PAGE.read_text()
    PAGE.write_text("\n".join(filter(None, (speed, *(kept(name, earlier) for name in SECTIONS)))))


def measured(rows: list[dict[str, Any]]) -> dict[str, Measured]:
    """What was taken on one database, by job."""
    kinds = ("product", "floor", "small")
    read = [one | {kind: [Taken(**taken) for taken in one[kind]] for kind in kinds} for one in rows]
    return {one["name"]: Measured(**one) for one in read}


if __name__ == "__main__":
    main()
