"""The section of the page: how long a returned workbook and a transfer take, beside what they may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.page import Machine

WORDS = {
    "returned": ("a returned workbook: receipts and first findings", 3.0),
    "preview": ("a transfer: its preview, household by household", 5.0),
    "moved": ("a transfer: entered on its day, record and notices included", 30.0),
}


@dataclass(frozen=True)
class Sizes:
    """How large the market is, and what was asked of it."""

    size: int
    brokers: int
    rows: int


def lines(
    found: Mapping[str, Mapping[str, list[float]]], started: Machine, ended: Machine, sizes: Sizes
) -> Iterator[str]:
    """The section, without its marks; `found` holds rows, seconds and processor seconds by step."""
    yield "## Disagreements: a returned workbook, and a book that moves"
    yield ""
    yield "Written by `make bench-disagreements`; no number here was typed by hand."
    yield ""
    yield (
        f"{sizes.size:,} enrollments of {sizes.brokers:,} brokers, whose people come from the demo's generator; each "
        f"step in a process of its own. Load of the machine {started.load:.1f} before, {ended.load:.1f} after."
    )
    yield ""
    yield "| what | database | rows | seconds | of the processor | goal |"
    yield "|---|---|--:|--:|--:|---|"
    for database, taken in found.items():
        for step, (words, goal) in WORDS.items():
            rows, seconds, cpu = taken[step]
            met = "met" if seconds < goal else "**missed**"
            yield f"| {words} | {database} | {rows:,.0f} | {seconds:.1f} | {cpu:.1f} | < {goal:.0f} s: {met} |"
