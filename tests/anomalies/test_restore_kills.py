"""Killed at every point of a backup and of a restore, and run again: it ends as an undisturbed one does.

A town of six is sent to its carrier; the copy was made before. Whoever works on the copy without knowing that it is
one sends all six again.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.anomalies import town
from tests.anomalies.market import differences
from tests.anomalies.program import Place, Program, Ran, copied
from tests.anomalies.town import NOW

SEND = ("send", "--carrier", town.CARRIER.hios)
RESTORED = NOW + timedelta(hours=2)
LATER = NOW + timedelta(days=11)
AFTER = "restore:ended"  # nothing is left to be done
ON_THE_WAY = (
    "restore:begun", "restore:moved", "restore:placed", "restore:loading", "restore:loaded", "restore:marked",
    "restore:taken back", "restore:reconciled",
)  # fmt: skip


@pytest.fixture(scope="module")
def sent(empty: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Path]]:
    """A town whose six enrollments were sent, and its backup of an hour before."""
    folder = tmp_path_factory.mktemp("sent")
    with copied(empty, folder / "home") as place:
        with Program(place) as program:
            town.found(program, folder / "files", count=6, associated=True)
            done(program.aor("backup", folder / "copy.tar", now=NOW - timedelta(hours=1)))
            assert len(done(program.aor(*SEND, now=NOW))["interchanges"]) == 1
        yield place, folder / "copy.tar"


@contextmanager
def elsewhere(empty: Place, sent: Place, home: Path) -> Iterator[Program]:
    """A new place that has nothing but the mailboxes."""
    with copied(empty, home) as place:
        if place.url:
            with psycopg.connect(place.url, autocommit=True) as database:
                database.execute("DROP SCHEMA public CASCADE")
                database.execute("CREATE SCHEMA public")
        for file in home.glob("aor.sqlite3*"):
            file.unlink()
        for folder in ("documents", "keys", "heads"):
            shutil.rmtree(home / folder, ignore_errors=True)
        shutil.rmtree(home / "mailboxes", ignore_errors=True)
        shutil.copytree(sent.home / "mailboxes", home / "mailboxes")
        with Program(place) as program:
            yield program


@contextmanager
def in_its_place(sent: Place, home: Path) -> Iterator[Program]:
    """The town as it is, to be replaced by the copy."""
    with copied(sent, home) as place, Program(place) as program:
        yield program


def done(ran: Ran) -> Any:
    assert ran.code == 0, ran.out + ran.err
    return ran.document


def killed(program: Program, *words: object, point: str) -> None:
    ran = program.aor(*words, now=RESTORED, fault=point)
    assert ran.killed, (point, ran.out + ran.err)
    program.place.wait_for_the_dead()


def outcome(program: Program) -> dict[str, Any]:
    """What stands when it was sent again and the month is closed."""
    home = program.place.home
    again = done(program.aor(*SEND, now=RESTORED + timedelta(hours=1)))
    closed = done(program.aor("close", "2026-01", now=LATER))
    done(program.aor("verify", now=LATER + timedelta(hours=1)))
    stands = program.call("tests.anomalies.standing:standing")
    del stands["enrollments"], stands["workbooks"], stands["cuts"]
    files = {file.name: file.read_bytes() for file in home.glob("mailboxes/*/to-carrier/*")}
    left = [file.name for file in home.glob(".*")]
    return {**stands, "again": again["interchanges"], "closed": closed, "files": files, "left": left}


@pytest.fixture(scope="module")
def undisturbed(
    empty: Place, sent: tuple[Place, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """How a restore ends that nobody disturbs: elsewhere, and in the place of what is there."""
    folder, (place, copy) = tmp_path_factory.mktemp("undisturbed"), sent
    ended = {}
    with elsewhere(empty, place, folder / "elsewhere") as program:
        taken = done(program.aor("restore", copy, now=RESTORED))["taken_back"]
        ended["elsewhere"] = outcome(program)
    with in_its_place(place, folder / "replaced") as program:
        assert done(program.aor("restore", copy, "--replace", now=RESTORED))["taken_back"] == taken
        ended["in its place"] = outcome(program)
    assert len(taken) == 1
    for each in ended.values():
        assert (each["again"], len(each["files"]), each["left"]) == ([], 1, [])
    return ended


@pytest.mark.parametrize(
    ("point", "where"),
    [
        *((point, "in its place") for point in (*ON_THE_WAY, AFTER)),
        *((point, "elsewhere") for point in ("restore:placed", "restore:loaded", "restore:taken back")),
    ],
)
def test_restore_killed_lets_nobody_work_until_it_was_run_again(
    point: str,
    where: str,
    empty: Place,
    sent: tuple[Place, Path],
    undisturbed: dict[str, dict[str, Any]],
    tmp_path: Path,
) -> None:
    place, copy = sent
    new = (
        elsewhere(empty, place, tmp_path / "home") if where == "elsewhere" else in_its_place(place, tmp_path / "home")
    )
    with new as program:
        words = ("restore", copy) if where == "elsewhere" else ("restore", copy, "--replace")
        killed(program, *words, point=point)
        if point != AFTER:
            refuses(program, tmp_path)
            done(program.aor("restore", copy, now=RESTORED))
        found = outcome(program)
        if where == "in its place":  # what was there before is kept, whatever died on the way
            aside = program.place.home / f"replaced-{RESTORED:%Y%m%dT%H%M%S%f}"
            for folder in ("documents", "keys"):
                assert _names(aside / folder) == _names(place.home / folder)
            assert place.url or (aside / "aor.sqlite3").is_file()
    if point == AFTER:  # its folder is left to the next restore
        found["left"] = []
    assert not differences(undisturbed[where], found)


def _names(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def refuses(program: Program, folder: Path) -> None:
    """Every command says that a restore did not end, and does nothing."""
    lists = sorted(program.place.home.glob("mailboxes/*/*/*"))
    for words in (
        SEND, ("resend", "--isa13", "1"), ("close", "2026-01"), ("work", "--once"), ("backup", folder / "half.tar"),
    ):  # fmt: skip
        ran = program.aor(*words, now=RESTORED + timedelta(minutes=1))
        assert ran.code == 1, (words, ran.out + ran.err)
        assert "did not end" in ran.document["because"], (words, ran.out)
    assert sorted(program.place.home.glob("mailboxes/*/*/*")) == lists
    assert not (folder / "half.tar").exists()


@pytest.mark.parametrize("point", ["backup:copied", "backup:written", "backup:named"])
def test_backup_killed_is_whole_or_not_there_and_leaves_no_copy_lying(
    point: str, empty: Place, sent: tuple[Place, Path], undisturbed: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "safe").mkdir()
    copy = tmp_path / "safe" / "copy.tar"
    with copied(empty, tmp_path / "home") as place, Program(place) as program:
        town.found(program, tmp_path / "files", count=6, associated=True)
        killed(program, "backup", copy, point=point)
        assert copy.exists() == (point == "backup:named")
        if not copy.exists():
            done(program.aor("backup", copy, now=RESTORED))
        done(program.aor("backup", tmp_path / "safe" / "other.tar", now=RESTORED))
        assert sorted(file.name for file in copy.parent.iterdir()) == ["copy.tar", "other.tar"]
    with elsewhere(empty, sent[0], tmp_path / "elsewhere") as program:
        done(program.aor("restore", copy, now=RESTORED))
        assert not differences(undisturbed["elsewhere"], outcome(program))
