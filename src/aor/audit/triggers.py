"""Triggers: what must hold and no constraint can say. Migrations install them; `doctor` and `verify` compare them.

A migration says `*triggers.refuse_changes("audit_act")`. SQLite loses a table's triggers when a migration
rebuilds it: such a migration says so again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation


class Trigger(Operation):
    """Installs one trigger. `name` says what it holds.

    `event`: `BEFORE UPDATE`, `BEFORE INSERT` ...; `sqlite`: what follows `ON table` (`WHEN … BEGIN … END`);
    `postgresql`: the body of its PL/pgSQL function, or empty where PostgreSQL has a constraint instead.
    """

    reversible = True

    def __init__(self, name: str, table: str, event: str, *, sqlite: str, postgresql: str) -> None:
        self.name, self.table, self.event = name, table, event
        self.sqlite, self.postgresql = sqlite, postgresql

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not change."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for statement in (*self.removal(schema_editor.connection), *self.statements(schema_editor.connection)):
            schema_editor.execute(statement, params=None)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for statement in self.removal(schema_editor.connection):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Install the trigger {self.name}"

    def statements(self, on: BaseDatabaseWrapper) -> list[str]:
        """The trigger's own text last; nothing where this database needs none."""
        if on.vendor == "sqlite":
            return [f"CREATE TRIGGER {self.name} {self.event} ON {self.table} {self.sqlite}"]
        if not self.postgresql:
            return []
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${self.postgresql}$$",
            f"CREATE TRIGGER {self.name} {self.event} ON {self.table} FOR EACH ROW EXECUTE FUNCTION {self.name}()",
        ]

    def removal(self, on: BaseDatabaseWrapper) -> list[str]:
        of_table = "" if on.vendor == "sqlite" else f" ON {self.table}"
        return [f"DROP TRIGGER IF EXISTS {self.name}{of_table}"]

    def text(self, on: BaseDatabaseWrapper) -> str:
        """What `installed` shows when this trigger is in place and enabled."""
        statements = self.statements(on)
        if on.vendor == "sqlite" or not statements:
            return "".join(statements)
        return f"{statements[-1]}\n{self.postgresql}"


def refuse_changes(table: str, *, closing: str = "", columns: Sequence[str] = ()) -> tuple[Trigger, Trigger]:
    """Rows of the table are never deleted and never updated.

    With `columns` only these stay as they are, and the others may change. With `closing` as well, nothing may
    but that one column: it is set once, from NULL, while `columns`, all the others, stay.
    """
    words = f"{table} is append-only"
    refusal = f"SELECT RAISE(ABORT, '{words}');"
    raising = f"RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation';"
    permitted = [f"OLD.{closing} IS NULL AND NEW.{closing} IS NOT NULL"] if closing else []
    permitted += [f"NEW.{column} IS NOT DISTINCT FROM OLD.{column}" for column in columns]
    sqlite_unless = postgresql_unless = ""
    if permitted:
        condition = " AND ".join(permitted)
        postgresql_unless = f"IF {condition} THEN RETURN NEW; END IF; "
        sqlite_unless = f"WHEN NOT ({condition.replace('IS NOT DISTINCT FROM', 'IS')}) "
    return (
        Trigger(
            f"{table}_never_updated",
            table,
            "BEFORE UPDATE",
            sqlite=f"{sqlite_unless}BEGIN {refusal} END",
            postgresql=f"BEGIN {postgresql_unless}{raising} END",
        ),
        Trigger(
            f"{table}_never_deleted",
            table,
            "BEFORE DELETE",
            sqlite=f"BEGIN {refusal} END",
            postgresql=f"BEGIN {raising} END",
        ),
    )


def expected() -> dict[str, Trigger]:
    """Every trigger that the migrations install, by name; a later migration's wins."""
    found = MigrationLoader(None).disk_migrations
    return {
        operation.name: operation
        for _, migration in sorted(found.items())
        for operation in migration.operations
        if isinstance(operation, Trigger)
    }


def installed() -> dict[str, str]:
    """The enabled triggers of this database, by name, as they read; made by us or not."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT tgname, pg_get_triggerdef(t.oid, true) || E'\\n' || prosrc"
                " FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid WHERE NOT tgisinternal AND tgenabled = 'O'"
            )
        return dict(cursor.fetchall())


def wrong() -> Iterator[str]:
    """A sentence for each trigger that is missing, disabled or not as the migrations say."""
    there = installed()
    for name, trigger in expected().items():
        if not trigger.statements(connection):
            continue
        if name not in there:
            yield f"the trigger {name} is missing: {trigger.table} is not protected"
        elif there[name] != trigger.text(connection):
            yield f"the trigger {name} is not as installed: someone changed it"


def install() -> None:
    """Puts every expected trigger in place again."""
    with connection.cursor() as cursor:
        for trigger in expected().values():
            for statement in (*trigger.removal(connection), *trigger.statements(connection)):
                cursor.execute(statement)


@contextmanager
def updating(tables: Collection[str]) -> Iterator[None]:
    """Lets rows of these tables be updated until the block ends: for disposal by a rule of retention alone.

    To be called in a transaction, whose end is the first that others see of it: with the triggers in place.
    """
    mine = [one for one in expected().values() if one.table in tables and one.event == "BEFORE UPDATE"]
    with connection.cursor() as cursor:
        for trigger in mine:
            for statement in trigger.removal(connection):
                cursor.execute(statement)
        yield
        for trigger in mine:
            for statement in trigger.statements(connection):
                cursor.execute(statement)


def lift() -> None:
    """Takes every expected trigger away: for tests that empty their tables."""
    with connection.cursor() as cursor:
        for trigger in expected().values():
            for statement in trigger.removal(connection):
                cursor.execute(statement)
