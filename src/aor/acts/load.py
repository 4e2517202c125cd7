"""Files of parties, households, associations and opening balances, taken row by row, together or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model

from aor.acts.loads import affected, associations, known
from aor.acts.loads.layouts import LAYOUTS, OPENING_BALANCE, Layout
from aor.acts.loads.rows import Refused, Rows, missing, read, waiting
from aor.audit import operations as journal
from aor.brokers import queries as broker_facts
from aor.brokers.models import Agency, Broker
from aor.carriers.models import Carrier
from aor.consumers.models import Membership, Subscriber
from aor.engine import faults, locks
from aor.enrollments.models import Enrollment
from aor.record import operations as record
from aor.record.models import Correction
from aor.terms.actor import Actor
from aor.workbooks.tables import TableRefused, read_table

KINDS = tuple(LAYOUTS)
MOST_LISTED = 1000  # overlaps and gaps of opening balances

# Who may be named before they are known: the attribute, the rows that make them known, the word for them.
_NAMED: dict[str, tuple[type[Model], str, str]] = {
    "npn": (Broker, "npn", "broker"),
    "agency_npn": (Agency, "npn", "agency"),
    "hios_issuer_id": (Carrier, "hios_issuer_id", "carrier"),
    "subscriber_id": (Subscriber, "exchange_subscriber_id", "subscriber"),
    "household_id": (Membership, "household_id", "household"),
    "policy_id": (Enrollment, "policy_id", "policy"),
}
_THEMSELVES = {"brokers": "npn", "agencies": "npn", "carriers": "hios_issuer_id", "households": "household_id"}


@dataclass(slots=True)
class Receipt:
    """What became of a file. `rows` = `taken` + refused rows, unless it was refused as a whole, `because`.

    `changed` rows said something new; `findings` are sentences about the file and its rows together.
    """

    kind: str
    rows: int = 0
    taken: int = 0
    refused: list[Refused] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    changed: int = 0
    because: str = ""


def load(kind: str, path: Path, *, by: Actor, now: datetime, dry_run: bool = False, strict: bool = False) -> Receipt:
    """Takes a file of one of the KINDS: its good rows, or with `strict` all or none; tells every row refused.

    The same file twice changes nothing. Whose record may differ now is marked due, and not yet decided anew.
    Raises KeyError for another kind.
    """
    layout = LAYOUTS[kind]
    try:
        table = read_table(path)
        lacking = missing(layout, table.columns)
        rows = Rows() if lacking else read(layout, table, now=now)
    except TableRefused as trouble:
        rows, lacking = Rows(), str(trouble)
    if not lacking:
        with transaction.atomic():
            lacking = _take(layout, rows, path, by=by, now=now, strict=strict)
            transaction.set_rollback(bool(lacking) or dry_run)
        faults.reached("import:taken")
    if lacking and not dry_run:
        _journal(layout, rows, path, by=by, now=now, because=lacking)
    taken = 0 if lacking else rows.taken
    return Receipt(kind, rows.rows, taken, rows.refused, rows.findings, 0 if lacking else rows.changed, lacking)


def _take(layout: Layout, rows: Rows, path: Path, *, by: Actor, now: datetime, strict: bool) -> str:
    """Writes the good rows; returns why none may be taken, "" when they are."""
    with locks.exclusive("imports", by=f"import {layout.kind}", at=now), locks.shared("writers"):
        if layout.model is None:
            changed = associations.record(rows, now=now)
            households = affected.of_holders(changed)
        else:
            before = broker_facts.carriers() if layout.kind == "appointments" else {}
            changes = known.supersede(layout, rows.good, now=now)
            changed = [values for _, values in changes]
            households = affected.by(layout.kind, changes, before, now=now)
        if strict and rows.refused:
            return f"{len(rows.refused)} of {rows.rows} rows were refused, so none was taken"
        rows.changed = len(changed)
        record.mark_due(households, cause=f"import {layout.kind}", now=now)
        _find(layout, rows)
        _journal(layout, rows, path, by=by, now=now)
    return ""


def _find(layout: Layout, rows: Rows) -> None:
    """Findings about rows together: who is not yet known, what overlaps or leaves gaps."""
    named = {column.goes_to for column in layout.columns} - {_THEMSELVES.get(layout.kind)}
    for attribute, (model, column, word) in _NAMED.items():
        if attribute in named:
            names = {values[attribute] for values in rows.good.values() if values[attribute]}
            rows.findings += waiting(rows, attribute, names - known.among(model, column, names), word)
    if layout.model is Correction:
        rows.findings += _overlaps_and_gaps(rows)


def _overlaps_and_gaps(rows: Rows) -> list[str]:
    """Opening balances of a policy that overlap or leave days between them: listed, never deleted."""
    policies = {values["policy_id"] for values in rows.good.values()}
    columns = ("policy_id", "hios_issuer_id", "effective_from", "effective_until", "npn")
    balances: set[tuple[Any, ...]] = set()
    for some in known.chunks(policies):
        found = Correction.objects.known_at().filter(kind=OPENING_BALANCE, policy_id__in=some)
        balances.update(found.values_list(*columns))
    sentences = []
    for one, other in pairwise(sorted(balances, key=lambda row: row[:3])):
        if one[:2] != other[:2] or one[3] == other[2]:
            continue
        until, start = one[3], other[2]
        if until is None or start < until:
            what = f"those of broker {one[4]} from {one[2]} and of broker {other[4]} from {start} overlap"
        else:
            what = f"nobody from {until} up to {start}"
        sentences.append(f"opening balances of policy {one[0]} with carrier {one[1]}: {what}")
    if len(sentences) > MOST_LISTED:
        sentences[MOST_LISTED:] = [f"and {len(sentences) - MOST_LISTED} more overlaps or gaps"]
    return sentences


def _journal(layout: Layout, rows: Rows, path: Path, *, by: Actor, now: datetime, because: str = "") -> None:
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        sha256 = "unreadable"
    counts = {"rows": rows.rows, "taken": 0 if because else rows.taken, "refused": len(rows.refused)}
    details = {"kind": layout.kind, **counts, "changed": rows.changed}
    verb = "import.refused" if because else "import.taken"
    journal.write(verb=verb, subject=("file", sha256), by=by, at=now, details=details)
