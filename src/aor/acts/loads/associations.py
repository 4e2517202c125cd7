"""Associations as loaded: inserted once, ended as told, never changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import batched
from typing import Any

from aor.acts.loads.layouts import Values
from aor.acts.loads.rows import Key, Rows
from aor.associations.models import Association, Consent, Ending
from aor.engine import bulk
from aor.policy.association import EndKind

CHUNK = 10_000
KEY = ("household_id", "subscriber_id", "npn", "confirmed_at", "path")
REFERENCE = "reference"  # the act of a consent that lies elsewhere, under its reference
_CONSENT = (
    "id", "shown", "language", "template_version", "scope", "purpose", "duration", "given_at", "act", "parties",
    "how_to_rescind", "interpreter", "reference", "revoked_at",
)  # fmt: skip
_ASSOCIATION = ("id", *KEY, "method", "plan_year", "consent_id", "recorded_at")


def record(rows: Rows, *, now: datetime) -> list[Values]:
    """Inserts what is new of the good rows and returns it; a row that contradicts what was recorded is refused."""
    known = _known({key[:-1] for key in rows.good})
    new: dict[Key, Values] = {}
    for key, values in list(rows.good.items()):
        first = known.get(key[:-1]) or new.setdefault(key[:-1], values)
        column = next((name for name in _LASTING if not _agrees(name, first, values)), "")
        if column:
            because = f"the same association was recorded with another {column}, and is never changed"
            rows.refuse(key, column=_LASTING[column], because=because)
    ids = dict(zip(new, bulk.next_ids(Association, len(new)), strict=True))
    told = _told(known)
    rows.findings += _overtaken(rows.good, known, told)
    ends = _new_ends(rows.good, known, told)
    consents = _consents(new, ends)
    bulk.load(
        Association,
        _ASSOCIATION,
        (
            (ids[key], *key, values["method"], values["plan_year"], consents.get(key), now)
            for key, values in new.items()
        ),
    )
    of = ids | {key: row["id"] for key, row in known.items()}
    bulk.load(
        Ending,
        ("association_id", "at", "kind", "plan_year", "recorded_at"),
        ((of[key[:-1]], key[-1], EndKind.ENDED.value, values["plan_year"], now) for key, values in ends.items()),
    )
    _revoke(known, ends)
    return [*new.values(), *(values for key, values in ends.items() if key[:-1] in known)]


_LASTING = {"method": "method", "plan_year": "scope", "consent_reference": "consent_reference"}


def _agrees(name: str, first: Mapping[str, Any], values: Values) -> bool:
    """An empty reference says nothing."""
    return first[name] == values[name] or (name == "consent_reference" and not values[name])


def _known(keys: set[Key]) -> dict[Key, dict[str, Any]]:
    """The associations recorded before, by (household, subscriber, NPN, instant, path)."""
    found: dict[Key, dict[str, Any]] = {}
    columns = ("id", *KEY, "method", "plan_year", "consent_id", "consent__reference")
    for place, attribute in enumerate(KEY[:2]):
        for some in batched({key[place] for key in keys if key[place]}, CHUNK):
            rows = Association.objects.filter(**{f"{attribute}__in": some})
            for row in rows.values_list(*columns).iterator(chunk_size=5000):
                if row[1:6] in keys:
                    found[row[1:6]] = dict(zip(columns, row, strict=True)) | {"consent_reference": row[-1] or ""}
    return found


def _told(known: Mapping[Key, Mapping[str, Any]]) -> dict[int, dict[datetime, int | None]]:
    """The ends recorded before of each association, by its id: the plan year from which on, None for all coverage."""
    told: dict[int, dict[datetime, int | None]] = defaultdict(dict)
    for some in batched((row["id"] for row in known.values()), CHUNK):
        rows = Ending.objects.filter(association__in=some, kind=EndKind.ENDED)
        for association, at, plan_year in rows.values_list("association_id", "at", "plan_year"):
            told[association][at] = plan_year
    return told


def _overtaken(
    good: Mapping[Key, Values],
    known: Mapping[Key, Mapping[str, Any]],
    told: Mapping[int, Mapping[datetime, int | None]],
) -> list[str]:
    """Says how many rows leave open, or end later, what was recorded as ended: nothing of them holds."""
    count = 0
    for key in good:
        recorded = told.get(known[key[:-1]]["id"], {}) if key[:-1] in known else {}
        first = min((at for at, plan_year in recorded.items() if plan_year is None), default=None)
        count += first is not None and (key[-1] is None or key[-1] > first)
    if not count:
        return []
    return [f"rows that leave open, or end later, an association recorded as ended: {count}; its first end stays"]


def _new_ends(
    good: Mapping[Key, Values],
    known: Mapping[Key, Mapping[str, Any]],
    told: Mapping[int, Mapping[datetime, int | None]],
) -> dict[Key, Values]:
    """The good rows whose end was not yet told."""
    return {
        key: values
        for key, values in good.items()
        if key[-1] and (key[:-1] not in known or key[-1] not in told.get(known[key[:-1]]["id"], {}))
    }


def _consents(new: Mapping[Key, Values], ends: Mapping[Key, Values]) -> dict[Key, int]:
    """A consent record for each that names a reference; revoked where the association ended for all coverage."""
    given = {key: values for key, values in new.items() if values["consent_reference"]}
    ids = dict(zip(given, bulk.next_ids(Consent, len(given)), strict=True))
    revoked = _first_ends(ends)
    bulk.load(
        Consent,
        _CONSENT,
        (
            (
                ids[key], "", "en", "", _scope(v["plan_year"]),
                "as the reference says", "until ended", v["confirmed_at"], REFERENCE,
                f"the household and broker {v['npn']}", "as the reference says", "", v["consent_reference"],
                revoked.get(key),
            )
            for key, v in given.items()
        ),
    )  # fmt: skip
    return ids


def _scope(plan_year: int | None) -> str:
    return "all coverage" if plan_year is None else f"from plan year {plan_year}"


def _first_ends(ends: Mapping[Key, Values]) -> dict[Key, datetime]:
    """When each association first ended for all coverage."""
    whole = sorted((key for key, values in ends.items() if values["plan_year"] is None), key=lambda key: key[-1])
    return {key[:-1]: key[-1] for key in reversed(whole)}


def _revoke(known: Mapping[Key, Mapping[str, Any]], ends: Mapping[Key, Values]) -> None:
    """The consents of associations recorded before that have now ended for all coverage."""
    revoked = {
        known[key]["consent_id"]: at
        for key, at in _first_ends(ends).items()
        if key in known and known[key]["consent_id"] is not None
    }
    still: list[int] = []
    for some in batched(revoked, CHUNK):
        still += Consent.objects.filter(id__in=some, revoked_at=None).values_list("id", flat=True)
    bulk.update(Consent, "id", ["revoked_at"], ((id, revoked[id]) for id in still))
