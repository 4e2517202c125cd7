"""`aor work`: does what is due, again and again, until it is stopped."""

from __future__ import annotations

import signal
import time
from argparse import ArgumentParser
from collections import Counter
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from aor.jobs import due, sealed
from aor.jobs.command import AorCommand, Outcome

EVERY = 15.0  # seconds between two rounds


class Command(AorCommand):
    help = "Does what is due: deliveries, reminders, expiries; with --once a single round."
    example = "aor work --once"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        done: Counter[str] = Counter()
        stopping, worker = _Stop(), due.Worker(self.stderr.write)
        while True:
            done += worker.round(now=now)
            if options["once"] or stopping.asked:
                break
            for trouble in sealed.seal_what_is_new(now=now):
                self.stderr.write(trouble)
            stopping.wait(EVERY)
            now = datetime.now(UTC)
        document = {"done": dict(sorted(done.items()))}
        words = ", ".join(f"{name}: {count}" for name, count in sorted(done.items())) or "Nothing was due."
        return Outcome(document, words)


class _Stop:
    """SIGTERM and SIGINT end the work after the round they come in."""

    def __init__(self) -> None:
        self.asked = False
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

    def wait(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while not self.asked and time.monotonic() < ends:
            time.sleep(0.2)
