"""`aor doctor`: database, clock, disk, mail, mailboxes, settings, each with a cure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aor.jobs import diagnosis
from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome
from aor.jobs.diagnosis import Line, State


class Command(AorCommand):
    help = "Looks at database, clock, disk, keys, mail, mailboxes and settings, and says what would cure what."
    example = "aor doctor"
    needs_home = False
    seals = False

    def run(self, *, now: datetime, **options: Any) -> Outcome:
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
