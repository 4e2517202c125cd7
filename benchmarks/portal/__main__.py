"""Measures the portal and the API on both databases and writes their section of `docs/benchmarks.md`."""

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
from typing import Any
from urllib.request import urlopen

from benchmarks.page import Machine
from benchmarks.places import Place
from benchmarks.portal import api, load, section
from benchmarks.portal.load import Answered
from benchmarks.portal.section import Sizes
from benchmarks.sections import ROOT, on_each_database, write

NOW = "2025-12-20T18:00:00+00:00"
FILL = 5  # seconds of requests that fill caches
TOKEN = ("-c", "from aor.site.cli import main; main()", "token", "create")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.portal", description=__doc__)
    parser.add_argument("--size", type=int, default=300_000, help="enrollments")
    parser.add_argument("--brokers", type=int, default=3_000)
    parser.add_argument("--rate", type=int, default=30, help="requests a second to the portal")
    parser.add_argument("--api-rate", type=int, default=50, help="requests a second to the API")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = vars(parser.parse_args())
    into: Path | None = given.pop("into")
    sizes = Sizes(**given)
    if into is not None:
        into.write_text(json.dumps(measured(sizes)))
        return
    started = Machine.here()
    found = on_each_database("benchmarks.portal", sys.argv[1:])
    answers = {name: [Answered(*one) for one in taken["answers"]] for name, taken in found.items()}
    busy = {name: taken["busy"] for name, taken in found.items()}
    write("portal", section.lines(answers, busy, started, Machine.here(), sizes))


def measured(sizes: Sizes) -> dict[str, list[Any]]:
    """Every answer of one database, and how busy all processors were with the portal's and with the API's."""
    with tempfile.TemporaryDirectory() as root:
        place = Place("portal", Path(root), os.environ.get("DATABASE_URL", "")).make()
        place.step("load", sizes.size, sizes.brokers, 2025, 2026)
        place.step("settle")
        secrets = {
            role: json.loads(_in(place, *TOKEN, role, "--role", role, "--json", "--now", NOW, *words))["token"]
            for role, words in (("eligibility", ()), ("carrier", ("--carrier", api.HIOS)))
        }
        people = json.loads(_in(place, "-m", "benchmarks.portal.people", str(min(200, sizes.brokers)), NOW))
        answers: list[Answered] = []
        busy: list[float] = []
        asked = ((sizes.rate, load.pages(people)), (sizes.api_rate, api.requests(secrets, sizes.size, sizes.brokers)))
        with served(place) as port:
            for rate, ask in asked:
                load.run(port, ask, rate=rate, seconds=FILL)
                before = _processors()
                answers += load.run(port, ask, rate=rate, seconds=sizes.seconds)
                worked, passed = (after - then for after, then in zip(_processors(), before, strict=True))
                busy.append(worked / passed)
        place.drop()
    return {"answers": [(one.what, one.seconds, one.status) for one in answers], "busy": busy}


def _processors() -> tuple[int, int]:
    """Ticks that all processors of this machine worked, and that passed for them (proc(5), stat)."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(ticks) - sum(ticks[3:5]), sum(ticks)


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


if __name__ == "__main__":
    main()
