"""Two at once, by processes: one wins, the other says who; no edit is lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from aor.demo import rosters
from tests.anomalies import town
from tests.anomalies.program import Place, Program, Ran, copied
from tests.anomalies.town import BROKERS, NOW


@pytest.fixture
def four(empty: Place, tmp_path: Path) -> Iterator[list[Program]]:
    """Four programs in one place."""
    with copied(empty, tmp_path / "home") as place, ExitStack() as programs:
        yield [programs.enter_context(Program(place)) for _ in range(4)]


@pytest.mark.parametrize(("second_factor", "count"), [(False, 6), (False, 114), (True, 80)])
def test_four_racers_leave_one_association_and_one_agent_of_record(
    second_factor: bool, count: int, four: list[Program], tmp_path: Path
) -> None:
    subscribers = town.found(four[0], tmp_path / "files", count=count, associated=False)
    starts = time.time() + 0.5

    def race(program: Program, npn: str) -> list[list[object]]:
        answers: list[list[object]] = program.call(
            "tests.anomalies.racing:designate",
            npn=npn, subscribers=subscribers, second_factor=second_factor, starts=starts, now=NOW.isoformat(),
        )  # fmt: skip
        return answers

    with ThreadPoolExecutor(4) as threads:
        told = list(threads.map(race, four, BROKERS))
    stands = four[0].call("tests.anomalies.racing:associations")
    assert stands["open"].keys() == set(subscribers)
    assert stands["double"] == []
    assert stands["entries"] == stands["open"]
    for place, subscriber in enumerate(subscribers):
        winners = [npn for npn, answers in zip(BROKERS, told, strict=True) if answers[place][0]]
        if second_factor:
            assert winners == list(BROKERS)
            continue
        assert winners == [stands["open"][subscriber]]
        for answers in told:
            granted, because, there = answers[place]
            assert there == winners[0], "whoever loses sees who is there"
            assert granted or because == ["another broker would be replaced without a second factor"]
    verified = four[1].aor("verify", now=NOW + timedelta(hours=1))
    assert verified.code == 0, verified.out


# The command, the fault point at which the first one is while the second comes, and whom the second one names.
SEND = ("send", "--carrier", town.CARRIER.hios)
CLOSE = ("close", "2026-01")
SENDING = "send is held by aor send since 2026-02-01T16:00:00"
CLOSING = "close is held by aor close 2026-01 since 2026-02-01T16:00:00"
PAIRS = {
    "send composing": (SEND, "send:stored", SENDING),
    "send handing over": (SEND, "mailbox renamed", SENDING),
    "close publishing": (CLOSE, "close:publish", CLOSING),
    "close rendering": (CLOSE, "close:render", CLOSING),
}


@pytest.mark.parametrize(("words", "point", "because"), PAIRS.values(), ids=PAIRS)
def test_of_two_commands_one_wins_and_the_other_says_who_since_when(
    words: tuple[str, ...], point: str, because: str, four: list[Program], tmp_path: Path
) -> None:
    one, other, *_ = four
    town.found(one, tmp_path / "files", count=6, associated=True)
    if words[0] == "close":
        assert one.aor("send", "--carrier", town.CARRIER.hios, now=NOW + timedelta(days=1)).code == 0
    now = NOW + timedelta(days=11)
    first, second = both(one, other, words, point, now, tmp_path)
    assert (first.code, second.code) == (0, 1), (first, second)
    assert because in second.document["because"]
    again = other.aor(*words, now=now + timedelta(minutes=1))
    assert again.code == 0, again.out
    verified = other.aor("verify", now=now + timedelta(hours=1))
    assert verified.code == 0, verified.out
    handed_over = list(one.place.home.glob("mailboxes/*/to-carrier/*.834"))
    assert [file.read_bytes().count(b"~ST*834*") for file in handed_over] == [6]


def test_of_two_sealers_one_seals_and_the_other_says_who(four: list[Program], tmp_path: Path) -> None:
    one, other, *_ = four
    town.found(one, tmp_path / "files", count=3, associated=False)
    rosters.write(tmp_path / "more.csv", [town.certification(BROKERS[0], 2025)])
    there, until = tmp_path / "there", tmp_path / "until"
    with ThreadPoolExecutor(1) as thread:
        waits = {"point": "seal:block", "there": str(there), "until": str(until)}
        first = thread.submit(one.aor, "import", "certifications", tmp_path / "more.csv", now=NOW, waits_at=waits)
        _exists(there)
        busy = other.call("tests.anomalies.racing:seal", now=NOW.isoformat())
        until.touch()
        assert first.result().code == 0
    assert busy == f"sealer is held by the sealer since {NOW.isoformat(timespec='seconds')}"
    assert other.call("tests.anomalies.racing:seal", now=NOW.isoformat()) == ""
    assert other.aor("verify", now=NOW + timedelta(hours=1)).code == 0


@pytest.mark.parametrize("point", ["receive:staged", "settle:folded"])
def test_of_two_who_receive_one_file_one_takes_it_and_the_other_says_so(
    point: str, four: list[Program], tmp_path: Path
) -> None:
    one, other, *_ = four
    town.found(one, tmp_path / "files", count=3, associated=True)
    file, there, until = tmp_path / "more.834", tmp_path / "there", tmp_path / "until"
    file.write_bytes(town.enrollments(range(3, 9), isa13=502, sent_at=NOW - timedelta(days=1), start=town.START))
    with ThreadPoolExecutor(2) as threads:
        waits = {"point": point, "there": str(there), "until": str(until)}
        first = threads.submit(one.aor, "receive", file, now=NOW, waits_at=waits)
        _exists(there)
        second = threads.submit(other.aor, "receive", file, now=NOW)
        wait([second], timeout=2)  # it waits for the first one, or has ended
        until.touch()
        ran = [first.result(), second.result()]
    assert [each.code for each in ran] == [0, 0], ran
    assert [each.document["files"][0]["enrollments"] for each in ran] == [6, 0]
    verified = other.aor("verify", now=NOW + timedelta(hours=1))
    assert verified.code == 0, verified.out


def both(
    one: Program, other: Program, words: tuple[str, ...], point: str, now: datetime, folder: Path
) -> tuple[Ran, Ran]:
    """The first is at `point` while the second runs; how each ended."""
    there, until = folder / "there", folder / "until"
    with ThreadPoolExecutor(1) as thread:
        waits = {"point": point, "there": str(there), "until": str(until)}
        first = thread.submit(one.aor, *words, now=now, waits_at=waits)
        _exists(there)
        second = other.aor(*words, now=now)
        until.touch()
        return first.result(), second


def _exists(file: Path) -> None:
    for _ in range(6000):
        if file.exists():
            return
        time.sleep(0.01)
    raise AssertionError(f"{file.name} never came")


def test_of_ten_thousand_edits_by_four_processes_none_is_lost(four: list[Program], tmp_path: Path) -> None:
    random = Random("edits")
    npns = [str(3_000_000 + number) for number in range(250)]
    edits: list[list[tuple[str, Path]]] = [[] for _ in four]
    told: dict[str, list[str]] = {"brokers": [], "certifications": []}
    for number in range(40):
        kind, rows = "brokers" if number % 5 else "certifications", []
        for npn in random.sample(npns, len(npns)):
            told[kind].append(f"e{len(told[kind])}@agency.example")
            own = {"email": told[kind][-1]}
            if kind == "certifications":
                own = {**town.certification(npn, 2026), "agreement_version": told[kind][-1]}
            rows.append({**(town.BROKER if kind == "brokers" else {}), "npn": npn, **own})
        rosters.write(tmp_path / f"{number}.csv", rows)
        edits[random.randrange(4) if number > 3 else number].append((kind, tmp_path / f"{number}.csv"))

    def edit(program: Program, files: list[tuple[str, Path]]) -> int:
        changed = 0
        for place, (kind, path) in enumerate(files):
            ran = program.aor("import", kind, path, "--strict", now=NOW + timedelta(minutes=place))
            assert ran.code == 0, ran.out
            changed += ran.document["changed"]
        return changed

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(edit, four, edits)) == 10_000
    known = four[0].call("tests.anomalies.racing:history")
    assert sorted(known["emails"]) == sorted(told["brokers"])
    assert sorted(known["agreements"]) == sorted(told["certifications"])
    assert known["broken"] == []
