"""At most one agent of record for an enrollment, a day and an instant; facts are closed, never changed."""

from django.db import migrations

from aor.audit import triggers

ENTRY = [
    "id",
    "enrollment_id",
    "npn",
    "effective_from",
    "effective_until",
    "in_standing",
    "association",
    "correction",
    "anchor",
    "decision_id",
    "cause",
    "known_from",
]
TOLD = ["id", "enrollment_id", "npn", "effective_from", "known_from"]
CORRECTION = [
    "id",
    "policy_id",
    "hios_issuer_id",
    "npn",
    "kind",
    "effective_from",
    "effective_until",
    "settles_until",
    "sent_on",
    "source",
    "known_from",
]

OVERLAP = """WHEN EXISTS (
    SELECT 1 FROM record_entry other
    WHERE other.enrollment_id = NEW.enrollment_id
      AND other.effective_from < NEW.effective_until AND NEW.effective_from < other.effective_until
      AND (other.known_until IS NULL OR other.known_until > NEW.known_from)
      AND (NEW.known_until IS NULL OR NEW.known_until > other.known_from)
) BEGIN SELECT RAISE(ABORT, 'one_agent_of_record_a_day'); END"""


def exclude(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        schema_editor.execute(
            "ALTER TABLE record_entry ADD CONSTRAINT one_agent_of_record_a_day EXCLUDE USING gist ("
            " enrollment_id WITH =,"
            " daterange(effective_from, effective_until) WITH &&,"
            " tstzrange(known_from, known_until) WITH &&)"
        )


def allow(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE record_entry DROP CONSTRAINT one_agent_of_record_a_day")


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]

    operations = [
        migrations.RunPython(exclude, allow),
        triggers.Trigger(
            "record_entry_one_agent_of_record", "record_entry", "BEFORE INSERT", sqlite=OVERLAP, postgresql=""
        ),
        *triggers.refuse_changes("record_entry", closing="known_until", columns=ENTRY),
        *triggers.refuse_changes("record_told", closing="known_until", columns=TOLD),
        *triggers.refuse_changes("record_correction", closing="known_until", columns=CORRECTION),
        *triggers.refuse_changes("record_closing"),
    ]
