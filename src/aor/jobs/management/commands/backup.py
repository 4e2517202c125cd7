"""`aor backup FILE`: database, documents, keys and heads in one file."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from aor.jobs import backups
from aor.jobs.archive import NotABackup
from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome, refusal


class Command(AorCommand):
    help = "Copies database, documents, keys and heads into one file, consistent while others write. Keep it secret."
    example = "aor backup /safe/aor-2026-11-21.tar.gz"
    needs_home = False  # what is copied before an upgrade is not upgraded by it
    seals = False

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help=".tar, or .tar.gz to compress")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        target: Path = options["file"].absolute()
        try:
            manifest = backups.make(target, now=now)
        except NotABackup as because:
            return refusal(str(because))
        document = {
            "file": str(target),
            "bytes": target.stat().st_size,
            "made_at": manifest.made_at,
            "database": manifest.database,
            "tables": len(manifest.tables),
            "rows": sum(manifest.tables.values()),
            "files": len(manifest.members),
            "missing": manifest.missing,
        }
        words = f"{target}: {document['rows']} rows of {document['tables']} tables, {document['files']} files"
        if manifest.missing:
            words += "\nwritten, but not whole:\n" + "\n".join(manifest.missing)
        return Outcome(document, words, REFUSED if manifest.missing else DONE)
