"""`aor send`: what is ready goes to the carriers that are due."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome, UsageError, refusal
from aor.terms import actor
from aor.transmissions import operations as transmissions
from aor.transmissions import trials


class Command(AorCommand):
    help = "Compose what is ready and hand it to the mailboxes of the carriers that are due."
    example = "aor send --carrier 31616"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--carrier", default="", metavar="HIOS", help="run this carrier now")
        parser.add_argument("--dry-run", action="store_true", help="compose nothing, say what would go")
        parser.add_argument("--test", action="store_true", help="of invented people, to --carrier (ISA15 = T)")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        if options["test"]:
            return _test(options["carrier"], dry_run=options["dry_run"], now=now)
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


def _test(carrier: str, *, dry_run: bool, now: datetime) -> Outcome:
    """One interchange of invented people; nothing of it is in the record or in what the carrier was told."""
    if not carrier or dry_run:
        raise UsageError("a test goes to one carrier: --test --carrier HIOS")
    try:
        trial = trials.send(carrier, by=actor.system("aor send"), now=now)
    except LookupError as unknown:
        raise UsageError(str(unknown.args[0])) from None
    except trials.CannotTest as because:
        return refusal(str(because))
    told = {"carrier": carrier, "file": trial.name, "isa13": trial.isa13, "sets": trial.sets}
    words = f"{trial.name}: a test of {trial.sets} sets for carrier {carrier}"
    return Outcome({"interchanges": [], "held": 0, "findings": [], "tests": [told]}, words, DONE)
