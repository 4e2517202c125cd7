"""`aor dispose`: what is past its day and under no legal hold; counted, or with --confirm disposed of."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from aor.jobs.command import AorCommand, Outcome, UsageError, refusal
from aor.retention import operations as retention
from aor.retention import queries
from aor.retention.schedule import SAYS
from aor.terms.actor import Actor, Role


class Command(AorCommand):
    help = "Counts what may be disposed of by the rules of retention; with --confirm, disposes of it."
    example = 'aor dispose --confirm --by "officer ann" --second "officer bo"'

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--confirm", action="store_true", help="dispose of it; it cannot be brought back")
        parser.add_argument("--by", default="", metavar="NAME", help="the officer who asks")
        parser.add_argument("--second", default="", metavar="NAME", help="another officer, who consents")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        if not options["confirm"]:
            return self._counted(now)
        names = options["by"].strip(), options["second"].strip()
        if not all(names):
            raise UsageError("--confirm needs two officers: --by and --second")
        self.progress("disposing; killed, it is run again")
        try:
            done = retention.dispose(asked_by=names[0], by=Actor(Role.OFFICER, names[1]), now=now)
        except retention.Refused as because:
            return refusal(str(because))
        rows = [{"what": one.what, "things": one.things, "rows": one.rows, "held": one.held} for one in done]
        words = [
            f"{one.what}: {one.things} disposed of ({one.rows} rows), {one.held} under a legal hold" for one in done
        ]
        return Outcome({"disposed": rows}, "\n".join(words))

    def _counted(self, now: datetime) -> Outcome:
        due = queries.due(now=now)
        rows = [
            {
                "what": one.what, "says": SAYS[one.what], "years": one.years, "before": one.before.isoformat(),
                "things": one.things, "rows": one.rows, "held": one.held,
            }
            for one in due
        ]  # fmt: skip
        words = [
            f"{one.what}: {SAYS[one.what]}, up to {one.before} ({one.years} years): {one.things}, and {one.held} held"
            for one in due
        ]
        return Outcome({"due": rows}, "\n".join([*words, "nothing was disposed of: --confirm does"]))
