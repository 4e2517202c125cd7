"""Who may see whom is derived with the record: where households were decided before that was so, they are once more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("associations", "0005_access_and_invitations"),
        ("consumers", "0003_contacts"),
        ("record", "0003_indexes"),
    ]

    operations = [
        migrations.RunSQL(
            "INSERT INTO record_due (household_id, cause) SELECT id, 'access derived' FROM consumers_household"
            " WHERE id NOT IN (SELECT household_id FROM record_due)",
            migrations.RunSQL.noop,
        )
    ]
