"""The parameters of the policy as a fact: our TOML, the state's overlay, and the imported open enrollment."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from aor.calendar.models import OpenEnrollment
from aor.engine import kept
from aor.policy.parameters import Dated, Parameters
from aor.terms.period import from_inclusive

OURS = Path(__file__).with_name("parameters.toml")
VERSION_DIGITS = 16


@kept.once
def parameters(known_at: datetime | None = None) -> Parameters:
    """The parameters, with the open enrollment known at an instant (without one, the latest knowledge).

    The files are read each time, so a changed overlay counts at once; what they and the calendar hold is parsed
    once. `version` is a hash of all of it. Raises ImproperlyConfigured with the name of what is wrong.
    """
    rows = OpenEnrollment.objects.known_at(known_at).order_by("plan_year")
    calendar = tuple(rows.values_list("plan_year", "start", "last_day"))
    return _of(OURS.read_bytes(), _overlay(), calendar)


def _overlay() -> bytes:
    path = Path(settings.AOR_OVERLAY) / OURS.name if settings.AOR_OVERLAY else None
    return path.read_bytes() if path is not None and path.is_file() else b""


@lru_cache(maxsize=16)
def _of(ours: bytes, overlay: bytes, calendar: tuple[tuple[int, date, date], ...]) -> Parameters:
    values = _parsed(ours)
    for name, dated in _parsed(overlay).items():
        if name not in values:
            raise ImproperlyConfigured(f"the overlay names a parameter that does not exist: {name}")
        if {type(one.value) for one in dated} != {type(one.value) for one in values[name]}:
            raise ImproperlyConfigured(f"the overlay's {name} is not of the kind that the parameter has")
        values[name] = dated
    content = repr((sorted(values.items()), calendar)).encode()
    return Parameters(
        values=values,
        open_enrollment={year: from_inclusive(start, last) for year, start, last in calendar},
        version=hashlib.sha256(content).hexdigest()[:VERSION_DIGITS],
    )


def _parsed(text: bytes) -> dict[str, tuple[Dated, ...]]:
    try:
        tables = tomllib.loads(text.decode())
    except ValueError as error:
        raise ImproperlyConfigured(f"parameters.toml cannot be read: {error}") from None
    return {name: _dated(name, table) for name, table in tables.items()}


def _dated(name: str, table: Mapping[str, Any]) -> tuple[Dated, ...]:
    values = table.get("values") if isinstance(table, dict) else None
    if not isinstance(values, list) or not values or not table.get("cites"):
        raise ImproperlyConfigured(f"the parameter {name} needs `cites` and `values`")
    return tuple(sorted((_one(name, value) for value in values), key=lambda dated: dated.since))


def _one(name: str, given: object) -> Dated:
    since = given.get("since") if isinstance(given, dict) else None
    value = given.get("value") if isinstance(given, dict) else None
    if type(since) is not date or not _is_value(value):
        raise ImproperlyConfigured(f"a value of the parameter {name} needs `since`, a day, and `value`")
    return Dated(since, value)  # type: ignore[arg-type]  # _is_value has looked


def _is_value(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(word, str) for word in value)
    return isinstance(value, int | str)
