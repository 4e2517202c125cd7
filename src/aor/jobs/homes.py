"""AOR_HOME: made and migrated by the first command that needs it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from aor.engine import schema


def ready() -> None:
    """Creates the folders and brings the database to the latest migration, quietly."""
    home = Path(settings.AOR_HOME)
    for folder in ("documents", "mailboxes", "keys", "locks"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    if schema.pending():
        call_command("migrate", verbosity=0, interactive=False)
