"""What was known of open enrollment is closed, never changed."""

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("calendar", "0001_initial")]

    operations = [
        *triggers.refuse_changes(
            "calendar_openenrollment",
            closing="known_until",
            columns=["id", "known_from", "plan_year", "start", "last_day"],
        ),
    ]
