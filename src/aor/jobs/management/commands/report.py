"""`aor report MONTH --npn NPN --out DIR`: the published workbook of a broker."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from aor.jobs.command import AorCommand, Outcome, UsageError, refusal
from aor.reports import operations as reports
from aor.terms.actor import system
from aor.terms.month import Month
from aor.terms.npn import Npn


class Command(AorCommand):
    help = "Writes the published workbook of a broker into a folder; every such read is recorded."
    example = "aor report 2026-10 --npn 1234567 --out reports/"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="MONTH", help="as 2026-10")
        parser.add_argument("--npn", required=True, help="the broker's National Producer Number")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder it is written to")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        try:
            month, npn = Month.parse(options["month"]), Npn.parse(options["npn"])
        except ValueError as wrong:
            raise UsageError(str(wrong)) from None
        folder: Path = options["out"]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            found = reports.hand_out(month, npn, by=system("aor report"), purpose="report handed out", now=now)
            (folder / found.name).write_bytes(found.content)
        except reports.NoReport as none:
            return refusal(str(none))
        except OSError as trouble:
            return refusal(f"the report cannot be written: {trouble.strerror}: {trouble.filename}")
        document = {
            "month": str(month),
            "npn": npn,
            "number": found.number,
            "issue": found.issue,
            "file": str(folder / found.name),
            "sha256": found.sha256,
        }
        return Outcome(document, f"{folder / found.name}: report {found.number}")
