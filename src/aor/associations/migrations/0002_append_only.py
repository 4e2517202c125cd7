"""What was agreed and how it ended is appended, never changed."""

from django.db import migrations

from aor.audit import triggers


class Migration(migrations.Migration):
    dependencies = [("associations", "0001_initial")]

    operations = [
        *triggers.refuse_changes("associations_association"),
        *triggers.refuse_changes("associations_ending"),
        *triggers.refuse_changes("associations_invitation"),
        *triggers.refuse_changes("associations_invitationstep"),
    ]
