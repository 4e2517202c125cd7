"""The database copied out at one moment while others write, and loaded again: a file of SQLite, or COPY."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from django.apps import apps
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from aor.engine import faults
from aor.jobs import documents, snapshot
from aor.jobs.archive import Manifest, NotABackup

SQLITE_FILE = "aor.sqlite3"
DISPOSED = "retention_disposed"  # the rows whose documents were removed by a rule of retention
CHUNK = 1 << 20


def copy_out(folder: Path, manifest: Manifest) -> set[str]:
    """Copies the database into the folder and says so in the manifest; the documents that the copy's rows name.

    The copy is of the version that the database has, which need not be ours. Raises NotABackup.
    """
    if not _made():
        raise NotABackup("there is nothing to back up: no command has made this home yet")
    folder.mkdir(parents=True)
    return _sqlite_out(folder, manifest) if connection.vendor == "sqlite" else _postgresql_out(folder, manifest)


def _made() -> bool:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).is_file():
        return False  # to ask would make it
    with connection.cursor() as cursor:
        return "django_migrations" in connection.introspection.table_names(cursor)


def _sqlite_out(folder: Path, manifest: Manifest) -> set[str]:
    target = folder / SQLITE_FILE
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)  # all pages in one step: one moment, and in WAL nobody waits for it
        copy.execute("PRAGMA journal_mode=DELETE")
        manifest.migrations = list(copy.execute("SELECT app, name FROM django_migrations ORDER BY id"))
        manifest.tables = {
            table: copy.execute(f"SELECT COUNT(*) FROM {_quoted(table)}").fetchone()[0]  # nosec B608 - our own names
            for (table,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        }
        found = {sha256 for query in _names_documents(manifest) for (sha256,) in copy.execute(query)}
    _synced(target)
    return found


def _postgresql_out(folder: Path, manifest: Manifest) -> set[str]:
    with snapshot.one_moment(), connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY id")
        manifest.migrations = cursor.fetchall()
        for table in sorted(connection.introspection.django_table_names(only_existing=True)):
            columns = [one.name for one in connection.introspection.get_table_description(cursor, table)]
            manifest.columns[table] = columns
            manifest.sequences |= _sequence(table)
            names = ", ".join(map(_quoted, columns))
            path = folder / f"{table}.copy"
            with path.open("wb") as file, cursor.copy(f"COPY {_quoted(table)} ({names}) TO STDOUT") as rows:
                for chunk in rows:
                    file.write(chunk)
            _synced(path)
            cursor.execute(f"SELECT COUNT(*) FROM {_quoted(table)}")  # nosec B608 - our own names
            manifest.tables[table] = cursor.fetchone()[0]
        found: set[str] = set()
        for query in _names_documents(manifest):
            cursor.execute(query)
            found |= {sha256 for (sha256,) in cursor.fetchall()}
    return found


def _sequence(table: str) -> dict[str, tuple[int, bool]]:
    """The last id given out, which may be past the last row: ids are never used twice."""
    with connection.cursor() as cursor:
        if any(one.name == "id" for one in connection.introspection.get_table_description(cursor, table)):
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [_quoted(table)])
            (sequence,) = cursor.fetchone()
            if sequence:
                cursor.execute(f"SELECT last_value, is_called FROM {sequence}")  # nosec B608 - our own names
                return {table: cursor.fetchone()}
    return {}


def _names_documents(manifest: Manifest) -> Iterator[str]:
    for label, column in documents.NAMED:
        name = apps.get_model(label)._meta.db_table
        if name not in manifest.tables:
            continue  # a later version's
        table = _quoted(name)
        kept = f"WHERE {_quoted(column)} <> ''"
        if DISPOSED in manifest.tables:
            kept += f" AND id NOT IN (SELECT {_quoted('row')} FROM {DISPOSED} WHERE {_quoted('table')} = '{label}')"  # nosec B608 - our own names
        yield f"SELECT DISTINCT {_quoted(column)} FROM {table} {kept}"  # nosec B608 - our own names


def is_empty() -> bool:
    """Whether no row of ours is in the database, which may not even be made yet."""
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True):
            cursor.execute(f"SELECT 1 FROM {_quoted(table)} LIMIT 1")  # nosec B608 - our own names
            if cursor.fetchone():
                return False
    return True


def refuse_foreign(manifest: Manifest) -> None:
    """Raises NotABackup for the copy of another kind of database, or one that a later version made."""
    if manifest.database != connection.vendor:
        raise NotABackup(f"the backup is of {manifest.database}, this database is {connection.vendor}")
    ours = set(MigrationLoader(None).disk_migrations) | set(_squashed())
    if unknown := [key for key in manifest.migrations if key not in ours and key[0] in _apps()]:
        raise NotABackup(f"a later version made the backup: it has the migration {'.'.join(unknown[0])}")


def _squashed() -> Iterator[tuple[str, str]]:
    for migration in MigrationLoader(None).disk_migrations.values():
        yield from migration.replaces


def _apps() -> set[str]:
    return {config.label for config in apps.get_app_configs()}


def load(folder: Path, manifest: Manifest) -> None:
    """Puts the copy in the place of what is in the database. PostgreSQL: one transaction."""
    if connection.vendor == "sqlite":
        connection.close()
        target = Path(connection.settings_dict["NAME"])
        for leftover in (f"{target}-wal", f"{target}-shm"):
            Path(leftover).unlink(missing_ok=True)
        faults.reached("restore:loading")
        (folder / SQLITE_FILE).replace(target)
        return
    with transaction.atomic():
        _drop()
        _migrate_to(manifest.migrations)
        with connection.cursor() as cursor:  # migrations that add a foreign key have it checked at once from then on
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table, columns in manifest.columns.items():
            _copy_in(folder / f"{table}.copy", table, columns)
        with connection.cursor() as cursor:
            for table, (last, used) in manifest.sequences.items():
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s, %s)", [_quoted(table), last, used]
                )
        faults.reached("restore:loading")


def _drop() -> None:
    with connection.cursor() as cursor:
        for table in (*connection.introspection.django_table_names(only_existing=True), "django_migrations"):
            cursor.execute(f"DROP TABLE IF EXISTS {_quoted(table)} CASCADE")


def _migrate_to(applied: Iterable[tuple[str, str]]) -> None:
    """The tables as they were in the version that made the copy."""
    last: dict[str, str] = {}
    for app, name in applied:
        last[app] = max(name, last.get(app, ""))
    executor = MigrationExecutor(connection)
    executor.migrate([(app, name) for app, name in last.items() if app in _apps()])


def _copy_in(path: Path, table: str, columns: list[str]) -> None:
    names = ", ".join(map(_quoted, columns))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {_quoted(table)}")  # nosec B608 - our own names
        with path.open("rb") as file, cursor.copy(f"COPY {_quoted(table)} ({names}) FROM STDIN") as rows:
            while chunk := file.read(CHUNK):
                rows.write(chunk)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _synced(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
