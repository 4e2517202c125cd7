"""Rows of the imports, as they become known, and the CSV files that bring them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

OF_CONSUMERS = ("households", "associations")  # come with every batch; rosters on days of their own
# The order in which the kinds of one day are imported; any other would give the same record.
KINDS = ("calendar", "carriers", "agencies", "brokers", "certifications", "licenses", "appointments", "households",
         "associations", "agents-of-record")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Learned:
    """A row of an import, and the day from which the marketplace has it."""

    day: date
    kind: str
    row: dict[str, str]


def write(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """One CSV file; all rows have the columns of the first."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def by_kind(news: Iterable[Learned]) -> dict[str, list[dict[str, str]]]:
    """The rows of each kind, kinds in the order of their import, rows in the order learned."""
    result: dict[str, list[dict[str, str]]] = {kind: [] for kind in KINDS}
    for item in sorted(news, key=lambda item: item.day):
        result[item.kind].append(item.row)
    return {kind: rows for kind, rows in result.items() if rows}
