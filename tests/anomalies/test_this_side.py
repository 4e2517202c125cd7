"""This side fails: no room, no database, a clock that jumps."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest

from aor.terms.period import first_of_next_month
from tests.anomalies import cluster, town
from tests.anomalies.market import differences
from tests.anomalies.program import Place, Program, Ran, copied
from tests.anomalies.town import NOW

SEND = ("send", "--carrier", town.CARRIER.hios)
CLOSE = ("close", "2026-01")
LATER = NOW + timedelta(days=11)
on_postgres = pytest.mark.skipif(
    "DATABASE_URL" not in os.environ or cluster.programs() is None, reason="only where PostgreSQL is"
)
on_sqlite = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="only where SQLite is the database")


# ---------------------------------------------------------------------------------------------------- the disk


@contextmanager
def small_disk(at: Path, megabytes: int) -> Iterator[None]:
    """A disk of its own at a folder; skips where nobody may mount one."""
    at.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(at)]
    if os.getuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("no disk may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def fill(disk: Path, leave: int) -> None:
    """Leaves so many bytes of room, to the page."""
    left = shutil.disk_usage(disk).free - leave
    with (disk / "ballast").open("wb") as ballast:
        os.posix_fallocate(ballast.fileno(), 0, max(4096, left))


@pytest.mark.parametrize("command", ["receive", "send", "close"])
def test_a_full_disk_is_said_in_a_sentence_and_what_it_stopped_resumes(
    command: str, empty: Place, tmp_path: Path
) -> None:
    with (
        small_disk(tmp_path / "disk", 24),
        copied(empty, tmp_path / "disk" / "home") as place,
        Program(place) as program,
    ):
        words, now = _before(command, program, tmp_path / "files")
        refused = 0
        for leave in (0, 8_192, 65_536, 262_144):
            fill(tmp_path / "disk", leave)
            ran = program.aor(*words, now=now)
            if ran.code:
                refused += 1
                assert ran.code == 1, ran.err
                assert "Traceback" not in ran.err, ran.err
                told = ran.out.lower()
                assert "disk is full" in told or "no space left" in told, ran.out
            (tmp_path / "disk" / "ballast").unlink()
            there = place.home.glob("mailboxes/*/to-carrier/[!.]*")
            assert all(file.read_bytes().count(b"~ST*834*") == 40 for file in there)
        assert refused
        ran = program.aor(*words, now=now)
        assert ran.code == 0, ran.out
        _after(command, program, place)


def _before(command: str, program: Program, folder: Path) -> tuple[tuple[object, ...], datetime]:
    """All that comes before a command; the command, and when it runs."""
    town.found(program, folder, count=40, associated=True)
    if command == "receive":
        more = folder / "more.834"
        more.write_bytes(town.enrollments(range(100, 400), isa13=777))
        return ("receive", more), NOW
    if command == "send":
        return SEND, NOW
    assert program.aor(*SEND, now=NOW).code == 0
    return CLOSE, LATER


def _after(command: str, program: Program, place: Place) -> None:
    """Everything is there, once."""
    later = LATER + timedelta(hours=1)
    verified = program.aor("verify", now=later)
    assert verified.code == 0, verified.out
    if command == "receive":
        assert program.call("tests.anomalies.racing:enrolled") == 340
        return
    files = list(place.home.glob("mailboxes/*/to-carrier/*"))
    assert [file.read_bytes().count(b"~ST*834*") for file in files] == [40]
    if command == "close":
        closed = program.aor(*CLOSE, now=later).document
        assert (closed["state"], closed["sent"], closed["reported"], closed["reports"]) == ("closed", 40, 40, 4)


# ------------------------------------------------------------------------------------------------ the database


@on_sqlite
def test_another_writer_is_waited_for_and_one_that_does_not_end_is_told(place: Place, tmp_path: Path) -> None:
    with Program(place, TEST_BUSY_SECONDS="3") as program:
        town.found(program, tmp_path / "files", count=4, associated=True)
        for seconds, code in ((1, 0), (8, 1)):
            with _writing(place.home / "aor.sqlite3", seconds):
                ran = program.aor(*SEND, now=NOW)
            assert ran.code == code, ran.out
        assert ran.document["because"] == (
            "the database did not answer as it should: database is locked; what was committed stands, "
            "run the command again"
        )
        assert program.aor(*SEND, now=NOW).code == 0
        assert program.aor("verify", now=LATER).code == 0


@contextmanager
def _writing(database: Path, seconds: float) -> Iterator[None]:
    """Somebody holds the database's one write lock for so long."""
    held = threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(database, isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(seconds)
        connection.execute("ROLLBACK")
        connection.close()

    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(hold)
        held.wait()
        yield
        done.result()


def _cut_lines(url: str) -> None:
    """Ends every connection of the database but this one."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@on_postgres
@pytest.mark.parametrize("restarts", [False, True], ids=["connection lost", "server restarted"])
def test_a_database_that_goes_away_in_the_middle_is_told_and_what_it_stopped_resumes(
    restarts: bool, tmp_path: Path
) -> None:
    with cluster.started() as server:

        def fails() -> None:
            if restarts:
                server.stop()
                server.start()
            else:
                _cut_lines(server.url)

        with Program(Place(tmp_path / "home", server.url)) as program:
            town.found(program, tmp_path / "files", count=6, associated=True)
            for words, point, now in (
                (SEND, "send:stored", NOW),
                (SEND, "mailbox renamed", NOW),
                (CLOSE, "close:publish", LATER),
                (CLOSE, "close:render", LATER),
            ):
                ran = _failing_at(point, fails, program, words, now, tmp_path / point)
                assert ran.code == 1, (point, ran)
                assert "the database did not answer as it should" in ran.document["because"]
                if point in ("mailbox renamed", "close:render"):
                    assert program.aor(*words, now=now).code == 0
            _same_as_ever(program, 6)


def _failing_at(
    point: str, fails: Callable[[], None], program: Program, words: tuple[str, ...], now: datetime, folder: Path
) -> Ran:
    folder.mkdir()
    waits = {"point": point, "there": str(folder / "there"), "until": str(folder / "until")}
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(program.aor, *words, now=now, waits_at=waits)
        while not (folder / "there").exists():
            time.sleep(0.01)
        fails()
        (folder / "until").touch()
        return running.result()


def _same_as_ever(program: Program, sets: int) -> None:
    closed = program.aor(*CLOSE, now=LATER).document
    assert (closed["state"], closed["sent"], closed["reported"]) == ("closed", sets, sets)
    files = list(program.place.home.glob("mailboxes/*/to-carrier/*.834"))
    assert [file.read_bytes().count(b"~ST*834*") for file in files] == [sets]
    verified = program.aor("verify", now=LATER + timedelta(hours=1))
    assert verified.code == 0, verified.out


# --------------------------------------------------------------------------------------------------- the clock

MINNESOTA = ZoneInfo("America/Chicago")
NOON = timedelta(hours=12)
# Days with 23 hours, 25 hours, a leap day, and the last of a year.
DAYS = {
    "spring forward": datetime(2026, 3, 8, tzinfo=MINNESOTA),
    "fall back": datetime(2026, 11, 1, tzinfo=MINNESOTA),
    "leap day": datetime(2028, 2, 29, tzinfo=MINNESOTA),
    "year end": datetime(2026, 12, 31, tzinfo=MINNESOTA),
}


def _instants(day: datetime) -> dict[str, list[datetime]]:
    """Four instants of one Minnesota day, at which the same four commands run."""
    utc = ZoneInfo("UTC")
    first = day.astimezone(utc)
    last = (day + timedelta(days=1)).astimezone(utc) - timedelta(microseconds=1)
    noon = (day + NOON).astimezone(utc)
    hour = timedelta(hours=1)
    return {
        "noon": [noon] * 4,
        "the first instant": [first] * 4,
        "the last instant": [last] * 4,
        "the clock goes back an hour": [first + hour * n for n in (2, 1, 2, 1)],
    }


@pytest.mark.either_database
@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_the_hour_at_which_commands_run_changes_no_fact(day: datetime, empty: Place, tmp_path: Path) -> None:
    told = {}
    for name, instants in _instants(day).items():
        with copied(empty, tmp_path / name) as place, Program(place) as program:
            told[name] = _lived(program, day, instants, tmp_path / f"files {name}")
    for name, outcome in told.items():
        assert outcome["rows"], name
        assert not differences(told["noon"], outcome), name


def _lived(program: Program, day: datetime, instants: list[datetime], folder: Path) -> dict[str, object]:
    """The same town founded, told, sent and asked at four instants of one day; what stands a day later."""
    learned, received, sent, changed = instants
    town.found(
        program, folder, count=4, associated=True, at=(learned, received), start=first_of_next_month(day.date())
    )
    assert program.aor(*SEND, now=sent).code == 0
    other = [town.association(0, town.BROKERS[1], day.date().isoformat())]
    town.learn(program, folder, "associations", other, now=changed)
    later = (day + timedelta(days=1) + NOON).astimezone(ZoneInfo("UTC"))
    assert program.aor(*SEND, now=later).code == 0
    verified = program.aor("verify", now=later)
    assert verified.code == 0, verified.out
    rows = program.aor("record", now=later).document
    sets = [file.read_bytes().count(b"~ST*834*") for file in program.place.home.glob("mailboxes/*/to-carrier/*.834")]
    return {"rows": [{**row, "findings": len(row["findings"])} for row in rows], "sets": sorted(sets)}


def test_what_is_told_after_the_clock_went_back_is_what_was_told_last(place: Place, tmp_path: Path) -> None:
    with Program(place) as program:
        town.found(program, tmp_path / "files", count=2, associated=True)
        before = NOW - timedelta(hours=1)
        sent = []
        assert program.aor(*SEND, now=NOW).code == 0
        other = [town.association(0, town.BROKERS[1], "2026-01-21")]
        town.learn(program, tmp_path, "associations", other, now=before)
        for now in (before, before, NOW + timedelta(minutes=1), NOW + timedelta(hours=9)):
            ran = program.aor(*SEND, now=now)
            assert ran.code == 0, ran.out
            sent.append([one["sets"] for one in ran.document["interchanges"]])
        assert sent == [[1], [], [], []]
        rows = program.aor("record", now=LATER).document
        assert {row["npn"] for row in rows if row["state"] == "sent"} == {town.BROKERS[1]}
        verified = program.aor("verify", now=LATER)
        assert verified.code == 0, verified.out
