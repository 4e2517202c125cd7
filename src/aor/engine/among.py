"""Rows found by very many keys at once: one parameter, whatever their number."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Field, ForeignObject, Lookup, Q


@ForeignObject.register_lookup
@Field.register_lookup
class _Among(Lookup):
    """As `in`, which makes a parameter of every value and asks Django to look at each."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        return list(self.rhs)

    def process_lhs(self, *given: Any, **named: Any) -> Any:
        """Nothing is asked where nothing is among them."""
        if not self.rhs:
            raise EmptyResultSet
        return super().process_lhs(*given, **named)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """An array on PostgreSQL."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*parameters, self.rhs)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """A JSON list on SQLite."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*parameters, json.dumps(self.rhs))  # nosec B608  # a column of ours


def among(field: str, values: Iterable[int] | Iterable[str]) -> Q:
    """The condition that a field (a text or a whole number) is one of the values."""
    return Q(**{f"{field}__among": frozenset(values)})
