"""`aor close MONTH`: the monthly close, resumable."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from datetime import datetime
from typing import Any

from aor.acts import settle
from aor.close import operations as closing
from aor.close.operations import Result
from aor.close.steps import CLOSED, Wanted
from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome, UsageError, refusal
from aor.reports.accounting import ALL
from aor.terms.actor import Actor, Role, system
from aor.terms.month import Month

WAIVABLE = ("ALL_SENT", "ALL_ANSWERED")


class Command(AorCommand):
    help = "Closes a month: balances what was sent, publishes each broker's report, and renders the workbooks."
    example = 'aor close 2026-10 --waive ALL_SENT --because "carrier down until Monday" --by "A. Officer"'

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", metavar="MONTH", help="as 2026-10")
        parser.add_argument("--dry-run", action="store_true", help="say what a close would say, write nothing")
        parser.add_argument("--waive", action="append", default=[], metavar="RULE", help=" or ".join(WAIVABLE))
        parser.add_argument("--because", default="", metavar="TEXT", help="why it is waived")
        parser.add_argument("--by", default="", metavar="NAME", help="the officer who waives it")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        try:
            month = Month.parse(options["month"])
        except ValueError as wrong:
            raise UsageError(str(wrong)) from None
        waivers = [Wanted(rule, options["because"], options["by"]) for rule in options["waive"]]
        if waivers and not (options["because"].strip() and options["by"].strip()):
            raise UsageError("a waiver needs --because and --by")
        if unknown := [one.rule for one in waivers if one.rule not in WAIVABLE]:
            return refusal(f"{unknown[0]} cannot be waived; these can: {', '.join(WAIVABLE)}")
        if options["dry_run"]:
            result = closing.preview(month, now=now, waivers=waivers)
        else:
            settle.settle(now=now)
            by = Actor(Role.OFFICER, options["by"]) if waivers else system("aor close")
            result = closing.close(month, by=by, now=now, waivers=waivers, progress=self.progress)
        document = {**_document(result), "dry_run": bool(options["dry_run"])}
        return Outcome(
            document,
            _words(result, "would close" if options["dry_run"] else "closed"),
            DONE if result.state == CLOSED else REFUSED,
        )


def _document(result: Result) -> dict[str, Any]:
    return {
        "month": str(result.month),
        "state": result.state,
        "blockers": [finding.as_json() for finding in result.blockers],
        **asdict(result.sums[ALL]),
        "reports": result.reports,
        "hash": result.hash,
        "carriers": {name: asdict(sums) for name, sums in result.sums.items() if name != ALL},
        "unanswered": result.unanswered,
        "corrected": result.corrected,
        "cut": result.cut and result.cut.isoformat(),
        "details": result.details,
    }


def _words(result: Result, closed: str) -> str:
    if result.state != CLOSED:
        lines = [f"{result.month} cannot be closed"]
        for finding in result.blockers:
            cure = f" ({finding.cure})" if finding.cure else ""
            lines.append(f"  {finding.rule}: {finding.because}{cure}")
        return "\n".join(lines)
    sums = result.sums[ALL]
    return (
        f"{result.month} {closed}: {sums.sent} sent and {sums.carried_in} carried in; {sums.reported} reported, "
        f"{sums.excepted} excepted, {sums.carried_out} carried out; {result.reports} reports, "
        f"{result.unanswered} sets unanswered, {result.corrected} earlier reports corrected\nhash {result.hash}"
    )
