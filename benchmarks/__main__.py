"""Measures on both databases and writes `docs/benchmarks.md`; no number of it is typed by hand."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import page
from benchmarks.collect import Measured
from benchmarks.desk import section as desk
from benchmarks.disagreements import section as disagreements
from benchmarks.matching import page as matching
from benchmarks.pages import section as pages
from benchmarks.taken import Taken

ROOT = Path(__file__).resolve().parents[1]
NO_SERVER = 69


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", type=int, default=50_000, help="agents of record received, sent and closed")
    parser.add_argument("--renewal", type=int, default=150_000, help="agents of record of the renewal run")
    parser.add_argument("--history", type=int, default=5_000_000, help="entries of the long record")
    parser.add_argument("--rounds", type=int, default=3)
    given = vars(parser.parse_args())
    options = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    started = page.Machine.here()
    with tempfile.TemporaryDirectory() as folder:
        found = {
            name: measured
            for name, wrapper in (("SQLite", []), ("PostgreSQL", [str(ROOT / "scripts" / "postgres")]))
            if (measured := collect(wrapper, options, Path(folder) / f"{name}.json")) is not None
        }
    path = ROOT / "docs" / "benchmarks.md"
    speed = page.written(found, started, page.Machine.here(), given)
    earlier = path.read_text()
    others = (one.kept(earlier) for one in (matching, pages, disagreements, desk))
    path.write_text("\n".join(filter(None, (speed, *others))))


def collect(wrapper: list[str], options: list[str], out: Path) -> dict[str, Measured] | None:
    """What was taken on one database, by job; None where there is no such database."""
    environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "AOR_HOME")}
    command = [*wrapper, sys.executable, "-m", "benchmarks.collect", *options, str(out)]
    done = subprocess.run(command, cwd=ROOT, env=environment)
    if done.returncode == NO_SERVER:
        return None
    done.check_returncode()
    result = {}
    for one in json.loads(out.read_text()):
        one |= {kind: [Taken(**taken) for taken in one[kind]] for kind in ("product", "floor", "small")}
        result[one["name"]] = Measured(**one)
    return result


if __name__ == "__main__":
    main()
