"""What was said, done and decided is appended, never changed."""

from __future__ import annotations

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    operations = [
        *triggers.refuse_changes("incidents_incident"),
        *triggers.refuse_changes("incidents_row"),
        *triggers.refuse_changes("incidents_affected"),
        *triggers.refuse_changes("incidents_step"),
        *triggers.refuse_changes("incidents_dispute"),
        *triggers.refuse_changes("incidents_ruling"),
        *triggers.refuse_changes("incidents_signal"),
        *triggers.refuse_changes("incidents_review"),
        *triggers.refuse_changes("incidents_npncorrection"),
    ]
