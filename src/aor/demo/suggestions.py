"""What to look at after the demo: real policies and brokers of the run, and where its files lie."""

from __future__ import annotations

import os
import shlex
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from aor.demo import commands
from aor.demo.brokers import Trait
from aor.demo.lived import Living
from aor.terms.period import ONE_DAY

_WORKBOOKS = 3


def make(living: Living, home: Path) -> dict[str, Any]:
    """`files` by what they are, `try` with commands that can be typed as they stand, each with what it shows."""
    place = Path(os.path.relpath(home))
    prefix = "" if place == Path("var") else f"AOR_HOME={shlex.quote(str(place))} "
    rows = commands.run("record", now=living.now)
    last_day = living.market.months[-1].until - ONE_DAY
    tried = [*_why(rows, "held", "held: {}"), *_why(rows, "rejected", "rejected by the carrier, in its own words")]
    folder = living.folder / "workbooks"
    if npns := _workbooks(living, rows, folder):
        month = living.market.months[-1]
        tried.append((f"record --on {last_day} --npn {npns[0]}", "one broker's book on a day"))
        tried.append((f"report {month} --npn {npns[0]} --out reports", "the workbook that this broker is told of"))
    year = last_day.year + 1
    tried.append((f"renewals {year}", f"what the renewal for {year} will carry, hold or lose, and who must act"))
    return {
        "files": {
            "what came: CSV rosters and 834s": str(place / "demo" / "inbox"),
            "what the carriers took: 834s by carrier": str(place / "mailboxes" / "*" / "to-carrier" / "taken"),
            "what they answered: TA1s and 999s": str(place / "mailboxes" / "*" / "from-carrier" / "done"),
            "workbooks of the largest books": str(place / "demo" / "workbooks"),
            "mails, which say only that a report waits": str(place / "mail"),
        },
        "try": [{"command": f"{prefix}{_program()} {typed}", "because": because} for typed, because in tried],
    }


def _program() -> str:
    """How this program was called, so that the suggestions can be typed where it was."""
    called = Path(sys.argv[0])
    if called.name != "aor" or not called.is_file():
        return "aor"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)


def _why(rows: list[dict[str, Any]], state: str, words: str) -> list[tuple[str, str]]:
    """The latest begun of those in a state."""
    found = [row for row in rows if row["state"] == state]
    if not found:
        return []
    row = max(found, key=lambda row: (row["effective_from"], row["exchange_policy_id"]))
    unmet = [finding["because"] for finding in row["findings"] if finding["met"] is not True]
    return [(f"why {row['exchange_policy_id']}", words.format("; ".join(unmet)))]


def _workbooks(living: Living, rows: list[dict[str, Any]], folder: Path) -> list[str]:
    """Writes the last month's workbooks of the largest books of brokers in steady standing; returns their NPNs."""
    steady = {broker.npn for broker in living.market.brokers.brokers if broker.trait is Trait.STEADY}
    books = Counter(row["npn"] for row in rows if row["npn"] in steady and row["state"] in ("sent", "accepted"))
    written: list[str] = []
    for npn, _ in books.most_common():
        if len(written) == _WORKBOOKS:
            break
        month = living.market.months[-1]
        answer = commands.run("report", month, "--npn", npn, "--out", folder, now=living.now)
        if "file" in answer:
            written.append(npn)
    return written
