"""A consent is revoked once, never changed; locking and unlocking are appended."""

from django.db import migrations

from aor.audit import triggers

CONSENT = "id shown language template_version scope purpose duration given_at act parties how_to_rescind interpreter reference"


class Migration(migrations.Migration):
    dependencies = [("associations", "0003_lock")]

    operations = [
        *triggers.refuse_changes("associations_consent", closing="revoked_at", columns=CONSENT.split()),
        *triggers.refuse_changes("associations_lock"),
    ]
