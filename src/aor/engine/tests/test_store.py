"""Documents are named by their content, written once, and there when `put` returns."""

from __future__ import annotations

import errno
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aor.engine import store

DIES = """
import sys
from pathlib import Path
from django.conf import settings
settings.configure(AOR_HOME=Path(sys.argv[1]))
from aor.engine import store
store.put([b"half ", b"whole"])
"""


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.binary(max_size=200), max_size=5))
def test_what_is_put_is_read_back_under_its_hash(home: Path, chunks: list[bytes]) -> None:
    content = b"".join(chunks)
    document = store.put(chunks)
    assert document == store.Document(hashlib.sha256(content).hexdigest(), len(content)) == store.put(content)
    with store.open_document(document.sha256) as file:
        assert file.read() == content
    assert store.exists(document.sha256)
    assert store.verify(document.sha256) == ""


def test_a_document_is_never_written_again(home: Path) -> None:
    path = store.path_of(store.put(b"once").sha256)
    before = path.stat()
    store.put(b"once")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert [file.name for file in home.rglob("*") if file.is_file()] == [path.name]


def test_documents_can_be_read_by_their_owner_alone(home: Path) -> None:
    path = store.path_of(store.put(b"private").sha256)
    assert path.stat().st_mode & 0o077 == 0
    assert (home / "documents").stat().st_mode & 0o077 == 0


def test_damage_and_loss_are_told_apart(home: Path) -> None:
    document = store.put(b"content")
    path = store.path_of(document.sha256)
    path.write_bytes(b"CONTENT")
    assert "damaged" in store.verify(document.sha256)
    path.write_bytes(b"cut")
    with pytest.raises(store.Damaged):
        store.put(b"content")
    assert path.read_bytes() == b"cut"
    path.unlink()
    assert "missing" in store.verify(document.sha256)
    assert not store.exists(document.sha256)


def test_a_name_cannot_leave_the_folder(home: Path) -> None:
    for name in ("../../etc/passwd", "A" * 64, "", "0" * 63 + "\n", "0" * 64 + "\n"):
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            store.exists(name)


def test_what_fails_on_the_way_leaves_nothing(home: Path) -> None:
    def attempt() -> None:
        with store.writing() as writer:
            writer.write(b"half")
            raise RuntimeError("the source failed")

    with pytest.raises(RuntimeError):
        attempt()
    assert not [file for file in home.rglob("*") if file.is_file()]


@pytest.mark.parametrize("act", [store.put_all, store.set_aside])
def test_what_cannot_be_written_leaves_no_file(
    home: Path, monkeypatch: pytest.MonkeyPatch, act: Callable[[list[bytes]], object]
) -> None:
    def full(_: object, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(store.Writer, "write", full)
    with pytest.raises(OSError, match="no space left"):
        act([b"one", b"two"])
    assert not [file for file in home.rglob("*") if file.is_file()]


def test_what_is_set_aside_is_no_document_until_it_is_kept(home: Path) -> None:
    contents = [b"one", b"two", b"one"]
    asides = store.set_aside(contents)
    assert not list(store.stored())
    assert store.keep(asides) == store.put_all(contents) == [store.put(content) for content in contents]
    assert len(list(store.stored())) == 2
    store.set_aside([b"three"])
    store.clear_asides()
    assert len([file for file in home.rglob("*") if file.is_file()]) == 2


@pytest.mark.parametrize("fault", ["document written", "document named"])
def test_a_process_killed_on_the_way_leaves_a_whole_document_or_none(home: Path, fault: str) -> None:
    run = subprocess.run([sys.executable, "-c", DIES, str(home)], env={**os.environ, "AOR_FAULT": fault})
    assert run.returncode == -9
    digest = hashlib.sha256(b"half whole").hexdigest()
    assert store.exists(digest) == (fault == "document named")
    assert store.put(b"half whole").sha256 == digest
    assert store.verify(digest) == ""


def test_what_a_killed_process_left_is_cleared_a_day_later(home: Path) -> None:
    subprocess.run([sys.executable, "-c", DIES, str(home)], env={**os.environ, "AOR_FAULT": "document written"})
    [left] = [path for path in home.rglob("*") if path.is_file()]
    kept = store.put(b"a document").sha256
    assert store.clear_left_behind() == 0
    assert left.exists()
    for path in (left, store.path_of(kept)):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 86_500))
    assert store.clear_left_behind() == 1
    assert [path.name for path in home.rglob("*") if path.is_file()] == [kept]
