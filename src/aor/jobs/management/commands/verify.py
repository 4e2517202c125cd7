"""`aor verify`: every invariant, the hash chain, outbox against mailboxes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aor.jobs.checks import all as checks
from aor.jobs.checks.all import Checked
from aor.jobs.command import DONE, REFUSED, AorCommand, Outcome


class Command(AorCommand):
    help = (
        "Checks every invariant, the journal's chain, documents and mailboxes; names the first thing wrong of each."
    )
    example = "aor verify --json"
    seals = False

    def run(self, *, now: datetime, **options: Any) -> Outcome:
        done: list[Checked] = []
        for checked in checks.check(now=now):
            self.progress(f"{checked.invariant}: {checked.rows} rows, {'ok' if checked.ok else 'WRONG'}")
            done.append(checked)
        ok = all(one.ok for one in done)
        document = {
            "ok": ok,
            "checked": [{"invariant": one.invariant, "rows": one.rows, "ok": one.ok} for one in done],
            "wrong": [wrong for one in done for wrong in _wrong(one)],
        }
        return Outcome(document, _words(done), DONE if ok else REFUSED)


def _wrong(one: Checked) -> list[dict[str, Any]]:
    return [
        {
            "invariant": one.invariant,
            "table": wrong.table,
            "id": wrong.id,
            "because": wrong.because,
            "count": one.count[kind],
        }
        for kind, wrong in one.first.items()
    ]


def _words(done: list[Checked]) -> str:
    rows = sum(one.rows for one in done)
    lines = []
    for one in done:
        for kind, wrong in one.first.items():
            more = f" (and {one.count[kind] - 1} more of this kind)" if one.count[kind] > 1 else ""
            lines.append(f"{one.invariant}: {wrong.because}{more}")
    if not lines:
        return f"{len(done)} invariants hold, over {rows} rows"
    return "\n".join([f"{sum(not one.ok for one in done)} of {len(done)} invariants do not hold", *lines])
