"""Every measure on one database: `python -m benchmarks.collect OPTIONS --into FILE` writes what was taken as JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.places import Place
from benchmarks.taken import Taken

ROWS_A_BROKER = 50
SIZES = 10  # the larger size is so many times the smaller
QUESTIONS = 5_000


@dataclass
class Measured:
    """One job: each round of it beside its floor's, the same at the smaller size, and where its time went."""

    name: str
    size: int
    product: list[Taken] = field(default_factory=list)
    floor: list[Taken] = field(default_factory=list)
    small: list[Taken] = field(default_factory=list)
    shares: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """Sizes in agents of record; `renewal` that of the renewal run, `history` the entries of the long record."""

    size: int
    renewal: int
    history: int
    rounds: int


class Bench:
    """The measures of one database in a folder of their own."""

    def __init__(self, options: Options, root: Path, server: str) -> None:
        self.options, self.root, self.server = options, root, server
        self.measured: dict[str, Measured] = {}

    def run(self) -> list[Measured]:
        small, large = self.options.size // SIZES, self.options.size
        self.renewals(self.options.renewal // SIZES, small=True)
        self.renewals(self.options.renewal, small=False)
        for size in (small, large):
            self.received(size, small=size == small)
            self.sent_and_closed(size, small=size == small)
        return list(self.measured.values())

    def renewals(self, size: int, *, small: bool) -> None:
        with self.made("renewal") as place:
            place.step("load", size, _brokers(size), 2025, 2026)
            for _ in range(self.options.rounds if small else 1):
                with place.copied() as copy:
                    self.note("attribute", size, copy.step("settle"), small=small)
            if small:
                self.profile("attribute", place, "settle")

    def received(self, size: int, *, small: bool) -> None:
        with self.made("empty") as place:
            file = place.root / "enrollments.834"
            place.step("ready", _brokers(size))
            place.step("file", file, size)
            for _ in range(self.options.rounds):
                with place.copied() as copy:
                    taken = copy.step("receive", file)
                with place.copied() as copy:
                    self.note("receive", size, taken, copy.step("receive_floor", file), small=small)
                if not self.server:
                    self.note("read", size, place.step("read", file), place.step("pyx12", file), small=small)
            if small:
                self.profile("receive", place, "receive", file)

    def sent_and_closed(self, size: int, *, small: bool) -> None:
        with self.made("market") as place:
            place.step("load", size, _brokers(size), 2026)
            place.step("settle")
            for _ in range(self.options.rounds):
                with place.copied() as copy:
                    taken = copy.step("send")
                with place.copied() as copy:
                    self.note("send", size, taken, copy.step("send_floor"), small=small)
            if small:
                self.profile("send", place, "send")
            place.step("send")
            for _ in range(self.options.rounds):
                taken = place.step("record_day")
                self.note("record of a day", size, taken, place.step("record_day_floor"), small=small)
                with place.copied() as copy:
                    taken = copy.step("close")
                floor = place.step("close_floor", _brokers(size), ROWS_A_BROKER)
                self.note("close", size, taken, floor, small=small)
            if small:
                self.profile("record of a day", place, "record_day")
                self.profile("close", place, "close")
            entries = self.options.history // (SIZES if small else 1)
            place.step("lengthen", entries)
            for _ in range(self.options.rounds):
                self.note("record of one", entries, place.step("record_one", QUESTIONS), small=small)

    def note(self, name: str, size: int, taken: Taken, floor: Taken | None = None, *, small: bool) -> None:
        one = self.measured.setdefault(name, Measured(name, size))
        if small:
            one.small.append(taken)
        else:
            one.size = size
            one.product.append(taken)
            one.floor += [floor] if floor else []
        beside = f", its floor {floor.wall:.2f} s" if floor else ""
        print(
            f"{name} of {size}: {taken.wall:.2f} s, {taken.cpu:.2f} processor s{beside}", file=sys.stderr, flush=True
        )

    def profile(self, name: str, place: Place, step: str, *arguments: object) -> None:
        with place.copied("profiled") as copy:
            self.measured[name].shares = copy.step("profiled", step, *arguments).notes

    @contextmanager
    def made(self, name: str) -> Iterator[Place]:
        place = Place(name, self.root, self.server).make()
        try:
            yield place
        finally:
            place.drop()


def _brokers(size: int) -> int:
    return max(size // ROWS_A_BROKER, 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("size", "renewal", "history", "rounds"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--into", type=Path, required=True)
    given = vars(parser.parse_args())
    into: Path = given.pop("into")
    with tempfile.TemporaryDirectory(prefix="aor-benchmarks-") as root:
        measured = Bench(Options(**given), Path(root), os.environ.get("DATABASE_URL", "")).run()
    into.write_text(json.dumps([asdict(one) for one in measured]))


if __name__ == "__main__":
    main()
