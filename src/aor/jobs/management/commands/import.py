# ruff: noqa: N999 - Django names a command by its module
"""`aor import KIND FILE`: files of carriers, brokers, standing, households, associations, opening balances."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from aor.acts import load, settle
from aor.acts.load import Receipt
from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome, UsageError
from aor.terms.actor import system

MOST_TOLD = 20  # refused rows in words; --json has them all


class Command(AorCommand):
    help = "Takes a CSV or xlsx of one kind; every bad row is told with its line and reason."
    example = "aor import brokers brokers.csv --dry-run"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", metavar="KIND", choices=load.KINDS, help=" | ".join(load.KINDS))
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="says what would happen and changes nothing")
        parser.add_argument("--strict", action="store_true", help="takes nothing when any row is refused; exit 1")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        path, dry_run = options["file"], options["dry_run"]
        if not path.is_file():
            raise UsageError(f"there is no file {path}")
        receipt = load.load(
            options["kind"], path, by=system("import"), now=now, dry_run=dry_run, strict=options["strict"]
        )
        if not (dry_run or receipt.because):
            self.progress(f"{receipt.taken} rows taken; deciding the record anew")
            settle.settle(now=now)
        return Outcome(_document(receipt, dry_run=dry_run), _words(receipt), REFUSED if receipt.because else DONE)


def _document(receipt: Receipt, *, dry_run: bool) -> dict[str, object]:
    document: dict[str, object] = {
        "kind": receipt.kind,
        "rows": receipt.rows,
        "taken": receipt.taken,
        "refused": [asdict(refused) for refused in receipt.refused],
        "changed": receipt.changed,
        "findings": receipt.findings,
        "dry_run": dry_run,
    }
    return document | ({"because": receipt.because} if receipt.because else {})


def _words(receipt: Receipt) -> str:
    told = [f"line {one.line}, {one.column or 'the row'}: {one.because}" for one in receipt.refused[:MOST_TOLD]]
    if len(receipt.refused) > MOST_TOLD:
        told.append(f"and {len(receipt.refused) - MOST_TOLD} more refused rows (--json tells them all)")
    counts = f"{receipt.kind}: {receipt.rows} rows, {receipt.taken} taken, {receipt.changed} changed something"
    because = [f"nothing was taken: {receipt.because}"] if receipt.because else []
    return "\n".join([*because, counts, *receipt.findings, *told])
