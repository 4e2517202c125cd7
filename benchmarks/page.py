"""The page: the machine, the sizes, each goal with what was measured, and where the time goes."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import time
import timeit
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from aor.reports.render import FEW
from benchmarks.collect import ROWS_A_BROKER, SIZES, Measured
from benchmarks.taken import Taken, median

MOST_GROWTH = 1.2  # of the cost of a row, at ten times the size
MIB = 300
SHOWN, LEAST, MOST = 9, 0.04, 0.9  # functions named, and the shares between which they are


@dataclass(frozen=True)
class Machine:
    """Where, beside what (the load of the last fifteen minutes), how fast and at which second it was measured.

    `loop` is how many milliseconds Python takes to sum a million squares: times on another machine compare by it.
    """

    cores: int
    memory: int
    words: str
    load: float
    loop: float
    second: float

    @classmethod
    def here(cls) -> Machine:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
        words = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        words += f"Django {version('django')}, SQLite {sqlite3.sqlite_version}, {_postgres()}"
        loop = 1000 * min(timeit.repeat("sum(i * i for i in range(1_000_000))", number=1, repeat=5))
        return cls(os.cpu_count() or 1, memory, words, os.getloadavg()[2], loop, time.monotonic())


@dataclass(frozen=True)
class Goal:
    """`value` gives what is compared with `bound`, from one round and its floor; `most` False: at least."""

    words: str
    value: Callable[[Taken, Taken], float]
    processor: Callable[[Taken, Taken], float]
    bound: float
    unit: str
    most: bool = True
    memory: bool = False
    beside: bool = False  # how many rows a second the floor does, is said too


def _ratio(taken: Taken, floor: Taken) -> float:
    return taken.wall / floor.wall


def _cpu_ratio(taken: Taken, floor: Taken) -> float:
    return taken.cpu / floor.cpu


GOALS: dict[str, Goal] = {
    "close": Goal("the whole close beside its workbooks alone", _ratio, _cpu_ratio, 1.5, "x", memory=True),
    "send": Goal("rows to a handed-over 834 with its ledger", _ratio, _cpu_ratio, 2.5, "x", memory=True),
    "receive": Goal("an 834 to enrollments", _ratio, _cpu_ratio, 8, "x", memory=True),
    "read": Goal(
        "an 834 to facts, beside pyx12's segments alone",
        lambda taken, floor: floor.wall / taken.wall,
        lambda taken, floor: floor.cpu / taken.cpu,
        5,
        "x as fast",
        most=False,
    ),
    "attribute": Goal(
        "the passive renewal of 150,000 enrollments",
        lambda taken, _: 150_000 * taken.a_row,
        lambda taken, _: 150_000 * taken.cpu_a_row,
        60,
        "s",
        memory=True,
    ),
    "record of a day": Goal(
        "the whole record of a day",
        lambda taken, _: 1 / taken.a_row,
        lambda taken, _: 1 / taken.cpu_a_row,
        100_000,
        "rows/s",
        most=False,
        memory=True,
        beside=True,
    ),
    "record of one": Goal(
        "one enrollment, any day, known at any time: the slowest of a hundred",
        lambda taken, _: taken.notes["p99"],
        lambda taken, _: taken.notes["processor p99"],
        5,
        "ms",
    ),
}


def written(
    found: Mapping[str, Mapping[str, Measured]], machine: Machine, after: Machine, options: Mapping[str, int]
) -> str:
    """The whole page; `machine` as it was when the measuring began, `after` when it ended."""
    return "\n".join(_lines(found, machine, after, options)) + "\n"


def _lines(
    found: Mapping[str, Mapping[str, Measured]], machine: Machine, after: Machine, options: Mapping[str, int]
) -> Iterator[str]:
    yield "# How fast it is, beside the least that the job could take"
    yield ""
    yield "Written by `make bench`; no number here was typed by hand. Every job runs in a process of its own, in turn"
    yield "with its floor, on a fresh copy of the same database; given are medians over the rounds, of wall clocks."
    yield "*Processor* is the same from processor seconds, of all processes that worked for it (the database's own"
    yield "too): where it is much better than the wall clock's, somebody else had the processors."
    yield ""
    yield f"- Machine: {machine.cores} cores, {machine.memory} GiB; {machine.words}"
    yield f"- Took {(after.second - machine.second) / 60:.0f} minutes. The load, which alone is about 1 and at the"
    yield f"  close {machine.cores}, was {machine.load:.1f} when it began and {after.load:.1f} when it ended"
    yield f"- Speed: Python summed a million squares in {machine.loop:.0f} ms when it began, {after.loop:.0f} when it ended;"
    yield "  seconds, milliseconds and rows a second are those of such a machine, ratios are not"
    yield f"- Sizes: {options['size']:,} agents of record of {options['size'] // ROWS_A_BROKER:,} brokers;"
    yield f"  the renewal {options['renewal']:,}; the long record {options['history']:,} entries"
    yield f"- Rounds: {options['rounds']}, of the large renewal one"
    yield "- The renewal's seconds are those of a row at its size, times 150,000; memory that stays flat shows"
    yield "  in the two peaks of each job (SQLite's holds a cache of up to 64 MiB)"
    yield "- PostgreSQL runs without fsync; SQLite with WAL and synchronous=FULL"
    for name in ("SQLite", "PostgreSQL"):
        yield ""
        yield f"## {name}"
        yield ""
        if name not in found:
            yield "Not measured: it is not to be had here."
            continue
        yield from _table(found[name])
        yield ""
        yield from _shares(found[name])
    yield ""
    yield from FLOORS


def _table(measured: Mapping[str, Measured]) -> Iterator[str]:
    yield "| job | goal | measured | processor | peak MiB, a tenth and all | cost of a row at ten times the size | |"
    yield "|---|---|---|---|---|---|---|"
    for name, goal in GOALS.items():
        one = measured.get(name)
        if one is not None:
            yield _row(goal, one)


def _row(goal: Goal, one: Measured) -> str:
    floors = one.floor or [Taken()] * len(one.product)
    value = median([goal.value(taken, floor) for taken, floor in zip(one.product, floors, strict=True)])
    processor = median([goal.processor(taken, floor) for taken, floor in zip(one.product, floors, strict=True)])
    growth = median([taken.cpu_a_row for taken in one.product]) / median([taken.cpu_a_row for taken in one.small])
    peak = max(taken.peak for taken in one.product)
    lower = max(taken.peak for taken in one.small)
    missed = []
    if _misses(goal, value):
        missed.append("missed" if _misses(goal, processor) else "missed by the clock")
    if goal.memory and peak > MIB:
        missed.append(f"over {MIB} MiB")
    if growth > MOST_GROWTH:
        missed.append("grows")
    sign = "≤" if goal.most else "≥"
    beside = f"; reading alone {_number(1 / median([taken.a_row for taken in one.floor]))}" if goal.beside else ""
    return (
        f"| {one.name}: {goal.words} | {sign} {_number(goal.bound)} {goal.unit} | {_number(value)} {goal.unit}{beside}"
        f" | {_number(processor)} | {lower:.0f}, {peak:.0f} | {growth:.2f} x | {', '.join(missed) or 'met'} |"
    )


def _misses(goal: Goal, value: float) -> bool:
    return value > goal.bound if goal.most else value < goal.bound


def _shares(measured: Mapping[str, Measured]) -> Iterator[str]:
    yield "What bounds each (share of a profiled run at the smaller size, of the place itself, without its callees):"
    yield ""
    yield from _named(measured, lambda place: place.startswith("own "), "own ")
    yield ""
    yield "Where the time goes (share of the same run, of a function with its callees):"
    yield ""
    yield from _named(measured, lambda place: not place.startswith("own "), "")


def _named(measured: Mapping[str, Measured], wanted: Callable[[str], bool], prefix: str) -> Iterator[str]:
    for one in measured.values():
        shown = sorted(((share, place) for place, share in one.shares.items() if wanted(place)), reverse=True)
        named = [
            f"{place.removeprefix(prefix)} {100 * share:.0f} %" for share, place in shown if LEAST < share < MOST
        ]
        if named:
            yield f"- **{one.name}**: {', '.join(named[:SHOWN])}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _postgres() -> str:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs:
        return "no PostgreSQL"
    return (
        subprocess.run([programs[-1], "--version"], capture_output=True, text=True)
        .stdout.replace("(", "")
        .replace(")", "")
        .partition(" ")[2]
        .strip()
    )


FLOORS = f"""## The floors
- **close**: the same workbooks (two ledgers, the list of what is missing, the form, the instructions) made by
  XlsxWriter's own calls from tuples in memory, on the same pool of processes.
- **send**: the same rows read by one query, f-strings, one file, and the ledger's table loaded with its indexes and
  keys (COPY on PostgreSQL, executemany on SQLite). No rule is asked, no number is checked.
- **receive**: the same bytes split plainly, and the same tables loaded.
- **record of a day**: the columns that it is made of, read by one statement; no row is made of them.
- **read**: pyx12's reader of segments, which makes no facts of them.
- Up to {FEW} workbooks are rendered in one process; where only the larger size has more, the start of the others is
  part of what its rows cost.
- The smaller size is a {SIZES}th of the larger, but for the long record, whose questions are the same.

## What bounds
- **send**: every set is two rows, its own and one that keeps its entry in standing (`record_told`); the floor loads
  the first. On PostgreSQL the server's work, each row's foreign keys at the end of its transaction above all, is
  nearly as much as ours. The largest part of ours is writing and checking the text of a set.
- **record of a day**: about half is the reading of five tables, half the making of rows, in one process; of few rows
  the start counts too, as much as some thousands of them. Another process would start for as much as tens of
  thousands of rows take, so the second core is left to the server.
- Memory of both rises with the brokers, whose standing is held, and not with the rows; SQLite's cache fills first.
""".splitlines()
