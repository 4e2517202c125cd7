"""Two workers at once for a month, one of them killed every other round: everything due is done, and done once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.anomalies.program import Place, Program, Ran, copied
from tests.anomalies.working import START

MONTH = 30
WORK = ("work", "--once")


@contextmanager
def workers(place: Place, count: int) -> Iterator[list[Program]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Program(place)) for _ in range(count)]


def lived(place: Place, count: int, random: Random | None) -> tuple[dict[str, object], list[Ran]]:
    """A month in which `count` workers do a round a day at once; with `random`, one of two days one is killed."""
    ran: list[Ran] = []
    with workers(place, count) as programs, ThreadPoolExecutor(count) as at_once:
        programs[0].call("tests.anomalies.working:market")
        for day in range(MONTH):
            now = START + timedelta(days=day, hours=4)
            if day in (7, 14):
                programs[0].call("tests.anomalies.working:news", number=day // 7)
            killed = random.randrange(2 * count) if random else count
            after = {killed: random.uniform(0.02, 0.4)} if random and killed < count else {}
            rounds = [
                at_once.submit(one.aor, *WORK, now=now, **({"kill_after": after[n]} if n in after else {}))
                for n, one in enumerate(programs)
            ]
            ran += [one.result() for one in rounds]
            if after:  # what it held is done a quarter of a minute later
                place.wait_for_the_dead()
                ran.append(programs[0].aor(*WORK, now=now + timedelta(seconds=15)))
        now = START + timedelta(days=MONTH, hours=4)
        ran += [programs[0].aor(*WORK, now=now), programs[0].aor("verify", now=now)]
        return programs[0].call("tests.anomalies.working:standing"), ran


def test_two_workers_of_whom_some_are_killed_do_what_one_does_alone(empty: Place, tmp_path: Path) -> None:
    with copied(empty, tmp_path / "alone") as place:
        alone, calm = lived(place, 1, None)
    assert {one.code for one in calm} == {0}
    with copied(empty, tmp_path / "two") as place:
        together, ran = lived(place, 2, Random(20260105))
    assert not [one.err for one in ran if one.code and not one.killed]
    assert any(one.killed for one in ran)
    assert not [one.err for one in ran if "Traceback" in one.err]
    assert together == alone
    assert alone["sets"] == {f"P{number}": 1 for number in range(6)}
    assert alone["waiting"] == 0
