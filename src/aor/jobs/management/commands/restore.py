"""`aor restore FILE`: a backup put in place, verified, and kept from sending until it is reconciled."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from aor.jobs import backups, sealed
from aor.jobs.archive import NotABackup
from aor.jobs.checks import all as checks
from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome, UsageError, refusal
from aor.terms.actor import system


class Command(AorCommand):
    help = "Puts a backup into an empty home and database, reconciles it with the mailboxes, and verifies it."
    example = "aor restore /safe/aor-2026-11-21.tar.gz"
    needs_home = False
    restores = True
    seals = False  # a refused one has no database to seal

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="in the place of what is there, which is kept aside"
        )

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        source: Path = options["file"]
        if not source.is_file():
            raise UsageError(f"there is no file {source}")
        by = system("aor restore")
        self.progress("restoring, and reading the mailboxes")
        try:
            manifest, reconciled = backups.restore(source, replace=options["replace"], by=by, now=now)
        except NotABackup as because:
            return refusal(str(because))
        troubles = list(sealed.seal_what_is_new(now=now))
        self.progress("verifying")
        wrong = [wrong for one in checks.check(now=now) for wrong in one.first.values()]
        document = {
            "made_at": manifest.made_at,
            "rows": sum(manifest.tables.values()),
            "files": len(manifest.members),
            "missing": manifest.missing,
            "reconciled": not reconciled.failed,
            "taken_back": reconciled.taken_back,
            "findings": reconciled.findings,
            "ok": not wrong,
            "wrong": [{"table": one.table, "id": one.id, "because": one.because} for one in wrong],
        }
        lines = [f"restored as of {manifest.made_at}: {document['rows']} rows, {document['files']} files"]
        lines += [f"{name} went after the copy was made; it is in the ledger again" for name in reconciled.taken_back]
        lines += [*reconciled.findings, *troubles, *(one.because for one in wrong)]
        lines += [] if wrong else ["every invariant holds"]
        lines += ["nothing is sent before every mailbox could be read: aor send tries again"] * reconciled.failed
        return Outcome(document, "\n".join(lines), REFUSED if wrong or reconciled.failed else DONE)
