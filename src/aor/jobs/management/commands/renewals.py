"""`aor renewals YEAR`: what the coming renewal would do to every current agent of record."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from datetime import datetime
from typing import Any

from aor.acts import renewals as act
from aor.acts import settle
from aor.jobs.command import AorCommand, Outcome, UsageError


class Command(AorCommand):
    help = "Before the renewal run: every current agent of record as carried, held (why) or lost (why, who must act)."
    example = "aor renewals 2027"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("year", type=int, metavar="YEAR", help="the plan year that begins")

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        year = int(options["year"])
        if not 2000 <= year <= 9000:
            raise UsageError(f"a plan year is written 2027, not {year}")
        settle.settle(now=now)
        rows = [_row(row) for row in act.renewals(year, now=now)]
        counts = Counter(str(row["renewal"]) for row in rows)
        document = {
            "plan_year": year,
            "carried": counts["carried"],
            "held": counts["held"],
            "lost": counts["lost"],
            "rows": rows,
        }
        words = [f"renewals {year}: {counts['carried']} carried, {counts['held']} held, {counts['lost']} lost"]
        words += [_words(row) for row in rows if row["renewal"] != "carried"]
        return Outcome(document, "\n".join(words))


def _row(row: act.Row) -> dict[str, Any]:
    return {
        "exchange_policy_id": row.policy_id,
        "exchange_subscriber_id": row.subscriber_id,
        "hios_issuer_id": row.hios_issuer_id,
        "coverage": row.coverage,
        "npn": row.prospect.npn,
        "renewal": str(row.prospect.renewal),
        "findings": [finding.as_json() for finding in row.prospect.findings],
        "who_must_act": row.prospect.who_must_act,
    }


def _words(row: dict[str, Any]) -> str:
    because = "; ".join(str(finding["because"]) for finding in row["findings"] if not finding["met"])
    because = because or str(row["findings"][0]["because"] if row["findings"] else "no longer associated")
    who = f" — {row['who_must_act']}" if row["who_must_act"] else ""
    return f"  {row['exchange_policy_id']} {row['npn']} {row['renewal']}: {because}{who}"
