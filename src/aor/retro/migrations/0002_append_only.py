"""What was asked, found, decided and objected is appended, never changed."""

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("retro", "0001_initial")]

    operations = [
        *triggers.refuse_changes("retro_request"),
        *triggers.refuse_changes("retro_identified"),
        *triggers.refuse_changes("retro_assessment"),
        *triggers.refuse_changes("retro_ruling"),
        *triggers.refuse_changes("retro_objection"),
    ]
