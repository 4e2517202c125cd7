"""What was published is neither changed nor deleted; only the hash of a workbook is set, once."""

from __future__ import annotations

from django.db import migrations

from aor.audit import triggers

REPORT = (
    "id", "number", "month", "npn", "issue", "broker_name", "agency_name", "cut", "published_at", "journal_head",
    "plan_years", "lines_sha256", "note",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [
        *triggers.refuse_changes("reports_report", closing="workbook", columns=REPORT),
        *triggers.refuse_changes("reports_line"),
        *triggers.refuse_changes("reports_withheld"),
        *triggers.refuse_changes("reports_accounted"),
    ]
