"""Everything by which two lives of a market are compared, read from the database; runs in the program."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from aor.audit.models import Act
from aor.close.models import Close
from aor.enrollments.models import Enrollment
from aor.notices.models import Attempt, Notice
from aor.record.models import Due, Entry, Told
from aor.reports.models import Line, Report
from aor.transmissions.models import Interchange, Step


def standing() -> dict[str, Any]:
    """Rows in the order of what names them, without the keys that the database gives."""
    policy = {"policy": F("enrollment__policy_id"), "hios": F("enrollment__hios_issuer_id")}
    entries = Entry.objects.annotate(**policy)
    told = Told.objects.annotate(**policy)
    known = ("known_from", "known_until")
    days = ("effective_from", "effective_until")
    return {
        "cuts": _rows(Close.objects, "month", "journal_head"),
        "enrollments": _rows(Enrollment.objects, "id", "policy_id"),
        "workbooks": _rows(Report.objects, "number", "workbook"),
        "reports": _rows(Report.objects, "number", "issue", "lines_sha256", "note", "cut"),
        "lines": _rows(
            Line.objects, "report__number", "policy_id", "hios_issuer_id", "effective_from", "date_sent", "on_month"
        ),
        "closes": _rows(Close.objects, "month", "state", "cut", "sums", "reports", "hash", "unanswered"),
        "entries": _rows(entries, "policy", "hios", "npn", *days, "in_standing", *known),
        "told": _rows(told, "policy", "hios", "npn", "effective_from", *known),
        "interchanges": _rows(Interchange.objects, "name", "isa13", "sets", "sha256", "composed_at"),
        "hand-overs": _rows(Step.objects.filter(kind="handed over"), "interchange__name", "at"),
        "discarded": _rows(Step.objects.filter(kind="discarded"), "interchange__name"),
        "notices": _rows(Notice.objects, "dedupe_key", "address", "subject", "body", "state"),
        "relayed": _rows(Attempt.objects.filter(outcome="relayed"), "notice__dedupe_key"),
        "due": Due.objects.count(),
        "acts": sorted({f"{row.verb} {row.subject_kind} {row.subject_id}" for row in Act.objects.all()}),
    }


def _rows(rows: Any, *columns: str) -> list[list[Any]]:
    return sorted(([_plain(value) for value in row] for row in rows.values_list(*columns)), key=str)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | None) else value.isoformat()
