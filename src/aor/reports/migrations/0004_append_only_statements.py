"""Statements, what they rest on and what changed are neither changed nor deleted."""

from __future__ import annotations

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_statements")]

    operations = [
        *triggers.refuse_changes("reports_statement"),
        *triggers.refuse_changes("reports_statementreport"),
        *triggers.refuse_changes("reports_statementfile"),
        *triggers.refuse_changes("reports_changed"),
    ]
