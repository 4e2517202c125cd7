"""`aor exceptions`: everything of the transmissions that waits for a person."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aor.acts import settle
from aor.audit import operations as journal
from aor.jobs.command import AorCommand, Outcome, UsageError
from aor.terms import actor
from aor.terms.identifiers import HiosIssuerId
from aor.transmissions import queries as transmissions


class Command(AorCommand):
    help = "List what waits for a person: rejected, overdue, contradicted, unknown, not writable, another broker."
    example = "aor exceptions --carrier 31616"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--carrier", metavar="HIOS", default="", help="of one carrier alone")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        try:
            hios = HiosIssuerId(options["carrier"]) if options["carrier"] else ""
        except ValueError as wrong:
            raise UsageError(str(wrong)) from None
        settle.settle(now=now)
        found = list(transmissions.exceptions(now=now, hios_issuer_id=hios))
        journal.record_read(
            subject=("carrier", hios or "all"),
            what="exceptions",
            purpose="staff list",
            by=actor.system("aor exceptions"),
            at=now,
        )
        counts = Counter(one.kind for one in found)
        lines = [f"{one.kind}  {one.hios_issuer_id}  {one.subject}: {one.because}" for one in found]
        total = ", ".join(f"{count} {kind}" for kind, count in counts.most_common()) or "nothing waits for a person"
        return Outcome({"counts": counts, "exceptions": [asdict(one) for one in found]}, "\n".join([*lines, total]))
