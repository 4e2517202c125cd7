"""`aor record`: who was agent of record, for one, some or all enrollments."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aor.audit import operations as journal
from aor.jobs.command import AorCommand, Outcome, UsageError, day, instant
from aor.terms import actor
from aor.terms.npn import Npn
from aor.transmissions import rows as record
from aor.transmissions.ledger import Scope
from aor.transmissions.rows import COLUMNS, Row


class Command(AorCommand):
    help = "Who was agent of record, as a list of rows: CSV, or JSON with --json."
    example = "aor record --on 2026-03-01 --npn 1234567 --format csv"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", type=day, metavar="DAY", help="only entries in effect that day")
        parser.add_argument("--known-at", type=instant, metavar="INSTANT", help="as known at an instant")
        parser.add_argument("--npn", default="", help="one broker's entries")
        parser.add_argument("--policy", default="", help="one policy's entries; HIOS:POLICY where carriers share it")
        parser.add_argument("--format", choices=["csv", "json"], default="", dest="shape")

    def handle(self, *args: Any, **options: Any) -> None:
        self.shape = "json" if options["json"] else options["shape"] or "csv"
        super().handle(*args, **options)

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        hios, _, policy = options["policy"].rpartition(":")
        if options["policy"] and not policy:
            raise UsageError("a policy is named P1 or 31616:P1")
        try:
            npn = options["npn"] and Npn.parse(options["npn"])
        except ValueError as wrong:
            raise UsageError(str(wrong)) from None
        scope = Scope(hios_issuer_id=hios, policy_id=policy, npn=npn)
        asked = options["policy"] or npn or "all"
        kind = "enrollment" if policy else "broker" if npn else "record"
        journal.record_read(
            subject=(kind, asked),
            what="agents of record",
            purpose="aor record",
            by=actor.system("aor record"),
            at=now,
        )
        rows = record.rows(scope, now=now, on=options["on"], known_at=options["known_at"])
        if self.shape == "json":
            self._as_json(rows)
        else:
            self._as_csv(rows)
        return Outcome([], "", raw="")

    def _as_json(self, rows: Iterable[Row]) -> None:
        self.stdout.write("[", ending="")
        separator = "\n"
        for row in rows:
            self.stdout.write(separator + row.as_json(), ending="")
            separator = ",\n"
        self.stdout.write("\n]")

    def _as_csv(self, rows: Iterable[Row]) -> None:
        writer = csv.writer(self.stdout)
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([safe(cell) for cell in row])


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
