"""What was claimed, found and told is appended, never changed."""

from django.db import migrations

from aor.audit import triggers

TABLES = ("batch", "claim", "supplement", "assessment", "alert", "reply")


class Migration(migrations.Migration):
    dependencies = [("discrepancies", "0001_initial")]

    operations = [trigger for table in TABLES for trigger in triggers.refuse_changes(f"discrepancies_{table}")]
