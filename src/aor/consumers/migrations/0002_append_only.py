"""What was known of memberships is closed, never changed."""

from django.db import migrations

from aor.audit import triggers

COLUMNS = {
    "consumers_membership": ("id known_from household_id exchange_subscriber_id is_primary_contact start until"),
}


class Migration(migrations.Migration):
    dependencies = [("consumers", "0001_initial")]

    operations = [
        trigger
        for table, columns in COLUMNS.items()
        for trigger in triggers.refuse_changes(table, closing="known_until", columns=columns.split())
    ]
