"""A waiver stands as it was given."""

from __future__ import annotations

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("close", "0001_initial")]

    operations = [*triggers.refuse_changes("close_waiver")]
