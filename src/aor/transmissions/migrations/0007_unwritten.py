"""What a carrier's last run could not write."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("enrollments", "0006_unsent"), ("transmissions", "0006_append_only_trials")]

    operations = [
        migrations.CreateModel(
            name="Unwritten",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hios_issuer_id", models.CharField(db_index=True, max_length=5)),
                (
                    "enrollment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="enrollments.enrollment"
                    ),
                ),
            ],
        ),
    ]
