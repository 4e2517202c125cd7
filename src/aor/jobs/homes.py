"""AOR_HOME: made and migrated by the first command that needs it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from aor.engine import locks, schema


def ready() -> None:
    """Creates the folders and brings the database to the latest migration, quietly."""
    home = Path(settings.AOR_HOME)
    for folder in ("documents", "mailboxes", "keys", "locks"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    if schema.pending():
        # Of two programs that are started at once after an upgrade one migrates, and the other waits for it.
        with locks.exclusive("migrate", by="aor migrate", at=datetime.now(UTC)):
            if schema.pending():
                schema.migrate()
