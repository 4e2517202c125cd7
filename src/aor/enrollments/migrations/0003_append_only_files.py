"""A file that was accepted stays as it is, but for the instant at which its enrollments had followed."""

from django.db import migrations

from aor.audit import triggers

COLUMNS = ["id", "sha256", "stripped", "name", "received_at", "accepted_at", "sets"]
UPDATED, DELETED = triggers.refuse_changes("enrollments_enrollmentfile", closing="folded_at", columns=COLUMNS)
REFUSES = UPDATED.sqlite.removeprefix("WHEN ")


class Migration(migrations.Migration):
    dependencies = [("enrollments", "0002_append_only")]

    operations = [
        triggers.Trigger(
            UPDATED.name,
            UPDATED.table,
            UPDATED.event,
            sqlite=f"WHEN OLD.accepted_at IS NOT NULL AND {REFUSES}",
            postgresql=UPDATED.postgresql.replace("BEGIN IF", "BEGIN IF OLD.accepted_at IS NULL OR", 1),
        ),
        triggers.Trigger(
            DELETED.name,
            DELETED.table,
            DELETED.event,
            sqlite=f"WHEN OLD.accepted_at IS NOT NULL {DELETED.sqlite}",
            postgresql=DELETED.postgresql.replace(
                "BEGIN", "BEGIN IF OLD.accepted_at IS NULL THEN RETURN OLD; END IF;", 1
            ),
        ),
        *triggers.refuse_changes("enrollments_interchange"),
    ]
