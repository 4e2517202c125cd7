"""`docs/torture.md`: what was tried of one source, so that the next call goes on where the last one stopped."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATABASES, KINDS = ("SQLite", "PostgreSQL"), ("kills", "operations")


@dataclass
class Row:
    """Of one database and kind: how many are done of how many, and the minutes that they took."""

    done: int
    of: int
    minutes: float = 0


@dataclass
class Tried:
    """What was tried of a source (its hash) from a seed, by database and kind."""

    source: str
    seed: str
    rows: dict[tuple[str, str], Row] = field(default_factory=dict)

    @classmethod
    def of(cls, sizes: dict[str, int], source: str, seed: str) -> Tried:
        return cls(source, seed, {(one, kind): Row(0, sizes[kind]) for one in DATABASES for kind in KINDS})

    def after(self, earlier: Tried | None) -> Tried:
        """With what an earlier page says of the same program; of another, nothing is done yet."""
        if earlier is None or earlier.source != self.source:
            return self
        rows = {key: earlier.rows.get(key, row) for key, row in self.rows.items()}
        sizes = {key: max(row.of, rows[key].done) for key, row in self.rows.items()}
        return Tried(self.source, earlier.seed, {key: replace(row, of=sizes[key]) for key, row in rows.items()})

    def text(self) -> str:
        """The page."""
        return "\n".join(
            [
                "# Killed at every step, and lived through in any order",
                "",
                "Written by `make torture`; no number here was typed by hand. Kills are of the programs of small",
                "markets, at every named point and at random, and each market ends as if nothing had happened;",
                "operations are those of the model check, and after each the record, the access and what was sent",
                "are what an independent reference says. What is not done yet is done by the next call; a changed",
                "program begins anew.",
                "",
                f"- Program: `{self.source}` (of the text of `src/aor`, its tests left out)",
                f"- Seed: `{self.seed}`",
                "",
                "| database | what | done | of | minutes |",
                "|---|---|--:|--:|--:|",
                *(
                    f"| {database} | {kind} | {row.done:,} | {row.of:,} | {row.minutes:.0f} |"
                    for (database, kind), row in self.rows.items()
                ),
                "",
            ]
        )


def read(text: str) -> Tried | None:
    """What a page says; None where it says nothing."""
    source, seed = re.search(r"^- Program: `(\w+)`", text, re.M), re.search(r"^- Seed: `(\w+)`", text, re.M)
    if source is None or seed is None:
        return None
    return Tried(source[1], seed[1], dict(_rows(text)))


def _rows(text: str) -> Iterator[tuple[tuple[str, str], Row]]:
    for database, kind, done, of, minutes in re.findall(
        r"^\| (\w+) \| (\w+) \| ([\d,]+) \| ([\d,]+) \| (\d+) \|", text, re.M
    ):
        yield (database, kind), Row(int(done.replace(",", "")), int(of.replace(",", "")), int(minutes))


def source_of(folder: Path) -> str:
    """A hash of the program's own text."""
    told = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        if "tests" not in file.relative_to(folder).parts:
            told.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return told.hexdigest()[:12]
