"""The database itself, and the journal that seals it."""

from __future__ import annotations

from django.db import connection

from aor.audit import verify
from aor.audit.models import Block
from aor.engine import schema
from aor.jobs import sealed
from aor.jobs.checks import Findings, Seen, Wrong
from aor.retention import queries as retention

NO_OVERLAP = "one_agent_of_record_a_day"


def is_sound(seen: Seen) -> Findings:
    """The database's own check of its files, keys and constraints; all migrations are applied."""
    for name in schema.pending():
        yield Wrong("migration", "django_migrations", name, f"the migration {name} is not applied")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA integrity_check")
            words = [row[0] for row in cursor.fetchall()]
            if words != ["ok"]:
                yield Wrong("file", "the database", "", f"SQLite finds its file damaged: {words[0]}")
            cursor.execute("PRAGMA foreign_key_check")
            for table, rowid, parent, _ in cursor.fetchall():
                yield Wrong("reference", table, rowid, f"it names a row of {parent} that is not there")
        else:
            cursor.execute("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE NOT convalidated")
            for table, name in cursor.fetchall():
                yield Wrong(
                    "constraint", table, name, f"the constraint {name} of {table} does not hold for every row"
                )
            cursor.execute("SELECT 1 FROM pg_constraint WHERE conname = %s AND contype = 'x'", [NO_OVERLAP])
            if cursor.fetchone() is None:
                yield Wrong("constraint", "record_entry", NO_OVERLAP, f"the constraint {NO_OVERLAP} is missing")
        seen.rows = len(connection.introspection.table_names(cursor))


def journal_is_whole(seen: Seen) -> Findings:
    """Every sealed row as it was sealed, the chain, the heads (also those in the folder), the triggers."""
    seen.rows = sum(Block.objects.values_list("count", flat=True))
    folder = sealed.heads_folder()
    published = [path.read_text() for path in sorted(folder.glob("*.json"))] if folder.is_dir() else []
    for trouble in verify.verify(published=published, disposed=retention.leaves):
        yield Wrong(f"{trouble.what} {trouble.table}", trouble.table, trouble.row_id, trouble.words)
