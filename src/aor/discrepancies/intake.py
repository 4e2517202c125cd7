"""A broker's claims taken in: each with a receipt, a place in the queue and a first finding at once.

Doors pass a returned file, or the rows of a form, and show what comes of it by `queries.as_told` alone. The same file
twice gives the same receipts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from aor.audit import keys
from aor.audit import operations as journal
from aor.calendar import queries as calendar
from aor.carriers import queries as carriers
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.models import State
from aor.discrepancies import assessments, candidates, queries, say
from aor.discrepancies.assess import Said, assess_many
from aor.discrepancies.assessments import RULE
from aor.discrepancies.models import Alert, Batch, Claim
from aor.discrepancies.queries import AsTold
from aor.engine import bulk, faults
from aor.engine.among import among
from aor.policy import discrepancy
from aor.policy.discrepancy import Told
from aor.reports.models import Line
from aor.terms.actor import Actor
from aor.terms.period import day_of
from aor.workbooks import aor_report, discrepancy_return
from aor.workbooks.returned import Returned, ReturnedRow

_WHO = ("last_name", "first_name", "birth_date", "carrier")
PUBLISHED = {column.heading for column in aor_report.PUBLISHED}
AS_PUBLISHED = "rows that say just what your report says, though their row ids were taken out, ask for nothing: {}"


@dataclass(frozen=True, slots=True)
class Received:
    """A file taken in: every row that says something has a receipt, or is among `incidents` or `refused`.

    `again` when just this file was received before: its receipts are those of then.
    """

    batch: int
    rows: int
    receipts: tuple[AsTold, ...]
    returned: Returned
    again: bool


def read(source: Path | bytes, *, npn: str, now: datetime) -> Returned:
    """What a file that this broker returned says, nothing kept. Raises discrepancy_return.TableRefused."""
    names: dict[str, tuple[str, ...]] = {partner.name: () for partner in carriers.trading_partners().values()}
    key = keys.of_row_ids(in_use=False)
    said = discrepancy_return.read(source, key=key, carriers=names, received_on=day_of(now))
    return _without_published(said, npn)


def _without_published(said: Returned, npn: str) -> Returned:
    """Rows of our report whose ids were taken out ask for nothing where they say just what a line of it says."""
    bare = {at: row for at, row in enumerate(said.rows) if row.is_claim and not row.marks and _bare(row)}
    lines = Line.objects.filter(
        among("last_name", {row.fields["last_name"] for row in bare.values()}), report__npn=npn
    )
    published = {
        (last.casefold(), first.casefold(), str(born), carrier.casefold())
        for last, first, born, carrier in bulk.read(lines, "last_name", "first_name", "birth_date", "carrier_name")
    }
    same = {at for at, row in bare.items() if tuple(row.fields[name].casefold() for name in _WHO) in published}
    if not same:
        return said
    rows = tuple(
        replace(row, is_report_row=True, missing=(), problems=()) if at in same else row
        for at, row in enumerate(said.rows)
    )
    return replace(said, rows=rows, notices=(*said.notices, AS_PUBLISHED.format(len(same))))


def _bare(row: ReturnedRow) -> bool:
    """Whether a row holds what our report has in a row, and nothing else."""
    return set(row.fields) == set(_WHO) and bool(row.unread) and set(row.unread) <= PUBLISHED


def preview(rows: Sequence[ReturnedRow], *, npn: str, now: datetime) -> list[Told]:
    """What the broker would be told of each row at once, before anything is submitted."""
    candidates.refresh(now=now)
    found, _ = assess_many(dict(enumerate(Said(npn, row.fields, row.missing) for row in rows)), now=now)
    return [found[place].proposal.told for place in range(len(rows))]


def receive(source: Path | bytes, *, name: str, npn: str, by: Actor, now: datetime) -> Received:
    """Takes a returned workbook or table: a case for every row that is a claim. Raises TableRefused for the whole."""
    content = source if isinstance(source, bytes) else source.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return take(read(content, npn=npn, now=now), sha256=sha256, name=name, npn=npn, by=by, now=now)


def take(returned: Returned, *, sha256: str, name: str, npn: str, by: Actor, now: datetime) -> Received:
    """The same of what was read, and shown, before; `sha256` of the file's bytes, "" for a form."""
    before = Batch.objects.filter(npn=npn, sha256=sha256).first() if sha256 else None
    if before is None:
        batch = submit(
            returned.claims, npn=npn, by=by, now=now, sha256=sha256, name=name,
            report_number=returned.report_number, apart=_apart(returned),
        )  # fmt: skip
    else:
        batch = before.pk
    claims = list(Claim.objects.filter(batch=batch).select_related("case").order_by("case_id"))
    return Received(batch, len(returned.claims), tuple(queries.as_told(claims)), returned, before is not None)


def submit(
    rows: Sequence[ReturnedRow],
    *,
    npn: str,
    by: Actor,
    now: datetime,
    sha256: str = "",
    name: str = "",
    report_number: str = "",
    apart: str = "[]",
) -> int:
    """Opens a case for each row, with its first finding; what is lacking is asked for at once. Gives the batch."""
    candidates.refresh(now=now)
    found, version = assess_many(dict(enumerate(Said(npn, row.fields, row.missing) for row in rows)), now=now)
    with transaction.atomic():
        batch = Batch.objects.create(
            npn=npn,
            sha256=sha256,
            name=name[:255],
            report_number=report_number[:40],
            received_at=now,
            by_role=by.role,
            by_name=by.name,
            rows=len(rows),
            apart=apart,
        )
        claims = _open(batch, rows, by=replace(by, npn=npn), now=now)
        assessed = {claim: found[place] for place, claim in enumerate(claims)}
        assessments.record(assessed, version, by=RULE, now=now, confirmed=False)
        lacking = {number: 1 for place, number in enumerate(claims.values()) if rows[place].missing}
        cases.take_many(cases.WAIT, lacking, by=RULE, now=now, note="a required field is missing")
        details = {"rows": len(rows), "lacking": len(lacking), "sha256": sha256}
        journal.write(verb="discrepancies.received", subject=("broker", npn), by=by, at=now, details=details)
        if rows:  # else an incident says what happened
            say.received(npn, batch.pk, len(rows), now=now)
        _watch([npn], now=now)
    faults.reached("discrepancies:received")
    return batch.pk


def _apart(returned: Returned) -> str:
    """Where the rows stand that are no claims, so that none is lost."""
    rows = [{"sheet": row.sheet, "line": row.line, "what": "not theirs"} for row in returned.incidents]
    rows += [{"line": row.line, "what": row.because} for row in returned.refused]
    return json.dumps(rows, ensure_ascii=False)


def _open(batch: Batch, rows: Sequence[ReturnedRow], *, by: Actor, now: datetime) -> dict[int, str]:
    """The claims, each with its case: their keys and numbers, in order."""
    days = discrepancy.answer_days(day_of(now), calendar.parameters())
    ids = bulk.next_ids(Claim, len(rows))
    opened = cases.open_many(
        kind=queries.KIND,
        subjects=[("claim", str(id)) for id in ids],
        clocks={cases.ANSWER: Allowance(days, Unit.BUSINESS_DAYS)},
        by=by,
        now=now,
    )
    known = _open_claims(batch.npn)
    values = []
    for id, case, row in zip(ids, opened, rows, strict=True):
        fields = _json(dict(sorted(row.fields.items())))
        values.append((
            id, case.id, batch.pk, batch.npn, row.sheet[:255], row.line, fields, _json(dict(row.given)),
            _json(dict(row.unread)), _json(row.missing), _json(row.problems), known.setdefault(fields, ""),
        ))  # fmt: skip
        known[fields] = known[fields] or case.number
    columns = (
        "id", "case_id", "batch_id", "npn", "sheet", "line", "fields", "given", "unread", "missing", "problems",
        "same_as",
    )  # fmt: skip
    bulk.load(Claim, columns, values)
    return {id: case.number for id, case in zip(ids, opened, strict=True)}


def _open_claims(npn: str) -> dict[str, str]:
    """The numbers of a broker's claims that are not closed, by what they say."""
    rows = Claim.objects.filter(npn=npn).exclude(case__state=State.CLOSED).order_by("-case_id")
    return dict(bulk.read(rows, "fields", "case__number"))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _watch(npns: Iterable[str], *, now: datetime) -> None:
    """Raises an alert, once a day, about brokers with many claims that have nothing on file (readings, R7)."""
    parameters, today = calendar.parameters(), day_of(now)
    since = now - timedelta(days=parameters.number("discrepancy_alert_days", today))
    for npn, count in queries.unfounded(set(npns), since).items():
        if count < parameters.number("discrepancy_alert_claims", today):
            continue
        _, new = Alert.objects.get_or_create(npn=npn, day=today, defaults={"claims": count, "at": now})
        if new:
            details = {"claims": count}
            journal.write(verb="discrepancies.alert", subject=("broker", npn), by=RULE, at=now, details=details)
