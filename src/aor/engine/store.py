"""Documents named by the SHA-256 of their content, written once, never overwritten.

`AOR_HOME/documents/ab/cd/abcd…`. A document is on the disk, with its name, when `put` returns: so a row that
is committed afterwards never names what is not there. It is encrypted where a key is set; its name is the hash of
its clear bytes all the same, and what was stored in clear before is read as it is.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from io import BufferedReader
from pathlib import Path

from django.conf import settings

from aor.engine import faults, vault

INCOMING, ASIDE = ".incoming-", ".aside-"
A_DAY = timedelta(days=1)
AT_ONCE = 8
NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Document:
    """`sha256` in 64 hexadecimal digits; `size` in bytes."""

    sha256: str
    size: int


class Damaged(Exception):
    """A stored document is not what its name says."""


class NotThere(FileNotFoundError):
    """A document that was disposed of, or lost: `verify` tells which."""


class Writer:
    """Takes a document's bytes as they come; `document` is known when the `writing` block has ended."""

    def __init__(self, file: vault.Writer) -> None:
        self._file, self._hash, self._size = file, hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        self._hash.update(content)
        self._size += len(content)
        return self._file.write(content)

    @property
    def document(self) -> Document:
        return Document(self._hash.hexdigest(), self._size)


def put(content: bytes | Iterable[bytes]) -> Document:
    """Stores bytes, or chunks of them; storing the same content again changes nothing."""
    with writing() as writer:
        for chunk in (content,) if isinstance(content, bytes) else content:
            writer.write(chunk)
    return writer.document


@dataclass(frozen=True, slots=True)
class Aside:
    """Bytes on the disk that are no document yet: `keep` makes them one, `clear_asides` takes them away."""

    path: Path
    document: Document


def put_all(contents: Iterable[bytes]) -> list[Document]:
    """Stores many, in their order."""
    return _several(put, contents)


def set_aside(contents: Iterable[bytes]) -> list[Aside]:
    """Writes many that may become documents, in their order."""
    return _several(_aside, contents)


def keep(asides: Iterable[Aside]) -> list[Document]:
    """Makes documents of what was set aside."""
    return _several(_kept, asides)


def clear_asides() -> None:
    """Takes away all that was set aside and not kept. Only for who alone sets aside, by a lock of theirs."""
    for path in _root().glob(f"{ASIDE}*"):
        path.unlink(missing_ok=True)


def clear_left_behind() -> int:
    """Takes away what killed processes left half-written a day ago or more, by the disk's own clock; how many."""
    with tempfile.NamedTemporaryFile(prefix=INCOMING, dir=_root()) as fresh:
        latest = os.fstat(fresh.fileno()).st_mtime
        found = [Path(entry.path) for entry in os.scandir(_root()) if entry.name.startswith(INCOMING)]
        old = [path for path in found if latest - _written_at(path, latest) > A_DAY.total_seconds()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _written_at(path: Path, otherwise: float) -> float:
    """Another process may have made a document of it meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return otherwise


def _several[T, R](act: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """A disk with a journal makes several safe at once, so several wait for it."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(act, items))


def _aside(content: bytes) -> Aside:
    with _begun(ASIDE) as (path, writer):
        writer.write(content)
    return Aside(path, writer.document)


def _kept(aside: Aside) -> Document:
    try:
        _keep(aside.path, _root(), aside.document)
    finally:
        aside.path.unlink(missing_ok=True)
    return aside.document


@contextmanager
def writing() -> Iterator[Writer]:
    """A document written piece by piece; stored at the end of the block, not at all if the block raises."""
    with _begun(INCOMING) as (path, writer):
        yield writer
    _kept(Aside(path, writer.document))


@contextmanager
def _begun(prefix: str) -> Iterator[tuple[Path, Writer]]:
    """A file that is no document yet: on the disk at the end of the block, gone if the block raises."""
    descriptor, temporary = tempfile.mkstemp(prefix=prefix, dir=_root())
    os.close(descriptor)
    path = Path(temporary)
    with ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        with vault.written(path, key=vault.in_use()) as file:
            yield path, Writer(file)
        faults.reached("document written")
        undo.pop_all()


def open_document(sha256: str) -> BufferedReader:
    """The stored document, for reading. Raises NotThere; vault.Unreadable."""
    try:
        return vault.opened(path_of(sha256))
    except FileNotFoundError:
        raise NotThere(f"document {sha256} is missing") from None


def exists(sha256: str) -> bool:
    return path_of(sha256).is_file()


def verify(sha256: str) -> str:
    """What is wrong with a document, in words; empty when its content is what its name says."""
    try:
        with open_document(sha256) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return f"document {sha256} is missing"
    except vault.Unreadable as because:
        return f"document {because}"
    return "" if found == sha256 else f"document {sha256} is damaged: its content has the hash {found}"


def encrypt_again(path: Path) -> bool:
    """Puts a stored document under the key in use; False when it is. Raises vault.Unreadable; Damaged."""
    key = vault.in_use()
    if key is None or vault.key_name(path) == key.name:
        return False
    descriptor, temporary = tempfile.mkstemp(prefix=INCOMING, dir=_root())
    os.close(descriptor)
    try:
        with vault.opened(path) as clear, vault.written(Path(temporary), key=key) as file:
            writer = Writer(file)
            while chunk := clear.read(vault.CHUNK):
                writer.write(chunk)
        if writer.document.sha256 != path.name:
            raise Damaged(f"document {path.name} is damaged: its content has the hash {writer.document.sha256}")
        faults.reached("rekey:written")
        Path(temporary).rename(path)
        faults.reached("rekey:named")
        _sync(path.parent)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return True


def stored() -> Iterator[Path]:
    """Every document that is there, in the order of its name."""
    return (
        path for path in sorted((Path(settings.AOR_HOME) / "documents").glob("??/??/*")) if NAME.fullmatch(path.name)
    )


def remove(sha256: str) -> bool:
    """Takes a document away, by a rule of retention alone; False when it was not there."""
    path = path_of(sha256)
    if not path.exists():
        return False
    path.unlink()
    _sync(path.parent)
    return True


def path_of(sha256: str) -> Path:
    """Where a document lies. Raises ValueError for what is no hash, so that no name can leave the folder."""
    if not NAME.fullmatch(sha256):
        raise ValueError(f"a document is named by 64 hexadecimal digits, not {sha256!r}")
    return Path(settings.AOR_HOME) / "documents" / sha256[:2] / sha256[2:4] / sha256


def _root() -> Path:
    root = Path(settings.AOR_HOME) / "documents"
    _make(root)
    return root


def _keep(temporary: Path, root: Path, document: Document) -> None:
    final = path_of(document.sha256)
    _make(final.parent.parent)
    _make(final.parent)
    if final.exists():
        if vault.size_of(final) != document.size:
            raise Damaged(verify(document.sha256))
    else:
        temporary.rename(final)
        faults.reached("document named")
    # Also when it was there already: whoever named it may have died before this line.
    _sync(final.parent)


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
