"""The database's schema: is it the latest, and how it becomes so."""

from __future__ import annotations

from typing import Any

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor


class Whole(MigrationExecutor):
    """Does each migration and notes that it is done in one transaction.

    Django notes it afterwards where indexes or keys are made last; whoever died between found tables that "already
    exist", and could not start. On SQLite keys are left unchecked while a table is made anew, which only holds when
    it is said before the transaction; Django checks them all before it ends.
    """

    def apply_migration(self, *args: Any, **kwargs: Any) -> Any:
        """As Django's, whole or not at all."""
        with self.connection.constraint_checks_disabled(), transaction.atomic(using=self.connection.alias):
            return super().apply_migration(*args, **kwargs)


def pending() -> list[str]:
    """The migrations that the database does not have yet."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> None:
    """Brings the database to the latest migration; killed anywhere, it goes on where it was."""
    executor = Whole(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)
