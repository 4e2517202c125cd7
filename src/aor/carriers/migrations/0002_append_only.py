"""What was known of carriers is closed, never changed."""

from django.db import migrations

from aor.audit import triggers

COLUMNS = {
    "carriers_carrier": (
        "id known_from hios_issuer_id name naic_company_code holding_group coverages tax_id x12_id"
        " profile unknown_appointment acknowledgment_hours send_days cutoff mailbox wait_after_enrollment"
    ),
}


class Migration(migrations.Migration):
    dependencies = [("carriers", "0001_initial")]

    operations = [
        trigger
        for table, columns in COLUMNS.items()
        for trigger in triggers.refuse_changes(table, closing="known_until", columns=columns.split())
    ]
