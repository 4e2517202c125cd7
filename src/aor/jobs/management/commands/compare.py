"""`aor compare`: old reports against the record, each difference explained."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from aor.jobs import comparison
from aor.jobs.command import AorCommand, Outcome, UsageError, refusal
from aor.jobs.comparison import Difference, Kind, OldRow
from aor.terms.actor import system
from aor.terms.period import day_of
from aor.workbooks.tables import TableRefused

BY = system("aor compare")


class Command(AorCommand):
    help = "Compares reports of the system before this one with the record, and says why each row differs."
    example = "aor compare old-report.xlsx older-report.csv"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", metavar="REPORT", nargs="+", type=Path, help="xlsx or csv, the eight columns")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        rows: list[OldRow] = []
        read: list[dict[str, Any]] = []
        for path in options["files"]:
            if not path.is_file():
                raise UsageError(f"there is no file {path}")
            try:
                found, refused = comparison.read(path, today=day_of(now))
            except TableRefused as wrong:
                return refusal(f"{path.name}: {wrong}")
            rows += found
            told = [{"line": one.line, "because": one.because} for one in refused]
            read.append({"name": path.name, "rows": len(found), "refused": told})
        compared = list(comparison.compare(rows, by=BY, now=now))
        differences = [one for one in compared if one.kind is not Kind.SAME]
        counts = Counter(one.kind.value for one in compared)
        document = {
            "files": read,
            "counts": dict(sorted(counts.items())),
            "differences": [_document(one) for one in differences],
        }
        words = [f"{counts[Kind.SAME.value]} of {len(rows)} rows are the same", *map(_words, differences)]
        words += [f"{file['name']}: {len(file['refused'])} rows cannot be read" for file in read if file["refused"]]
        return Outcome(document, "\n".join(words))


def _document(one: Difference) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "file": one.file,
        "line": one.line or None,
        "npn": one.npn,
        "exchange_policy_id": one.policy_id,
        "theirs": one.theirs and one.theirs.isoformat(),
        "ours": one.ours or None,
        "because": one.because,
    }


def _words(one: Difference) -> str:
    where = f"{one.file} line {one.line}" if one.line else f"policy {one.policy_id}"
    return f"{where}: {one.kind.value}: {one.because}"
