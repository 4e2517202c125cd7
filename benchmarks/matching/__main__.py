"""`python -m benchmarks.matching` measures matching and writes its section of `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib.util import find_spec

from aor.matching import score
from aor.matching.frequencies import Frequencies
from benchmarks.matching import measure, page, peers, people, templates
from benchmarks.matching.measure import Index
from benchmarks.matching.page import Method
from benchmarks.matching.peers import Ranked
from benchmarks.matching.people import Market
from benchmarks.matching.templates import Asked
from benchmarks.sections import write

CLAIMS = 500
TUNING_SEED, SEED = 1, 2026


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    parser.add_argument("--persons", type=int, default=300_000)
    parser.add_argument("--rows", type=int, default=2_400, help="rows of every template that was held out")
    parser.add_argument("--tuning", type=int, default=600, help="rows of every template for the peers' thresholds")
    given = parser.parse_args()
    write("matching", page.lines(measured(given.persons, given.rows, given.tuning)))


def measured(persons: int, rows: int, tuning: int) -> page.Measured:
    """Made markets, asked rows, every method timed."""
    load = os.getloadavg()[1]
    tuned = _Side(people.make(persons, seed=TUNING_SEED), templates.TUNING, tuning)
    held_out = _Side(people.make(persons, seed=SEED), templates.HELD_OUT, rows)
    answers, seconds = _timed(lambda: measure.product(held_out.rows, held_out.index, held_out.frequencies))
    ours = measure.quality(held_out.rows, answers)
    print(f"ours: {ours}", file=sys.stderr, flush=True)
    methods = [Method("this product", ours, seconds, ours.wrong)]
    found, seconds = _timed(lambda: peers.exact(held_out.rows, held_out.market.persons))
    methods.append(Method("exact match", measure.quality(held_out.rows, found), seconds))
    for name, rank in _ranked():
        least = peers.threshold(tuned.rows, rank(tuned))
        ranked, seconds = _timed(lambda rank=rank: rank(held_out))
        surest = peers.wrong_of_surest(held_out.rows, ranked, ours.decided)
        quality = measure.quality(held_out.rows, peers.answers(ranked, least))
        methods.append(Method(name, quality, seconds, surest))
        print(methods[-1], file=sys.stderr, flush=True)
    own = measure.product(tuned.rows, tuned.index, tuned.frequencies)
    return page.Measured(
        machine=f"{os.cpu_count()} cores; {platform.system()} {platform.machine()}, Python "
        f"{platform.python_version()}; the load was {load:.1f} when it began",
        persons=len(held_out.market.persons),
        keys=sum(map(len, held_out.index.by_key.values())) / len(held_out.market.persons),
        candidates=held_out.candidates(),
        claims=held_out.seconds_of(CLAIMS),
        of=CLAIMS,
        tuned=measure.quality(tuned.rows, own),
        methods=methods,
        by_template=measure.by_template(held_out.rows, answers),
    )


class _Side:
    """A market, and rows of some templates about it."""

    def __init__(self, market: Market, names: Iterable[str], each: int) -> None:
        self.market = market
        self.index = Index(market.persons)
        self.frequencies = Frequencies.of(market.persons)
        self.rows: list[Asked] = measure.ask(market, names, each, seed=len(market.persons))

    def some(self) -> list[Asked]:
        return self.rows[:: max(len(self.rows) // CLAIMS, 1)][:CLAIMS]

    def candidates(self) -> float:
        some = self.some()
        return sum(len(self.index.candidates(row.claim)) for row in some) / len(some)

    def seconds_of(self, claims: int) -> float:
        """Processor seconds of so many choices, of rows of every template."""
        gathered = [(row.claim, self.index.candidates(row.claim)) for row in self.some()]
        _, seconds = _timed(lambda: [score.choose(claim, found, self.frequencies) for claim, found in gathered])
        return seconds * claims / len(gathered)


def _ranked() -> list[tuple[str, Callable[[_Side], list[Ranked]]]]:
    found: list[tuple[str, Callable[[_Side], list[Ranked]]]] = [
        ("difflib, names and birth date", lambda side: peers.difflib(side.rows, side.index))
    ]
    if find_spec("splink") is not None:
        for name, household in (("splink, names and birth date", False), ("splink, all fields", True)):
            rank = partial(peers.splink, household=household)
            found.append((name, lambda side, rank=rank: rank(side.rows, side.market.persons)))
    return found


def _timed[T](work: Callable[[], T]) -> tuple[T, float]:
    before = time.process_time()
    result = work()
    return result, time.process_time() - before


if __name__ == "__main__":
    main()
