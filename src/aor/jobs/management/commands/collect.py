"""`aor collect`: what the carriers left in their mailboxes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome
from aor.terms import actor
from aor.transmissions import operations as transmissions
from aor.transmissions import queries


class Command(AorCommand):
    help = "Read the TA1s and 999s that the carriers left in their mailboxes."
    example = "aor collect"

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        taken = transmissions.collect(by=actor.system("aor collect"), now=now)
        files = [
            {
                "name": one.name,
                "carrier": one.carrier,
                "accepted_sets": one.accepted_sets,
                "rejected_sets": one.rejected_sets,
                "unknown": one.unknown,
                "tests": one.tests,
                "findings": [finding.as_json() for finding in one.findings],
            }
            for one in taken
            if one.name
        ]
        down = [finding.because for one in taken if not one.name for finding in one.findings]
        lines = [
            f"{one.name}: {one.accepted_sets} accepted, {one.rejected_sets} rejected, {one.unknown} unknown"
            + (f", {one.tests} answers to tests" if one.tests else "")
            + "".join(f"\n  {finding.because}" for finding in one.findings)
            for one in taken
            if one.name
        ]
        overdue = queries.overdue(now)
        late = [f"{one.name}: {one.sets} sets unanswered since {one.due_at:%Y-%m-%d %H:%M} UTC" for one in overdue]
        words = "\n".join([*(lines or ["nothing to read"]), *down, *late])
        document = {"files": files, "findings": down, "overdue": [_overdue(one) for one in overdue]}
        return Outcome(document, words, REFUSED if down else DONE)


def _overdue(one: queries.Overdue) -> dict[str, Any]:
    return {
        "carrier": one.hios_issuer_id,
        "file": one.name,
        "isa13": one.isa13,
        "sets": one.sets,
        "handed_over_at": one.handed_over_at.isoformat(),
        "due_at": one.due_at.isoformat(),
    }
