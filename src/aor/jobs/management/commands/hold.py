"""`aor hold`: legal holds, which keep data from disposal."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from aor.jobs.command import AorCommand, Outcome, UsageError, day, refusal
from aor.policy.retention import Kind
from aor.retention import models
from aor.retention import operations as retention
from aor.terms.actor import Actor, Role
from aor.terms.period import from_inclusive


class Command(AorCommand):
    help = "Places, releases and lists legal holds: what one is on is not disposed of."
    example = 'aor hold place broker 1234567 --by "officer ann" --because "subpoena of 2026-03-02"'

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=("place", "release", "list"), help="what is done")
        parser.add_argument(
            "kind", nargs="?", default="", metavar="KIND", help="household, broker, carrier, period, case; a number"
        )
        parser.add_argument(
            "subject", nargs="?", default="", metavar="SUBJECT", help="subscriber, NPN, HIOS issuer id, case number"
        )
        parser.add_argument("--from", dest="first", type=day, help="first day of a period")
        parser.add_argument("--to", dest="last", type=day, help="last day of a period")
        parser.add_argument("--because", default="", help="why, without anybody's name")
        parser.add_argument("--by", default="", metavar="NAME", help="the officer")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        if options["act"] == "list":
            return _listed()
        if not options["by"].strip():
            raise UsageError("a hold is an officer's: --by NAME")
        by, because = Actor(Role.OFFICER, options["by"].strip()), options["because"]
        try:
            if options["act"] == "release":
                if not options["kind"].isdecimal():
                    raise UsageError("aor hold release NUMBER --because TEXT --by NAME")
                number = int(options["kind"])
                retention.release(hold=number, because=because, by=by, now=now)
                return Outcome({"hold": number, "released": True}, f"the legal hold {number} is released")
            number = _placed(options, because, by, now)
        except retention.Refused as refused:
            return refusal(str(refused))
        return Outcome({"hold": number}, f"the legal hold {number} is in force")


def _placed(options: dict[str, Any], because: str, by: Actor, now: datetime) -> int:
    if options["kind"] not in list(Kind):
        raise UsageError(f"a hold is on a {', a '.join(Kind)}, not on {options['kind']!r}")
    first, last = options["first"], options["last"]
    if bool(first) != bool(last) or (first and last < first):
        raise UsageError("a period has a first day and a last one, not before it: --from and --to")
    period = from_inclusive(first, last) if first else None
    kind = Kind(options["kind"])
    return retention.place(kind=kind, subject=options["subject"], period=period, because=because, by=by, now=now)


def _listed() -> Outcome:
    rows = [
        {
            "hold": row.pk, "kind": row.kind, "subject": row.subject, "because": row.because, "by": row.by_name,
            "from": row.start and row.start.isoformat(), "until": row.until and row.until.isoformat(),
            "placed_at": row.at.isoformat(),
        }
        for row in models.Hold.objects.filter(release=None).order_by("id")
    ]  # fmt: skip
    words = [f"{row['hold']}: {row['kind']} {row['subject'] or row['from']}, {row['because']}" for row in rows]
    return Outcome({"holds": rows}, "\n".join(words) or "no legal hold is in force")
