"""Measures the portal on both databases and writes its section of `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from benchmarks.page import Machine
from benchmarks.pages import load
from benchmarks.pages.load import Answered
from benchmarks.pages.section import BEGIN, END, kept
from benchmarks.places import Place

ROOT = Path(__file__).resolve().parents[2]
NOW = "2025-12-20T18:00:00+00:00"
GOALS = {"p95": 0.150, "p99": 0.400}
WORDS = {"book": "book of business", "why": "Why page", "write": "an invitation sent"}
NO_SERVER = 69


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--size", type=int, default=300_000, help="enrollments")
    parser.add_argument("--brokers", type=int, default=3_000)
    parser.add_argument("--rate", type=int, default=30, help="requests a second")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.into is not None:
        given.into.write_text(json.dumps(measured(given)))
        return
    started, found = Machine.here(), {}
    with tempfile.TemporaryDirectory() as folder:
        for name, wrapper in (("SQLite", []), ("PostgreSQL", [str(ROOT / "scripts" / "postgres")])):
            out = Path(folder) / f"{name}.json"
            words = [*wrapper, sys.executable, "-m", "benchmarks.pages", *sys.argv[1:], "--into", str(out)]
            environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "AOR_HOME")}
            code = subprocess.run(words, cwd=ROOT, env=environment).returncode
            if code == NO_SERVER:
                continue
            if code:
                raise SystemExit(code)
            found[name] = [Answered(*one) for one in json.loads(out.read_text())]
    page = ROOT / "docs" / "benchmarks.md"
    section = "\n".join([BEGIN, *lines(found, started, Machine.here(), given), END]) + "\n"
    page.write_text(page.read_text().replace(kept(page.read_text()), "").rstrip("\n") + "\n\n" + section)


def measured(given: argparse.Namespace) -> list[tuple[str, float, int]]:
    """Every answer of one database."""
    with tempfile.TemporaryDirectory() as root:
        place = Place("pages", Path(root), os.environ.get("DATABASE_URL", "")).make()
        place.step("load", given.size, given.brokers, 2025, 2026)
        place.step("settle")
        with served(place) as port:
            people = json.loads(_in(place, "-m", "benchmarks.pages.people", str(min(200, given.brokers)), NOW))
            load.run(port, people, rate=given.rate, seconds=5)  # the first ones fill caches
            answers = load.run(port, people, rate=given.rate, seconds=given.seconds)
        place.drop()
    return [(one.page, one.seconds, one.status) for one in answers]


def _environment(place: Place) -> dict[str, str]:
    return os.environ | {
        "AOR_HOME": str(place.home), "DATABASE_URL": place._url(), "AOR_TIME_TRAVEL": "1", "AOR_NOW": NOW,
    }  # fmt: skip


def _in(place: Place, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], env=_environment(place), cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True
    )
    return done.stdout.splitlines()[-1]


@contextmanager
def served(place: Place) -> Iterator[int]:
    """`aor serve` on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [str(Path(sys.executable).parent / "aor"), "serve", "--port", str(port)]
    process = subprocess.Popen(words, env=_environment(place), cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        for _ in range(120):
            try:
                urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).read()
                break
            except OSError:
                time.sleep(0.5)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def lines(
    found: dict[str, list[Answered]], started: Machine, ended: Machine, given: argparse.Namespace
) -> Iterator[str]:
    """The section, without its marks."""
    yield "## The portal"
    yield ""
    yield (
        f"{given.size:,} enrollments of {given.brokers:,} brokers; {given.rate} requests a second for"
        f" {given.seconds} s at `aor serve`, a tenth of them writes; times run from when a request was due."
        f" Load of the machine {started.load:.1f} before, {ended.load:.1f} after."
    )
    yield ""
    yield "| page | database | requests | p50 | p95 | p99 | not answered well | goal |"
    yield "|---|---|--:|--:|--:|--:|--:|---|"
    for database, answers in found.items():
        for page, words in WORDS.items():
            times = sorted(one.seconds for one in answers if one.page == page)
            bad = sum(one.status >= 400 for one in answers if one.page == page)
            p50, p95, p99 = (times[min(len(times) - 1, int(len(times) * part))] for part in (0.5, 0.95, 0.99))
            met = p95 <= GOALS["p95"] and p99 <= GOALS["p99"] and not bad
            yield (
                f"| {words} | {database} | {len(times):,} | {p50 * 1000:.0f} ms | {p95 * 1000:.0f} ms |"
                f" {p99 * 1000:.0f} ms | {bad} | p95 < 150 ms, p99 < 400 ms: {'met' if met else '**missed**'} |"
            )


if __name__ == "__main__":
    main()
