"""A withdrawal and a removed entry are neither changed nor deleted."""

from __future__ import annotations

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_withdrawn")]

    operations = [
        *triggers.refuse_changes("reports_withdrawal"),
        *triggers.refuse_changes("reports_removed"),
    ]
