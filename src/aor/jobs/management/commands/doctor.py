"""`aor doctor`: database, clock, disk, mail, mailboxes, settings, each with a cure."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from aor.acts import settle
from aor.jobs import diagnosis, homes
from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome
from aor.jobs.diagnosis import Line, State
from aor.terms.actor import system


class Command(AorCommand):
    help = "Looks at database, clock, disk, keys, mail, mailboxes and settings, and says what would cure what."
    example = "aor doctor"
    needs_home = False
    seals = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mend", action="store_true", help="put triggers back that are missing or were changed")
        parser.add_argument("--decide-anew", action="store_true", help="decide the record of every household anew")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        self.seals = options["mend"] or options["decide_anew"]
        if options["mend"]:
            diagnosis.mend(by=system("aor doctor"), now=now)
        if options["decide_anew"]:
            homes.ready()
            changed = settle.everything(now=now)
            self.progress(f"{changed} entries changed")
        lines = list(diagnosis.examine(now=now))
        ok = all(line.state != State.FAIL for line in lines)
        document = {
            "ok": ok,
            "lines": [
                {"what": line.what, "state": line.state.value, "says": line.says, "cure": line.cure} for line in lines
            ],
        }
        return Outcome(document, "\n".join(map(_words, lines)), DONE if ok else REFUSED)


def _words(line: Line) -> str:
    cure = f"\n      {line.cure}" if line.cure else ""
    return f"{line.state.value:<5} {line.what}: {line.says}{cure}"
