"""An association comes back unchanged where an NPN is corrected to and fro: once an instant of recording, not once."""

from __future__ import annotations

from django.db import migrations, models

from aor.audit import triggers

NAME = "an_association_is_recorded_once"
FIELDS = ("household_id", "subscriber_id", "npn", "confirmed_at", "path", "recorded_at")


class Migration(migrations.Migration):
    dependencies = [("associations", "0006_consent_of_access")]

    operations = [
        migrations.RemoveConstraint("association", NAME),
        migrations.AddConstraint("association", models.UniqueConstraint(fields=FIELDS, name=NAME)),
        # SQLite lost those of the table that was rebuilt.
        *triggers.refuse_changes("associations_association"),
    ]
