"""AOR_HOME: made and migrated by the first command that needs it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from aor.engine import locks, schema


class NoHome(Exception):
    """AOR_HOME cannot be made or written; the sentence says why."""


def ready() -> None:
    """Creates the folders and brings the database to the latest migration, quietly. Raises NoHome."""
    home = Path(settings.AOR_HOME)
    try:
        for folder in ("documents", "mailboxes", "keys", "locks"):
            (home / folder).mkdir(parents=True, exist_ok=True)
    except (PermissionError, FileNotFoundError, NotADirectoryError, FileExistsError) as trouble:
        raise NoHome(f"AOR_HOME is {home}, where nothing can be written: {trouble.strerror}") from None
    if schema.pending():
        # Of two programs that are started at once after an upgrade one migrates, and the other waits for it.
        with locks.exclusive("migrate", by="aor migrate", at=datetime.now(UTC)):
            if schema.pending():
                schema.migrate()
