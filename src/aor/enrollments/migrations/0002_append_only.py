"""What the marketplace sent to carriers is kept as it came; only files never accepted are swept."""

from django.db import migrations

from aor.audit import triggers

UPDATED, DELETED = triggers.refuse_changes("enrollments_event")

ACCEPTED = (
    "EXISTS (SELECT 1 FROM enrollments_enrollmentfile f WHERE f.id = OLD.file_id AND f.accepted_at IS NOT NULL)"
)


class Migration(migrations.Migration):
    dependencies = [("enrollments", "0001_initial")]

    operations = [
        UPDATED,
        triggers.Trigger(
            DELETED.name,
            DELETED.table,
            DELETED.event,
            sqlite=f"WHEN {ACCEPTED} {DELETED.sqlite}",
            postgresql=f"BEGIN IF NOT {ACCEPTED} THEN RETURN OLD; END IF; {DELETED.postgresql.removeprefix('BEGIN ')}",
        ),
    ]
