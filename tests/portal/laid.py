"""A market that many tests begin with: made by its acts once a process, then laid down as the same rows and files.

Three hundred tests of pages begin with the same small town, whose acts take a fifth of a second.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import override_settings

BEFORE = {"django_migrations"}  # has rows in a database that nobody has used


@dataclass(frozen=True)
class Made:
    """A market as it was made: its rows by table, as the database gives them; its files; what its maker returned."""

    rows: dict[str, Any]
    files: dict[str, bytes]
    world: Any


def once[World](make: Callable[[Path], World]) -> Callable[[Path], World]:
    """Lays a market down where nothing is: in a test that is taken back. Elsewhere it is made anew."""
    kept: list[Made] = []

    @wraps(make)
    def laid(folder: Path) -> World:
        if not connection.in_atomic_block or _filled() - BEFORE or settings.AOR_DOCUMENT_KEYS:
            return make(folder)
        if not kept:
            kept.append(_made(make))
        else:
            for table, rows in kept[0].rows.items():
                _write(table, rows)
        for name, content in kept[0].files.items():
            for at in {folder / name, Path(settings.AOR_HOME) / name}:
                at.parent.mkdir(parents=True, exist_ok=True)
                at.write_bytes(content)
        return copy.deepcopy(kept[0].world)  # type: ignore[no-any-return]  # what `make` returned

    return laid


def _made(make: Callable[[Path], Any]) -> Made:
    with TemporaryDirectory() as name, override_settings(AOR_HOME=Path(name)):
        world = make(Path(name))
        files = {str(one.relative_to(name)): one.read_bytes() for one in Path(name).rglob("*") if one.is_file()}
    rows = {table: _read(table) for table in sorted(_filled() - BEFORE)}
    assert name.encode() not in repr(rows).encode(), "a row names the folder in which the market was made"
    return Made(rows, files, world)


def _filled() -> set[str]:
    """The tables that have rows."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f'EXISTS (SELECT 1 FROM "{table}")' for table in tables))
        return {table for table, some in zip(tables, cursor.fetchone(), strict=True) if some}


def _read(table: str) -> Any:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT BINARY)') as copying:
                return b"".join(bytes(part) for part in copying)
        names = [one.name for one in connection.introspection.get_table_description(cursor, table)]
        columns = ", ".join(f'+"{name}"' for name in names)  # an expression comes as it is stored, without a type
        cursor.execute(f'SELECT {columns} FROM "{table}" ORDER BY rowid')
        return cursor.fetchall()


def _write(table: str, rows: Any) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT BINARY)') as copying:
                copying.write(rows)
        else:
            places = ", ".join(["%s"] * len(rows[0]))
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({places})', rows)
