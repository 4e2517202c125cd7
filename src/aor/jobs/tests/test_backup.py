"""The drill: a backup under load, everything lost, restored elsewhere, verified; nothing goes to a carrier twice."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from aor.acts.tests.files import GOOD, csv_of, row
from aor.jobs import archive, copies
from aor.jobs.archive import MANIFEST, NotABackup
from aor.jobs.tests.programs import aor, started

SERVER = os.environ.get("DATABASE_URL", "")
AFTER = "2025-12-03T20:00:00-06:00"  # the demo's months are over
LATER = "2025-12-10T20:00:00-06:00"
STILL_LATER = "2025-12-12T20:00:00-06:00"

type NewDatabase = Callable[[], str]


@pytest.fixture(scope="module")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """The address of another empty database: "" is SQLite in the home, else one of PostgreSQL's."""
    made: list[str] = []

    def create() -> str:
        if not SERVER:
            return ""
        name = f"drill_{os.getpid()}_{len(made)}"
        with closing(psycopg.connect(SERVER, autocommit=True)) as server:
            server.execute(f"CREATE DATABASE {name}")
        made.append(name)
        return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))

    yield create
    for name in made:
        with closing(psycopg.connect(SERVER, autocommit=True)) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> tuple[Path, str]:
    """A marketplace that lived three months, open enrollment among them: its home and its database."""
    home, database = tmp_path_factory.mktemp("market") / "home", new_database()
    answer = aor(home, "demo", "--households", 120, "--brokers", 20, "--months", 3, "--no-serve", database=database)
    assert answer["totals"]["months_closed"] == 3
    return home, database


def rows(home: Path, database: str) -> list[dict[str, Any]]:
    found = aor(home, "record", "--now", STILL_LATER, database=database)
    assert isinstance(found, list)
    return found


def another_broker(home: Path, database: str, folder: Path, day: str) -> None:
    """A household takes another broker of its carrier, so that something is ready to be sent."""
    told = [one for one in rows(home, database) if one["state"] in ("sent", "accepted")]
    lasting = (one for one in told if one["effective_until"] > "2026-02")
    one, other = next(
        (one, other)
        for one in lasting
        for other in told
        if other["hios_issuer_id"] == one["hios_issuer_id"] and other["npn"] != one["npn"]
    )
    path = folder / f"associations-{day}.csv"
    association = row(
        "associations", exchange_subscriber_id=one["exchange_subscriber_id"], npn=other["npn"], confirmed_at=day,
        scope="all",
    )  # fmt: skip
    path.write_text(csv_of([association]), encoding="utf-8")
    assert aor(home, "import", "associations", path, "--now", f"{day}T21:00:00", database=database)["changed"]


def test_a_backup_under_load_is_of_one_moment_and_is_restored_whole(
    market: tuple[Path, str], new_database: NewDatabase, tmp_path: Path
) -> None:
    home, database = market
    before = rows(home, database)
    busy = []
    for number in range(4):
        path = tmp_path / f"brokers-{number}.csv"
        many = [row("brokers", npn=str(5_000_000 + number * 1_000 + one)) for one in range(1_000)]
        path.write_text(csv_of(many), encoding="utf-8")
        busy.append(started(home, "import", "brokers", path, "--now", AFTER, database=database))
    copies = [aor(home, "backup", tmp_path / f"{n}.tar", database=database) for n in range(2)]
    for process in busy:
        process.communicate()
        assert process.returncode == 0
    assert copies[0]["missing"] == []
    assert (tmp_path / "0.tar").stat().st_mode & 0o777 == 0o600
    for number in range(2):
        elsewhere, empty = tmp_path / f"elsewhere-{number}", new_database()
        shutil.copytree(home / "mailboxes", elsewhere / "mailboxes")
        answer = aor(elsewhere, "restore", tmp_path / f"{number}.tar", "--now", AFTER, database=empty)
        assert answer["ok"], answer["wrong"]
        assert answer["reconciled"]
        assert answer["taken_back"] == []
        assert rows(elsewhere, empty) == before
        assert aor(elsewhere, "verify", database=empty)["ok"]


def test_what_went_after_the_copy_is_taken_back_and_nothing_goes_twice(
    market: tuple[Path, str], new_database: NewDatabase, tmp_path: Path
) -> None:
    home, database = market
    another_broker(home, database, tmp_path, "2025-12-04")
    waits = aor(home, "send", "--now", LATER, "--dry-run", database=database)["would_send"]
    aor(home, "backup", tmp_path / "copy.tar.gz", database=database)
    sent = aor(home, "send", "--now", LATER, database=database)["interchanges"]
    assert sent
    assert sum(waits.values()) == sum(one["sets"] for one in sent)
    elsewhere, empty = tmp_path / "elsewhere", new_database()
    shutil.copytree(home / "mailboxes", elsewhere / "mailboxes")
    answer = aor(elsewhere, "restore", tmp_path / "copy.tar.gz", "--now", LATER, database=empty)
    assert sorted(answer["taken_back"]) == sorted(one["file"] for one in sent)
    assert answer["ok"], answer["wrong"]
    assert aor(elsewhere, "send", "--now", LATER, database=empty)["interchanges"] == []
    assert rows(elsewhere, empty) == rows(home, database)


def test_nothing_is_sent_while_a_mailbox_cannot_be_read_and_numbers_never_repeat(
    market: tuple[Path, str], new_database: NewDatabase, tmp_path: Path
) -> None:
    home, database = market
    elsewhere, empty = tmp_path / "elsewhere", new_database()
    another_broker(home, database, tmp_path, "2025-12-11")
    aor(home, "backup", tmp_path / "copy.tar", database=database)
    shutil.copytree(home / "mailboxes", elsewhere / "mailboxes")
    carrier = next((elsewhere / "mailboxes").iterdir())
    boxes = carrier.rename(tmp_path / "box")
    carrier.write_text("a file where the folder was")
    answer = aor(elsewhere, "restore", tmp_path / "copy.tar", "--now", LATER, code=1, database=empty)
    assert not answer["reconciled"]
    refused = aor(elsewhere, "send", "--now", STILL_LATER, code=1, database=empty)
    assert refused["interchanges"] == []
    assert "until every mailbox was read" in refused["findings"][0]
    carrier.unlink()
    boxes.rename(carrier)
    used = {name.split(".")[4] for name in _names(elsewhere)}
    sent = aor(elsewhere, "send", "--now", STILL_LATER, database=empty)["interchanges"]
    assert sent
    assert not used & {f"{int(one['isa13']):09d}" for one in sent}
    assert all(int(one["isa13"]) > max(map(int, used)) + 900 for one in sent)


def _names(home: Path) -> Iterator[str]:
    for path in (home / "mailboxes").rglob("AOR.*.834"):
        yield path.name


def test_what_is_not_empty_is_replaced_only_when_asked_and_kept_aside(
    market: tuple[Path, str], tmp_path: Path, new_database: NewDatabase
) -> None:
    home, database = market
    aor(home, "backup", tmp_path / "copy.tar", database=database)
    other, other_database = tmp_path / "other", new_database()
    path = tmp_path / "brokers.csv"
    path.write_text(csv_of(GOOD["brokers"]), encoding="utf-8")
    aor(other, "import", "brokers", path, database=other_database)
    refused = aor(other, "restore", tmp_path / "copy.tar", code=1, database=other_database)
    assert "--replace" in refused["because"]
    shutil.copytree(home / "mailboxes", other / "mailboxes", dirs_exist_ok=True)
    restore = ("restore", tmp_path / "copy.tar", "--replace", "--now", AFTER)
    assert aor(other, *restore, database=other_database)["ok"]
    assert rows(other, other_database) == rows(home, database)
    (aside,) = other.glob("replaced-*")
    assert (aside / "keys").is_dir()
    assert SERVER or (aside / "aor.sqlite3").is_file()
    assert not list(other.glob(".aor-restore-*"))


def test_a_copy_of_an_earlier_version_is_migrated(
    copy: Path, market: tuple[Path, str], tmp_path: Path, new_database: NewDatabase
) -> None:
    older, database = tmp_path / "older", new_database()
    shutil.copytree(market[0] / "mailboxes", older / "mailboxes")
    aor(older, "restore", copy, "--now", AFTER, database=database)
    back = started(older, "migrate", "associations", "0003_lock", database=database)
    assert "0004" in back.communicate()[0]
    aor(older, "backup", tmp_path / "older.tar", database=database)
    assert any(
        line["what"] == "migrations" and line["state"] == "warn"
        for line in aor(older, "doctor", database=database)["lines"]
    )
    newer, database = tmp_path / "newer", new_database()
    shutil.copytree(market[0] / "mailboxes", newer / "mailboxes")
    assert aor(newer, "restore", tmp_path / "older.tar", "--now", AFTER, database=database)["ok"]


def test_where_nothing_was_made_there_is_nothing_to_back_up(tmp_path: Path, new_database: NewDatabase) -> None:
    answer = aor(tmp_path / "home", "backup", tmp_path / "copy.tar", code=1, database=new_database())
    assert "nothing to back up" in answer["because"]
    assert not (tmp_path / "copy.tar").exists()


def test_a_backup_is_never_overwritten_and_one_that_is_not_whole_says_so(
    market: tuple[Path, str], tmp_path: Path
) -> None:
    home, database = market
    copy = tmp_path / "copy.tar"
    copy.write_text("an older one")
    assert "never overwrites" in aor(home, "backup", copy, code=1, database=database)["because"]
    lame = tmp_path / "lame"
    if not SERVER:  # the copy of a home is a marketplace of its own there
        shutil.copytree(home, lame)
        next(path for path in (lame / "documents").rglob("*") if path.is_file()).unlink()
        answer = aor(lame, "backup", tmp_path / "lame.tar", code=1)
        assert "is missing" in answer["missing"][0]
        assert (tmp_path / "lame.tar").is_file()


@pytest.fixture(scope="module")
def copy(market: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    home, database = market
    path = tmp_path_factory.mktemp("copy") / "copy.tar"
    aor(home, "backup", path, database=database)
    return path


def _edited(copy: Path, target: Path, edit: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """The backup with every member as `edit` gives it; None leaves one out."""
    with tarfile.open(copy) as source, tarfile.open(target, "w") as changed:
        for info in source:
            file = source.extractfile(info)
            assert file is not None
            if member := edit(info.name, file.read()):
                kept = tarfile.TarInfo(member[0])
                kept.size = len(member[1])
                changed.addfile(kept, io.BytesIO(member[1]))
    return target


def _manifest(**changes: object) -> Callable[[str, bytes], tuple[str, bytes]]:
    def edit(name: str, content: bytes) -> tuple[str, bytes]:
        if name != MANIFEST:
            return name, content
        return name, json.dumps(json.loads(content) | changes).encode()

    return edit


BAD: dict[str, tuple[Callable[[str, bytes], tuple[str, bytes] | None], str]] = {
    "a changed document": (lambda n, c: (n, c[:-1] + b"x") if n.startswith("documents/") else (n, c), "is damaged"),
    "a missing key": (lambda n, c: None if n.startswith("keys/") else (n, c), "is cut short"),
    "a path that leaves": (lambda n, c: ("../" + n if n.startswith("keys/") else n, c), "does not name"),
    "no manifest": (lambda n, c: None if n == MANIFEST else (n, c), "does not begin with a manifest"),
    "a format to come": (_manifest(format=99), "format 99"),
    "a later version": (_manifest(migrations=[["record", "9999_later"]]), "a later version made the backup"),
    "another database": (_manifest(database="oracle"), "the backup is of oracle"),
    "a manifest that is none": (lambda n, c: (n, b"{" if n == MANIFEST else c), "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_backup_is_refused_with_a_sentence(name: str, copy: Path, tmp_path: Path) -> None:
    edit, words = BAD[name]
    bad = _edited(copy, tmp_path / "bad.tar", edit)
    with pytest.raises(NotABackup, match=words):
        copies.refuse_foreign(archive.unpack(bad, tmp_path / "unpacked"))
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("size", [0, 100, 5_000, 50_000, -1, -2_000])
def test_a_backup_that_was_cut_is_refused(size: int, copy: Path, tmp_path: Path) -> None:
    content = copy.read_bytes()
    end = content.rstrip(b"\0")  # a tar ends in blocks of nothing
    (tmp_path / "cut.tar").write_bytes(end[:size])
    with pytest.raises(NotABackup):
        archive.unpack(tmp_path / "cut.tar", tmp_path / "unpacked")


def test_a_refused_restore_changes_nothing(tmp_path: Path, new_database: NewDatabase) -> None:
    home, database = tmp_path / "home", new_database()
    (tmp_path / "text.tar").write_text("no tar")
    answer = aor(home, "restore", tmp_path / "text.tar", code=1, database=database)
    assert answer["because"] == "text.tar cannot be read as a backup: file could not be opened successfully"
    assert not [path for path in home.rglob("*") if path.is_file() and path.parent.name != "locks"]
    assert "there is no file" in aor(home, "restore", tmp_path / "none.tar", code=2, database=database)["because"]
