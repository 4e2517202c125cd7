"""Kills of small markets and operations of the model check, part by part, on SQLite and on PostgreSQL.

`python -m tests.torture` goes on where `docs/torture.md` says that it stopped, and begins anew for a changed program.
What fails says its seed (AOR_SEED=..., or --first-seed, replays it), and is tried again by the next call.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time

from tests.torture import page
from tests.torture.page import ROOT, Row, Tried

PAGE = ROOT / "docs" / "torture.md"
PARTS = {"kills": 250, "operations": 20_000}
TESTS = {"kills": "tests/anomalies/test_kills.py", "operations": "tests/model"}
NO_SERVER = 69
SEEDS_A_PART = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=500, help="on each database")
    parser.add_argument("--operations", type=int, default=500_000, help="on each database")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="no part is begun after so many")
    given = parser.parse_args()
    tried = begun({kind: getattr(given, kind) for kind in page.KINDS})
    PAGE.write_text(tried.text())
    until = time.monotonic() + 60 * given.minutes
    for (database, kind), row in tried.rows.items():
        while row.done < row.of:
            if time.monotonic() > until:
                print(f"{database}: {row.done:,} of {row.of:,} {kind}; the rest is done by the next call")
                return
            if not done(tried.seed, database, kind, row):
                break  # no PostgreSQL to be had
            PAGE.write_text(tried.text())


def begun(sizes: dict[str, int]) -> Tried:
    """What the page says of this program; without that, nothing yet, from AOR_SEED or a new seed."""
    anew = Tried.of(sizes, page.source_of(ROOT / "src" / "aor"), os.environ.get("AOR_SEED") or secrets.token_hex(4))
    return anew.after(page.read(PAGE.read_text()) if PAGE.is_file() else None)


def done(seed: str, database: str, kind: str, row: Row) -> bool:
    """The next part, noted in the row; False where the database is not to be had. Ends the program if it fails."""
    size = min(PARTS[kind], row.of - row.done)
    part = row.done // PARTS[kind]
    first = int(seed, 16) % 1_000_000 * 1_000 + part * SEEDS_A_PART
    environment = os.environ | {"AOR_SEED": f"{seed}{part:02}", "AOR_KILLS": str(size)}
    environment.pop("DATABASE_URL", None)
    words = [] if kind == "kills" else ["--operations", str(size), "--first-seed", str(first)]
    wrapper = [str(ROOT / "scripts" / "postgres")] if database == "PostgreSQL" else []
    workers = os.environ.get("AOR_TEST_WORKERS", "2")
    print(f"== {database}: {size:,} {kind} after {row.done:,} of {row.of:,}", flush=True)
    started = time.monotonic()
    command = [*wrapper, sys.executable, "-m", "pytest", "-q", "-n", workers, TESTS[kind], *words]
    code = subprocess.run(command, cwd=ROOT, env=environment).returncode
    if code == NO_SERVER:
        print("left out: PostgreSQL (not installed, and it may not be installed here)")
        return False
    if code:
        sys.exit(f"{database}: {kind} failed; AOR_SEED={environment['AOR_SEED']}, --first-seed {first}")
    row.done, row.minutes = row.done + size, row.minutes + (time.monotonic() - started) / 60
    return True


if __name__ == "__main__":
    main()
