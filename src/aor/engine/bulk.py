"""Many rows at once, on both databases: the only COPY and executemany path."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import batched
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.backends.sqlite3 import base as _before  # noqa: F401  it registers converters of its own
from django.db.models import Field, ForeignKey, Model, QuerySet, Value
from django.db.models.expressions import Col
from psycopg.types.datetime import TimestamptzLoader

CHUNK = 10_000
FEW = 20  # up to so many rows a COPY takes longer to begin than an INSERT to do

type Row = Sequence[Any]


def read(queryset: QuerySet[Any], *columns: str) -> list[tuple[Any, ...]]:
    """All rows, as `values_list` gives them, without its work on every cell.

    On PostgreSQL Django's own reader of instants is in Python; the driver's gives the same, as connections are UTC.
    """
    compiler = queryset.values_list(*columns).query.get_compiler(DEFAULT_DB_ALIAS)
    try:
        statement, parameters = compiler.as_sql()
    except EmptyResultSet:
        return []
    expressions = [selected[0] for selected in compiler.select]
    converters = compiler.get_converters(expressions)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        cursor.execute(statement, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    for at, (slow, expression) in converters.items():
        if connection.vendor == "sqlite" and isinstance(expression, Col) and _kind(expression) in _DECLARED:
            continue  # converted by SQLite itself, by the declared type
        found = [(*row[:at], _converted(row[at], slow, expression), *row[at + 1 :]) for row in found]
    return found


def _kind(expression: Col) -> str:
    return expression.output_field.get_internal_type()


def _converted(value: Any, converters: Sequence[Callable[..., Any]], expression: Any) -> Any:
    for convert in converters:
        value = convert(value, expression, connection)
    return value


_DECLARED = {"DateField", "DateTimeField", "BooleanField"}


@lru_cache(maxsize=1 << 14)
def _day(text: bytes) -> date:
    return date.fromisoformat(text.decode())


@lru_cache(maxsize=1 << 14)
def _instant(text: bytes) -> datetime:
    return datetime.fromisoformat(text.decode()).replace(tzinfo=UTC)


# SQLite keeps days and instants as text: equal ones are parsed once, for Django's own queries too.
sqlite3.register_converter("date", _day)
sqlite3.register_converter("datetime", _instant)


def load(model: type[Model], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Inserts the rows, in order, in one transaction (the caller's, if there is one); returns how many.

    `columns` are field or attribute names (`household_id`); each row has a value for each. Columns not named
    get what the database gives them. `rows` is read in chunks, so it may be longer than memory, and it may
    itself read from the database. Raises IntegrityError as a single insert would.
    """
    fields = [_field(model, name) for name in columns]
    table, names = _quoted(model._meta.db_table), [_quoted(_column(field)) for field in fields]
    adapted = _adapted(rows, fields)
    count = 0
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for chunk in batched(adapted, CHUNK):
            if len(chunk) <= FEW:
                cursor.execute(*_insert(table, names, chunk))
            elif connection.vendor == "postgresql":
                statement = f"COPY {table} ({', '.join(names)}) FROM STDIN"
                with connection.wrap_database_errors, cursor.copy(statement) as copy:
                    for row in chunk:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(names))
                statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # nosec B608  names are our models' own, and quoted
                cursor.executemany(statement, chunk)
            count += len(chunk)
    return count


def load_keyed(model: type[Model], columns: Sequence[str], rows: Sequence[Row]) -> Sequence[int]:
    """As `load`; returns the primary keys that the rows were given, in their order. Only inside a transaction."""
    if len(rows) > FEW or not rows:
        ids = next_ids(model, len(rows))
        load(model, ["pk", *columns], ((id, *row) for id, row in zip(ids, rows, strict=True)))
        return ids
    fields = [_field(model, name) for name in columns]
    table, names = _quoted(model._meta.db_table), [_quoted(_column(field)) for field in fields]
    statement, values = _insert(table, names, list(_adapted(rows, fields)))
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING {_quoted(_column(_field(model, 'pk')))}", values)
        return sorted(key for (key,) in cursor.fetchall())


def load_new(model: type[Model], columns: Sequence[str], row: Row) -> int | None:
    """Inserts a row unless it is there by a unique constraint: its primary key, or None. Waits for who inserts it."""
    fields = [_field(model, name) for name in columns]
    names = [_quoted(_column(field)) for field in fields]
    statement, values = _insert(_quoted(model._meta.db_table), names, list(_adapted([row], fields)))
    key = _quoted(_column(_field(model, "pk")))
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING RETURNING {key}", values)
        found = cursor.fetchone()
    return None if found is None else int(found[0])


def _insert(table: str, names: Sequence[str], rows: Sequence[Row]) -> tuple[str, list[Any]]:
    """One statement for a few rows; keys are given in their order."""
    marks = ", ".join([f"({', '.join(['%s'] * len(names))})"] * len(rows))
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES {marks}"  # nosec B608  names are our models' own, and quoted
    return statement, [value for row in rows for value in row]


def copy(model: type[Model], columns: Sequence[str], queryset: QuerySet[Any], **constants: Any) -> int:
    """Inserts what a query gives, within the database; returns how many.

    `columns` are named alike in `model` and in the query; `constants` are the same in every row.
    """
    given = {f"given_{name}": Value(value, _field(model, name)) for name, value in constants.items()}
    wanted = queryset.annotate(**given).values_list(*columns, *given)
    try:
        statement, parameters = wanted.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    except EmptyResultSet:
        return 0
    names = ", ".join(_quoted(_column(_field(model, name))) for name in (*columns, *constants))
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) {statement}", parameters)  # nosec B608  names are our models' own, and quoted
        return int(cursor.rowcount)


def update(model: type[Model], key: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Sets `columns` of the rows found by `key`; a row is (key, value, value ...). Returns how many changed."""
    fields = [_field(model, name) for name in (key, *columns)]
    table, (found_by, *names) = _quoted(model._meta.db_table), [_quoted(_column(field)) for field in fields]
    adapted = _adapted(rows, fields)
    count = 0
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for chunk in batched(adapted, CHUNK):
            if connection.vendor == "postgresql":
                sets = ", ".join(f"{name} = given.v{i}" for i, name in enumerate(names, start=1))
                arrays = ", ".join(f"%s::{field.cast_db_type(connection)}[]" for field in fields)
                aliases = ", ".join(f"v{i}" for i in range(len(fields)))
                cursor.execute(
                    f"UPDATE {table} SET {sets} FROM unnest({arrays}) AS given({aliases})"  # nosec B608  names are our models' own, and quoted
                    f" WHERE {table}.{found_by} = given.v0",
                    [list(column) for column in zip(*chunk, strict=True)],
                )
            else:
                sets = ", ".join(f"{name} = %s" for name in names)
                keyed_last = [(*row[1:], row[0]) for row in chunk]
                statement = f"UPDATE {table} SET {sets} WHERE {found_by} = %s"  # nosec B608  names are our models' own, and quoted
                cursor.executemany(statement, keyed_last)
            count += cursor.rowcount
    return count


def next_ids(model: type[Model], count: int) -> Sequence[int]:
    """Reserves `count` ascending primary keys, so that parents and children can be loaded together.

    Only inside a transaction. Keys reserved and not used are skipped for good.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("keys are reserved inside a transaction")
    table, column = model._meta.db_table, _column(_field(model, "pk"))
    if count == 0:
        return range(0)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The lock of an insert, taken before the keys: who waits for a table's writers waits for us too.
            cursor.execute(f"LOCK TABLE {_quoted(table)} IN ROW EXCLUSIVE MODE")
            cursor.execute(
                "SELECT array_agg(nextval(pg_get_serial_sequence(%s, %s))) FROM generate_series(1, %s)",
                [_quoted(table), column, count],
            )
            return sorted(cursor.fetchone()[0])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        counted = cursor.fetchone()
        last = counted[0] if counted else 0
        cursor.execute(
            "UPDATE sqlite_sequence SET seq = %s WHERE name = %s"
            if counted
            else "INSERT INTO sqlite_sequence (seq, name) VALUES (%s, %s)",
            [last + count, table],
        )
        return range(last + 1, last + count + 1)


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    assert isinstance(field, Field), name
    return field


def _column(field: Field[Any, Any]) -> str:
    if field.column is None:
        raise TypeError(f"{field.model.__name__}.{field.name} is not a column")
    return field.column


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _adapted(rows: Iterable[Row], fields: Sequence[Field[Any, Any]]) -> Iterable[Row]:
    """The rows as the driver wants them; only columns that need it are touched."""
    adapters = [(i, adapter) for i, field in enumerate(fields) if (adapter := _adapter(field))]
    if not adapters:
        return rows

    def adapt(row: Row) -> Row:
        values = list(row)
        for i, adapter in adapters:
            values[i] = adapter(values[i])
        return values

    return map(adapt, rows)


def _adapter(field: Field[Any, Any]) -> Callable[[Any], Any] | None:
    while isinstance(field, ForeignKey):
        field = field.target_field
    match field.get_internal_type():
        case "JSONField":
            return lambda value: None if value is None else field.get_db_prep_save(value, connection)
        case _ if connection.vendor == "postgresql":
            return None  # psycopg takes days and instants as they are
        case "DateField":
            return lru_cache(maxsize=1024)(connection.ops.adapt_datefield_value)  # most rows share theirs
        case "DateTimeField":
            return lru_cache(maxsize=1024)(connection.ops.adapt_datetimefield_value)
        case "TimeField":
            return connection.ops.adapt_timefield_value
        case _:
            return None
