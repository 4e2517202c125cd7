"""Encrypted files give back what was written, whatever its size; a changed, moved or missing byte is told."""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from aor.engine import store, vault

OLD, NEW = vault.parsed(f"{'a1' * 32}, {'B2' * 32}")
SIZES = st.integers(0, 3 * vault.CHUNK + 2)
EACH = hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
REKEYS = """
import sys
from pathlib import Path
from django.conf import settings
from aor.engine import vault
settings.configure(AOR_HOME=Path(sys.argv[1]), AOR_DOCUMENT_KEYS=vault.parsed(sys.argv[2]))
from aor.engine import store
for path in store.stored():
    store.encrypt_again(path)
"""


@pytest.fixture(autouse=True)
def _keyed(settings: Settings) -> None:
    settings.AOR_DOCUMENT_KEYS = (OLD,)


def encrypted(path: Path, content: bytes, key: vault.Key | None = OLD) -> Path:
    with vault.written(path, key=key) as file:
        file.write(content)
    return path


def read(path: Path) -> bytes:
    with vault.opened(path) as file:
        return file.read()


@EACH
@given(size=SIZES, pieces=st.integers(1, 5), at=SIZES)
@example(size=vault.CHUNK, pieces=1, at=vault.CHUNK)
@example(size=2 * vault.CHUNK, pieces=2, at=vault.CHUNK - 1)
@example(size=0, pieces=1, at=0)
def test_any_size_is_read_back_whole_and_from_anywhere(tmp_path: Path, size: int, pieces: int, at: int) -> None:
    content = os.urandom(size)
    with vault.written(tmp_path / "file", key=OLD) as file:
        for start in range(0, size, max(1, size // pieces)):
            file.write(content[start : start + max(1, size // pieces)])
    assert read(tmp_path / "file") == content
    assert vault.size_of(tmp_path / "file") == size
    with vault.opened(tmp_path / "file") as file:
        file.seek(at)
        assert file.read(100) == content[at : at + 100]
        assert file.seek(0, os.SEEK_END) == size
    assert size < 32 or content[:32] not in (tmp_path / "file").read_bytes()


@EACH
@given(size=st.sampled_from([0, 5, vault.CHUNK, vault.CHUNK + 1]), data=st.data())
def test_any_changed_byte_is_told_and_none_of_a_wrong_chunk_is_given(
    tmp_path: Path, size: int, data: st.DataObject
) -> None:
    path = encrypted(tmp_path / "file", bytes(size))
    raw = bytearray(path.read_bytes())
    at = data.draw(st.integers(len(vault.MAGIC), len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(raw)
    with pytest.raises(vault.Unreadable, match=r"is damaged|encrypted under the key"):
        read(path)


@pytest.mark.parametrize("cut", [vault.CHUNK + vault.TAG, 1, vault.TAG, 2 * (vault.CHUNK + vault.TAG)])
def test_a_file_that_was_cut_off_is_told_even_between_two_chunks(tmp_path: Path, cut: int) -> None:
    path = encrypted(tmp_path / "file", os.urandom(3 * vault.CHUNK))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(vault.Unreadable, match="cut off"):
        read(path)


def test_two_chunks_cannot_change_places_nor_come_from_another_file(tmp_path: Path) -> None:
    size = vault.CHUNK + vault.TAG
    one, other = (encrypted(tmp_path / name, os.urandom(3 * vault.CHUNK)).read_bytes() for name in "ab")
    head, body = one[: vault.HEADER], one[vault.HEADER :]
    for moved in (body[size : 2 * size] + body[:size] + body[2 * size :], other[vault.HEADER :]):
        (tmp_path / "c").write_bytes(head + moved)
        with pytest.raises(vault.Unreadable, match="is damaged"):
            read(tmp_path / "c")


def test_the_same_content_is_never_encrypted_to_the_same_bytes(tmp_path: Path) -> None:
    first, second = (encrypted(tmp_path / name, b"the same").read_bytes() for name in "ab")
    assert first[vault.HEADER :] != second[vault.HEADER :]


def test_large_files_are_written_and_read_in_little_memory(tmp_path: Path) -> None:
    piece = bytes(1 << 20)
    tracemalloc.start()
    with vault.written(tmp_path / "file", key=OLD) as file:
        for _ in range(64):
            file.write(piece)
    with vault.opened(tmp_path / "file") as clear:
        found = hashlib.file_digest(clear, "sha256").hexdigest()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == hashlib.sha256(piece * 64).hexdigest()
    assert peak < 8 << 20


@pytest.mark.parametrize("size", [0, 40, vault.CHUNK * 2 + 1])
def test_what_is_kept_in_clear_may_begin_as_an_encrypted_file_does(home: Path, settings: Settings, size: int) -> None:
    """Else whoever uploads it could leave a document that nobody can read."""
    settings.AOR_DOCUMENT_KEYS = ()
    content = vault.MAGIC + bytes(size)
    pieces = [content[:3], content[3:]]
    document = store.put(pieces)
    path = store.path_of(document.sha256)
    assert (vault.key_name(path), vault.size_of(path)) == (None, len(content))
    assert store.put(content) == document
    assert store.verify(document.sha256) == ""
    settings.AOR_DOCUMENT_KEYS = (OLD,)
    assert store.verify(document.sha256) == ""
    assert store.encrypt_again(path)
    assert vault.key_name(path) == OLD.name
    with store.open_document(document.sha256) as file:
        assert file.read() == content


def test_a_document_is_named_by_its_clear_bytes_and_stored_once(home: Path) -> None:
    document = store.put(b"private words")
    path = store.path_of(document.sha256)
    assert document.sha256 == hashlib.sha256(b"private words").hexdigest()
    assert b"private words" not in path.read_bytes()
    before = path.stat().st_ino
    assert store.put(b"private words") == document
    assert path.stat().st_ino == before
    assert store.verify(document.sha256) == ""
    path.write_bytes(path.read_bytes()[:-1])
    assert "damaged" in store.verify(document.sha256)


def test_each_key_decrypts_the_first_encrypts_and_a_wrong_one_is_a_sentence(home: Path, settings: Settings) -> None:
    settings.AOR_DOCUMENT_KEYS = ()
    clear = store.put(b"in clear").sha256
    settings.AOR_DOCUMENT_KEYS = (OLD,)
    old = store.put(b"under the old key").sha256
    settings.AOR_DOCUMENT_KEYS = (NEW, OLD)
    new = store.put(b"under the new key").sha256
    assert [store.verify(one) for one in (clear, old, new)] == ["", "", ""]
    assert vault.key_name(store.path_of(new)) == NEW.name
    settings.AOR_DOCUMENT_KEYS = (NEW,)
    assert f"is encrypted under the key {OLD.name.hex()}; AOR_DOCUMENT_KEYS holds other keys" in store.verify(old)
    settings.AOR_DOCUMENT_KEYS = ()
    assert "AOR_DOCUMENT_KEYS is not set" in store.verify(new)
    assert store.verify(clear) == ""


@pytest.mark.parametrize("fault", ["rekey:written", "rekey:named"])
def test_killed_while_encrypting_anew_every_document_is_whole_and_the_next_run_ends_it(
    home: Path, settings: Settings, fault: str
) -> None:
    names = [store.put(f"document {number}".encode()).sha256 for number in range(4)]
    keys = f"{NEW.secret.hex()} {OLD.secret.hex()}"
    again = [sys.executable, "-c", REKEYS, str(home), keys]
    assert subprocess.run(again, env={**os.environ, "AOR_FAULT": f"{fault}:2"}).returncode == -9
    settings.AOR_DOCUMENT_KEYS = (NEW, OLD)
    assert [store.verify(name) for name in names] == [""] * 4
    under_new = [vault.key_name(store.path_of(name)) == NEW.name for name in names]
    assert sum(under_new) == (1 if fault == "rekey:written" else 2)
    assert subprocess.run(again).returncode == 0
    settings.AOR_DOCUMENT_KEYS = (NEW,)
    assert [store.verify(name) for name in names] == [""] * 4


def test_a_damaged_document_is_not_put_under_a_new_key(home: Path, settings: Settings) -> None:
    settings.AOR_DOCUMENT_KEYS = ()
    path = store.path_of(store.put(b"content").sha256)
    path.write_bytes(b"CONTENT")
    settings.AOR_DOCUMENT_KEYS = (NEW,)
    with pytest.raises(store.Damaged):
        store.encrypt_again(path)
    assert path.read_bytes() == b"CONTENT"


def test_keys_tell_nothing_of_themselves() -> None:
    secret = secrets.token_hex(32)
    (key,) = vault.parsed(secret)
    assert secret not in repr(key)
    assert bytes.fromhex(secret)[:8] != key.name
    with pytest.raises(ImproperlyConfigured, match="key 2 of AOR_DOCUMENT_KEYS") as wrong:
        vault.parsed(f"{secret} {secret[:-2]}")
    assert secret[:8] not in str(wrong.value)
