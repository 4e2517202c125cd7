"""A test's hand-over is noted once; the rest of it, and what was answered to it, is neither changed nor deleted."""

from django.db import migrations

from aor.audit import triggers

COLUMNS = ["id", "hios_issuer_id", "isa06", "isa08", "isa13", "gs06", "name", "sha256", "sets", "composed_at"]


class Migration(migrations.Migration):
    dependencies = [("transmissions", "0005_trials")]

    operations = [
        *triggers.refuse_changes("transmissions_trial", closing="handed_over_at", columns=COLUMNS),
        *triggers.refuse_changes("transmissions_trialanswer"),
    ]
