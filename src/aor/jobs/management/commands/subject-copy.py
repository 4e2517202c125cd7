# ruff: noqa: N999 - Django calls a command as its module
"""`aor subject-copy`: all data held on one person, for that person."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from aor.audit import operations as journal
from aor.jobs.command import AorCommand, Outcome, UsageError, refusal
from aor.retention import subject
from aor.terms.actor import system


class Command(AorCommand):
    help = "Writes all data held on one person into a ZIP, to read and for a program; the read is recorded."
    example = "aor subject-copy --subscriber S-1001 /safe/copy.zip"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="OUT.zip", type=Path)
        parser.add_argument("--subscriber", required=True, metavar="ID", help="the exchange subscriber id")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        target, person = options["file"], options["subscriber"]
        if target.exists() or not target.parent.is_dir():
            raise UsageError(f"{target} is to be a new file in a folder that exists")
        found = subject.copy(person)
        if not found:
            return refusal(f"nobody has the number {person}")
        journal.record_read(
            subject=("subscriber", person), what="copy of all data", purpose="data subject's copy",
            by=system("aor subject-copy"), at=now,
        )  # fmt: skip
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(subject.packed(person, found, now=now))
            os.fsync(file.fileno())
        rows = sum(map(len, found.values()))
        document = {"subscriber": person, "file": str(target), "rows": rows, "tables": len(found)}
        return Outcome(document, f"{target}: {rows} rows; give it to nobody but this person")
