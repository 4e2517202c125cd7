"""A transfer may be of some of a broker's clients."""

from __future__ import annotations

from django.db import migrations, models

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("transfers", "0002_append_only")]

    operations = [
        migrations.AddField("transfer", "policies", models.TextField(blank=True, default=""), preserve_default=False),
        *triggers.refuse_changes("transfers_transfer"),  # SQLite builds the table anew
    ]
