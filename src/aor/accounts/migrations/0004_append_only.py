"""What roles an account had is closed, never changed."""

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_kept_views")]

    operations = [
        *triggers.refuse_changes(
            "accounts_grant", closing="known_until", columns=["id", "known_from", "user_id", "role", "subject"]
        )
    ]
