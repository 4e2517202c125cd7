"""What carriers said they recorded is neither changed nor deleted."""

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("transmissions", "0003_receipts")]

    operations = [*triggers.refuse_changes("transmissions_receipt")]
