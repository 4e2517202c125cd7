"""`aor resend`: what was rejected or never answered goes again, with new control numbers."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome, refusal
from aor.terms import actor
from aor.transmissions import operations as transmissions


class Command(AorCommand):
    help = "Hand over again what a carrier rejected or did not answer, with new control numbers."
    example = "aor resend --isa13 9000101"

    def arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--isa13", default="", metavar="N", help="an interchange: what was not accepted of it")
        which.add_argument("--set", default="", metavar="N", dest="st02", help="one set, by its ST02")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        by = actor.system("aor resend")
        try:
            sent = transmissions.resend(by=by, now=now, isa13=options["isa13"], st02=options["st02"])
        except transmissions.CannotResend as because:
            return refusal(str(because))
        interchanges = [
            {"carrier": one.hios_issuer_id, "file": one.name, "isa13": one.isa13, "sets": one.sets}
            for one in sent.interchanges
        ]
        lines = [f"{one['file']}: {one['sets']} sets for carrier {one['carrier']}" for one in interchanges]
        document = {"interchanges": interchanges, "findings": sent.findings}
        return Outcome(document, "\n".join([*lines, *sent.findings]), REFUSED if sent.failed else DONE)
