"""A table read by its layout: good rows by their key, and every bad one with its reason."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from aor.acts.loads.cells import SOCIAL_SECURITY
from aor.acts.loads.layouts import Layout, Values
from aor.workbooks.tables import Table

MOST_WORDS = 300  # of a reason: it may quote a cell

type Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken: its line, the first column at fault (or ""), and why."""

    line: int
    column: str
    because: str


@dataclass(slots=True)
class Rows:
    """What a file held: `good` by key, `rows` in all, `taken` the good ones with their repetitions."""

    good: dict[Key, Values] = field(default_factory=dict)
    lines: dict[Key, int] = field(default_factory=dict)
    rows: int = 0
    taken: int = 0
    changed: int = 0
    refused: list[Refused] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)

    def refuse(self, key: Key, *, column: str, because: str) -> None:
        """Takes back a row that was good in itself."""
        del self.good[key]
        self.refused.append(Refused(self.lines[key], column, because))
        self.taken -= 1


def missing(layout: Layout, columns: tuple[str, ...]) -> str:
    """What the file lacks as a whole, in words; "" when nothing."""
    lacking = [column.name for column in layout.columns if not column.optional and column.name not in columns]
    if lacking:
        return (
            f"the column {lacking[0]} is missing" if len(lacking) == 1 else f"columns missing: {', '.join(lacking)}"
        )
    if layout.either and not set(layout.either) & set(columns):
        return f"one of the columns {' and '.join(layout.either)} must be there"
    return ""


def read(layout: Layout, table: Table, *, now: datetime) -> Rows:
    """Reads the table to its end. Raises TableRefused when the file turns out not to be readable."""
    result = Rows()
    unknown = [name for name in table.columns if name not in {column.name for column in layout.columns}]
    if unknown:
        named = ", ".join(name[:40] for name in unknown[:20])
        result.findings.append(f"columns that {layout.kind} do not have were not read: {named}")
    spans = _Spans()
    for line, row in table.rows:
        result.rows += 1
        values, refused = _values(layout, line, row)
        if refused is None:
            layout.complete(values, now)
            key = tuple(values[name] for name in layout.key)
            refused = _repeated(layout, result, key, values, line) or spans.overlapping(layout, values, line)
        if refused is not None:
            result.refused.append(refused)
            continue
        result.taken += 1
        if key not in result.good:
            result.good[key], result.lines[key] = values, line
    result.refused += [Refused(row.line, "", row.because) for row in table.refused]
    result.rows += len(table.refused)
    result.findings += table.notices
    result.refused.sort(key=lambda one: one.line)
    return result


def _values(layout: Layout, line: int, row: dict[str, str]) -> tuple[Values, Refused | None]:
    """The row's values by attribute, or why it is refused: the first column at fault, and the others' reasons."""
    values: Values = {}
    wrong: list[tuple[str, str]] = []
    for column in layout.columns:
        cell = row.get(column.name, "")
        if not cell:
            if column.required:
                wrong.append((column.name, "it is empty"))
            values[column.goes_to] = column.empty
            continue
        if SOCIAL_SECURITY.search(cell):
            return values, Refused(line, column.name, "it looks like a Social Security number, which is never kept")
        try:
            values[column.goes_to] = column.parse(cell)
        except ValueError as error:
            wrong.append((column.name, str(error)))
    if not wrong and (trouble := layout.check(values)):
        wrong.append(trouble)
    if not wrong:
        return values, None
    first, *others = wrong
    because = "; ".join([first[1], *(f"{name}: {reason}" for name, reason in others)])
    return values, Refused(line, first[0], because[:MOST_WORDS])


def _repeated(layout: Layout, rows: Rows, key: Key, values: Values, line: int) -> Refused | None:
    """The same row again says nothing new; another one under the same key is refused."""
    first = rows.good.get(key)
    if first is None or first == values:
        return None
    names = {column.goes_to: column.name for column in layout.columns}
    differing = [names[name] for name in values if name in names and values[name] != first[name]]
    because = f"line {rows.lines[key]} says otherwise of the same {', '.join(names.get(n, n) for n in layout.key)}"
    return Refused(line, differing[0] if differing else "", because)


class _Spans:
    """Days that may not overlap within a file, as those of a licence with one number and line."""

    def __init__(self) -> None:
        self._taken: defaultdict[Key, list[tuple[date, date, int]]] = defaultdict(list)

    def overlapping(self, layout: Layout, values: Values, line: int) -> Refused | None:
        span = layout.span(values)
        if span is None:
            return None
        key, start, until = span
        until = until or date.max
        taken = self._taken[key]
        for begun, ended, on_line in taken:
            if begun != start and begun < until and start < ended:
                because = f"its days overlap those of line {on_line}, of the same number and line of authority"
                return Refused(line, layout.key[-1], because)
        insort(taken, (start, until, line))
        return None


def waiting(rows: Rows, attribute: str, unknown: set[str], word: str) -> list[str]:
    """How many rows name somebody not yet known: they are kept and wait."""
    count = sum(values[attribute] in unknown for values in rows.good.values())
    if not count:
        return []
    article = "an" if word[0] in "aeiou" else "a"
    return [f"rows that name {article} {word} not yet known: {count}, of {len(unknown)} such; they are kept and wait"]
