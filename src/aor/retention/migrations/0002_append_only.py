"""Holds and disposals are appended, never changed."""

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_initial")]

    operations = [
        *triggers.refuse_changes("retention_hold"),
        *triggers.refuse_changes("retention_release"),
        *triggers.refuse_changes("retention_disposal"),
        *triggers.refuse_changes("retention_disposed"),
    ]
