"""Which rows name documents: for `verify`, which reads each again, and for `backup`, which takes them along."""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Q

from aor.retention.candidates import not_disposed

# Label and column; a column that is empty names nothing.
NAMED = (
    ("enrollments.EnrollmentFile", "stripped"),
    ("transmissions.Interchange", "sha256"),
    ("transmissions.Acknowledgment", "document"),
    ("transmissions.Trial", "sha256"),
    ("reports.Report", "workbook"),
    ("reports.StatementFile", "sha256"),
    ("cases.Evidence", "sha256"),
    ("retro.Ruling", "letter"),
)


def named() -> Iterator[tuple[str, int, str]]:
    """(label, row's id, SHA-256) of every document that a row names which was not disposed of."""
    for label, column in NAMED:
        rows = not_disposed(apps.get_model(label)).exclude(Q(**{column: ""}) | Q(**{f"{column}__isnull": True}))
        for id, sha256 in rows.order_by("pk").values_list("pk", column).iterator(chunk_size=5_000):
            yield label, id, sha256
