"""AOR_HOME: made and migrated by the first command that needs it."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def ready() -> None:
    """Creates the folders and brings the database to the latest migration, quietly."""
    home = Path(settings.AOR_HOME)
    for folder in ("documents", "mailboxes", "keys", "locks"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    if pending():
        call_command("migrate", verbosity=0, interactive=False)


def pending() -> list[str]:
    """The migrations that the database does not have yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
