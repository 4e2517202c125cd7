"""`aor send`: what is ready goes to the carriers that are due."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome, UsageError
from aor.terms import actor
from aor.transmissions import operations as transmissions


class Command(AorCommand):
    help = "Compose what is ready and hand it to the mailboxes of the carriers that are due."
    example = "aor send --carrier 31616"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--carrier", default="", metavar="HIOS", help="run this carrier now")
        parser.add_argument("--dry-run", action="store_true", help="compose nothing, say what would go")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        try:
            sent = transmissions.send(
                by=actor.system("aor send"), now=now, carrier=options["carrier"], dry_run=options["dry_run"]
            )
        except LookupError as unknown:
            raise UsageError(str(unknown.args[0])) from None
        interchanges = [
            {"carrier": one.hios_issuer_id, "file": one.name, "isa13": one.isa13, "sets": one.sets}
            for one in sent.interchanges
        ]
        document: dict[str, Any] = {"interchanges": interchanges, "held": sent.held, "findings": sent.findings}
        lines = [f"{one['file']}: {one['sets']} sets for carrier {one['carrier']}" for one in interchanges]
        if options["dry_run"]:
            document["would_send"] = sent.would
            lines = [f"carrier {hios}: {sets} sets would go" for hios, sets in sent.would.items()]
        words = "\n".join([*(lines or ["nothing to send"]), f"{sent.held} held", *sent.findings])
        return Outcome(document, words, REFUSED if sent.failed else DONE)
