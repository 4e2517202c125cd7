"""Killed at every named point and at random instants, and run again: nothing is lost, nothing goes twice.

A market is lived twice, each command a process: once undisturbed, once with commands killed by SIGKILL and repeated
at the same instant. AOR_KILLS says how many kills (50), AOR_SEED replays: the seed is in every failure.
"""

from __future__ import annotations

import os
import re
import secrets
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

import pytest

from tests.anomalies.market import Life, Size, differences, mails, named_alike, outcome
from tests.anomalies.program import ROOT, Place, Program, Ran, copied

WORLDS = (Size(40, 8, 2, 3), Size(45, 8, 2, 5), Size(36, 7, 2, 7), Size(50, 8, 2, 1))
KILLS = int(os.environ.get("AOR_KILLS", "50"))
SEED = os.environ.get("AOR_SEED") or secrets.token_hex(4)
ELSEWHERE = ("api", "backup", "restore", "discrepancies", "trial", "rekey", "dispose", "incident")
KILLS_EACH = -(-50 // len(WORLDS))


def points(*, elsewhere: bool = False) -> list[str]:
    """Every fault point that the program names and a month passes; `elsewhere`: those that none passes."""
    files = (file for file in (ROOT / "src" / "aor").rglob("*.py") if "tests" not in file.parts)
    named = {name for file in files for name in re.findall(r'faults\.reached\("(.*?)"\)', file.read_text())}
    return sorted(name for name in named if (name.partition(":")[0] in ELSEWHERE) == elsewhere)


def test_every_point_that_no_month_passes_has_a_kill_of_its_own() -> None:
    tests = [file.read_text() for folder in ("anomalies", "api") for file in (ROOT / "tests" / folder).glob("*.py")]
    assert points(elsewhere=True)
    assert not [point for point in points(elsewhere=True) if not any(f'"{point}"' in text for text in tests)]


@dataclass
class Undisturbed:
    """Notes how long each command took and which fault points it passed, how often."""

    program: Program
    ran: list[tuple[str, Ran]] = field(default_factory=list)

    def __call__(self, words: tuple[object, ...], now: datetime) -> Ran:
        ran = self.program.aor(*words, now=now, traced=True)
        self.ran.append((str(words[0]), ran))
        return ran


@dataclass(frozen=True, slots=True)
class Kill:
    """At the arrival at a fault point (`name:N`), else after that share of the time which the command took."""

    fault: str = ""
    after: float = 0

    @property
    def point(self) -> str:
        return self.fault.rpartition(":")[0]

    def later(self) -> Kill:
        """What is tried at the next command, since this one came too late."""
        return Kill(fault=f"{self.point}:1") if self.fault else Kill(after=self.after / 2)


def planned(ran: list[tuple[str, Ran]], wanted: list[str], kills: int, random: Random) -> dict[int, list[Kill]]:
    """By command: the kills that it meets one after another. Each wanted point gets a command that passes it."""
    chosen: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    for point in wanted:
        passing = [n for n, (_, one) in enumerate(ran) if point in one.reached]
        passing = passing[:-1] or passing  # a kill that came too late is owed to a later one that passes the point
        if passing:
            number = random.choice([n for n in passing if n not in chosen] or passing)
            places = [place for place, one in enumerate(ran[number][1].reached) if one == point]
            chosen[number].append((random.choice((places[0], places[-1], random.choice(places))), point))
    plan = defaultdict(list, {n: in_order(ran[n][1].reached, some) for n, some in chosen.items()})
    writing = [n for n, (name, _) in enumerate(ran[:-4]) if name != "record"]
    while sum(map(len, plan.values())) <= kills:
        number = random.choice(writing)
        plan[number].append(Kill(after=random.uniform(0.02, 0.9)))
    return plan


def in_order(reached: list[str], some: list[tuple[int, str]]) -> list[Kill]:
    """Kills of one command as it passes them: what is repeated passes only what is left of it."""
    (place, first), *rest = sorted(some)
    return [Kill(f"{first}:{reached[: place + 1].count(first)}"), *(Kill(f"{point}:1") for _, point in rest)]


@dataclass
class Disturbed:
    """Kills as planned, and repeats the command at the same instant; a kill that came too late is owed."""

    program: Program
    plan: dict[int, list[Kill]]
    usual: list[tuple[str, Ran]]
    random: Random
    life: Life | None = None
    number: int = 0
    owed: list[Kill] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    met: list[str] = field(default_factory=list)

    def __call__(self, words: tuple[object, ...], now: datetime) -> Ran:
        _, usual = self.usual[self.number]
        due = [kill for kill in self.owed if not kill.fault or kill.point in usual.reached]
        self.owed = [kill for kill in self.owed if kill not in due]
        kills = self.plan.get(self.number, []) + due
        # As the command passes them, for a repeated one passes what is left; whatever only time decides comes last.
        kills.sort(key=lambda kill: usual.reached.index(kill.point) if kill.fault else len(usual.reached))
        self.number += 1
        for place, kill in enumerate(kills):
            ran = self.program.aor(*words, now=now, fault=kill.fault, kill_after=usual.seconds * kill.after or None)
            if not ran.killed:
                self.owed += [one.later() for one in kills[place:]]
                return ran
            self.killed[kill.point or "somewhere"] += 1
            self.met.append(f"{words[0]} at {kill.fault or round(kill.after * usual.seconds, 3)}")
            self.program.place.wait_for_the_dead()
            if self.life is not None and self.random.random() < 0.5:
                self.life.take()
        return self.program.aor(*words, now=now)


@pytest.mark.parametrize("world", range(-(-KILLS // KILLS_EACH)))
def test_killed_anywhere_the_market_ends_as_if_nothing_had_happened(world: int, empty: Place, tmp_path: Path) -> None:
    random = Random(f"{SEED}:{world}")
    size = WORLDS[world] if world < len(WORLDS) else Size(random.randint(3, 60), random.randint(3, 10), 2, world)
    with copied(empty, tmp_path / "undisturbed") as place, Program(place) as program:
        watched = Undisturbed(program)
        life = Life(size, place, watched)
        life.live()
        expected = outcome(life, program)
        expected_mails = mails(place.home)
    wanted = [point for n, point in enumerate(points()) if n % len(WORLDS) == world % len(WORLDS)]
    reached = {point for _, one in watched.ran for point in one.reached}
    plan = planned(watched.ran, wanted, KILLS_EACH, random)
    with copied(empty, tmp_path / "disturbed") as place, Program(place) as program:
        disturbed = Disturbed(program, plan, watched.ran, random)
        life = disturbed.life = Life(size, place, disturbed)
        life.live()
        found = outcome(life, program)
        found_mails = mails(place.home)
    told = f"AOR_SEED={SEED}, world {world}, {size}, killed: {', '.join(disturbed.met)}"
    print(told)
    if place.url:  # SQLite takes the keys of a killed transaction back
        named_alike(expected, found)
    differing = differences(expected, found)
    assert not differing, "\n".join([told, *differing])
    assert len(found["handed over"]) == len(found["interchanges"]), told
    assert found_mails.keys() == expected_mails.keys(), told
    # Whoever dies between the relay's answer and its recording says the same mail once more.
    assert found_mails.total() - expected_mails.total() <= disturbed.killed.total(), told
    assert set(wanted) & reached <= disturbed.killed.keys(), told
    assert disturbed.killed.total() >= KILLS_EACH, told
    if world < len(WORLDS):  # another size, where the story of the markets has changed
        assert set(wanted) - reached <= {"close:correct"}, told
