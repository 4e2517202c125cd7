"""What is known now of an enrollment, and what was known at an instant, found without reading what lies between."""

import django.db.models.deletion
from django.db import migrations, models

WITHOUT_ONE_OF_ITS_OWN = models.ForeignKey(
    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="enrollments.enrollment"
)
ITS_OWN = "record_entry_enrollment_id_7cfdd537"


class Migration(migrations.Migration):
    dependencies = [("record", "0002_no_overlap")]

    operations = [
        migrations.AddIndex(
            "entry",
            models.Index(
                fields=["enrollment", "effective_from"],
                condition=models.Q(known_until=None),
                name="entries_known_now",
            ),
        ),
        migrations.AddIndex(
            "entry", models.Index(fields=["enrollment", "known_until", "known_from"], name="entries_as_known")
        ),
        # By hand: Django would make the table anew on SQLite, and lose its triggers.
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(f"DROP INDEX {ITS_OWN}", f"CREATE INDEX {ITS_OWN} ON record_entry (enrollment_id)")],
            [migrations.AlterField("entry", "enrollment", WITHOUT_ONE_OF_ITS_OWN)],
        ),
    ]
