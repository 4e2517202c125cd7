"""Which tables are sealed, and the sealing at the end of every command that writes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

from aor.audit import keys, seal
from aor.audit.models import Block, Head
from aor.audit.sealed import JOURNAL, SealedTable
from aor.engine.locks import Busy
from aor.terms.period import day_of

KNOWN_END = ("known_until",)  # set once, by a trigger's leave; an entry's is sealed as a closing

# What is not sealed: derived from sealed rows and checked against them, or moving by nature.
LEFT_OUT = {
    "audit.Block": "is the seal itself",
    "audit.Head": "signs the seal",
    "close.Asked": "work to do; what came of it is in the journal",
    "accounts.User": "a person's own settings; what it did is in the journal",
    "accounts.KeptView": "a person's own settings",
    "accounts.Digest": "a person's own settings",
    "accounts.Invitation": "ends once; who invited and who accepted is in the journal",
    "brokers.Registration": "decided once; who asked and who decided is in the journal and its case",
    "accounts.Submission": "what a form led to",
    "accounts.Token": "counts its own use; who gave and revoked it is in the journal",
    "api.Answered": "dropped after a week; what it did is in the journal",
    "associations.Access": "derived from associations, endings and memberships",
    "associations.Open": "derived from associations and endings",
    "consumers.Household": "derived from memberships and enrollment files",
    "consumers.Subscriber": "derived from memberships and enrollment files",
    "enrollments.Enrollment": "derived from events",
    "record.Due": "work to do",
    "transmissions.Unwritten": "derived by each run",
    "cases.Series": "rises with every case",
    "discrepancies.PersonKey": "derived from enrollments",
    "discrepancies.IndexedFile": "derived from enrollment files",
    "discrepancies.NameCounts": "derived from enrollments",
    "transmissions.Counter": "rises with every interchange",
}


@cache
def tables() -> tuple[SealedTable, ...]:
    """Every append-only table, parents first; `private` where rows tell of people."""
    return (
        *JOURNAL,
        *(_table(f"brokers.{name}", but=KNOWN_END) for name in ("Certification", "License", "Appointment", "Death")),
        *(_table(f"brokers.{name}", but=KNOWN_END) for name in ("Suspension", "Cover")),
        *(_table(f"brokers.{name}") for name in ("Agreement", "AgencyInvitation", "AgencyInvitationStep")),
        _table("brokers.Agency", private=True, but=KNOWN_END),
        _table("brokers.Broker", private=True, but=KNOWN_END),
        _table("accounts.Grant", private=True, but=KNOWN_END),
        _table("carriers.Carrier", but=KNOWN_END),
        _table("carriers.Contact", private=True, but=KNOWN_END),
        _table("calendar.OpenEnrollment", but=KNOWN_END),
        _table("consumers.Membership", private=True, but=KNOWN_END),
        _table("consumers.Contact", private=True, but=KNOWN_END),
        _table("consumers.Preference", private=True, but=KNOWN_END),
        _table("associations.Consent", private=True, but=("revoked_at",)),
        _table("associations.Association", private=True),
        _table("associations.Ending"),
        _table("associations.Invitation", private=True),
        _table("associations.InvitationStep"),
        _table("associations.Lock", private=True),
        _table("associations.AccessChange"),
        _table("associations.WrongCode"),
        _table("enrollments.EnrollmentFile", but=("folded_at",), pending="accepted_at__isnull"),
        _table("enrollments.Interchange"),
        _table("enrollments.Event", private=True, pending="file__accepted_at__isnull"),
        _table("record.Entry", but=KNOWN_END),
        _table("record.Closing"),
        _table("record.Correction", private=True, but=KNOWN_END),
        _table("record.Told", but=KNOWN_END),
        _table("transmissions.Run"),
        _table("transmissions.Interchange"),
        _table("transmissions.Step"),
        _table("transmissions.TransactionSet", private=True),
        _table("transmissions.Acknowledgment", private=True),
        _table("transmissions.Answer", private=True),
        _table("transmissions.Receipt", private=True),
        _table("transmissions.Trial", but=("handed_over_at",)),
        _table("transmissions.TrialAnswer"),
        _table("reports.Report", pending="workbook__isnull"),
        _table("reports.Line", private=True),
        _table("reports.Withheld", private=True),
        _table("reports.Accounted"),
        _table("reports.Statement"),
        _table("reports.StatementReport"),
        _table("reports.StatementFile"),
        _table("reports.Changed", private=True),
        _table("reports.Withdrawal"),
        _table("reports.Removed"),
        _table("close.Close", pending="closed_at__isnull"),
        _table("close.Waiver"),
        *_of_cases(),
        _table("notices.Notice", private=True, but=("state", "next_try_at")),
        _table("notices.Attempt", private=True),
    )


def _of_cases() -> Iterator[SealedTable]:
    """Cases, and the departments on them."""
    yield from (
        _table("cases.Case", but=("state", "version", "assigned_to")),
        _table("cases.Event"),
        _table("cases.Clock", but=("due_at", "stopped_at", "met_at")),
        _table("cases.Stop"),
        _table("cases.Message", private=True, but=("read_at",)),
        _table("cases.Evidence", private=True),
        _table("discrepancies.Batch", private=True),
        _table("discrepancies.Claim", private=True),
        _table("discrepancies.Supplement", private=True),
        _table("discrepancies.Assessment", private=True),
        _table("discrepancies.Alert"),
        _table("discrepancies.Reply", private=True),
        _table("retro.Request", private=True),
        _table("retro.Identified"),
        _table("retro.Assessment"),
        _table("retro.Ruling", private=True),
        _table("retro.Objection"),
        *(_table(f"incidents.{name}") for name in ("Incident", "Row", "Affected", "Step", "Ruling")),
        _table("incidents.Dispute", private=True),
        *(_table(f"retention.{name}") for name in ("Hold", "Release", "Disposal", "Disposed")),
        *(_table(f"incidents.{name}") for name in ("Signal", "Review", "NpnCorrection")),
        *(_table(f"transfers.{name}") for name in ("Transfer", "Ruling", "Step")),
        _table("transfers.Household", private=True),
    )


def _table(label: str, *, private: bool = False, but: tuple[str, ...] = (), pending: str = "") -> SealedTable:
    fields = apps.get_model(label)._meta.concrete_fields
    columns = tuple(field.attname for field in fields if not field.primary_key and field.attname not in but)
    return SealedTable(label, columns, private, pending)


def seal_what_is_new(*, now: datetime) -> Iterator[str]:
    """Seals what was committed since the last time, and writes yesterday's head; a sentence for what was in the way.

    Another sealer at work is no trouble: it, or the next command, seals our rows.
    """
    try:
        if waiting := [table for table, top in zip(tables(), _unsealed(), strict=True) if top]:
            seal.seal(tables=waiting, at=now)
        _write_head(now)
    except Busy:
        pass
    except keys.KeyMissing as missing:
        yield f"the journal was not sealed: {missing}"


def _unsealed() -> list[bool]:
    """Of each table, whether it has rows after its last block: one query."""
    quote = connection.ops.quote_name
    block = quote(Block._meta.db_table)
    each = (
        f"(SELECT COALESCE(MAX({quote('id')}), 0) FROM {quote(table.model._meta.db_table)})"  # nosec B608 - our own names
        f" > (SELECT COALESCE(MAX(last_id), 0) FROM {block} WHERE {quote('table')} = %s)"
        for table in tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(each)}", [table.label for table in tables()])
        return [bool(value) for value in cursor.fetchone()]


def require_keys() -> None:
    """Raises keys.KeyMissing when a key that sealed or signed something is gone; makes those that are to come."""
    keys.of_private_tables(in_use=Block.objects.filter(private=True).exists())
    keys.of_signature(in_use=Head.objects.exists())


def heads_folder() -> Path:
    return Path(settings.AOR_HOME) / "heads"


def _write_head(now: datetime) -> None:
    """The signed head of the day before, once: heads/2026-10-31.json, to be kept elsewhere too."""
    day = day_of(now) - timedelta(days=1)
    path = heads_folder() / f"{day}.json"
    if path.exists():
        return
    line = seal.head(day)
    if line is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(f"{line}\n")
    temporary.replace(path)
