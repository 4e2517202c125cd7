"""What was said, done and decided is appended, never changed."""

from __future__ import annotations

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("transfers", "0001_initial")]

    operations = [
        *triggers.refuse_changes("transfers_transfer"),
        *triggers.refuse_changes("transfers_ruling"),
        *triggers.refuse_changes("transfers_household"),
        *triggers.refuse_changes("transfers_step"),
    ]
