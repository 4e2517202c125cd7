"""The file of a backup: one tar, its first member a manifest that says what every other member must be."""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from aor.engine import faults, vault

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 20
# What a member may be called: nothing leaves the folder that it is unpacked into.
NAMES = re.compile(
    r"database/[a-z0-9_.]+|documents/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{64}|keys/[a-z0-9.-]+|heads/[0-9-]{10}\.json"
)


class NotABackup(Exception):
    """Why a file cannot be restored from, in a sentence."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the backup: bytes and SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass
class Manifest:
    """What a backup holds.

    `database` is sqlite or postgresql; `migrations` those applied; `tables` rows by table, `columns` and
    `sequences` (last value, used) of a PostgreSQL copy; `missing` what rows named and was not there to be copied.
    """

    made_at: str
    database: str
    migrations: list[tuple[str, str]]
    tables: dict[str, int]
    columns: dict[str, list[str]] = field(default_factory=dict)
    sequences: dict[str, tuple[int, bool]] = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    format: int = FORMAT

    @classmethod
    def parse(cls, content: bytes) -> Manifest:
        """Raises NotABackup."""
        try:
            given: dict[str, Any] = json.loads(content)
            if given["format"] != FORMAT:
                raise NotABackup(f"the backup is of format {given['format']}; this version reads format {FORMAT}")
            given["members"] = [Member(**one) for one in given["members"]]
            given["migrations"] = [(app, name) for app, name in given["migrations"]]
            return cls(**given)
        except (ValueError, KeyError, TypeError) as wrong:
            raise NotABackup(f"its manifest cannot be read: {wrong}") from None


def of_file(name: str, path: Path) -> Member:
    with path.open("rb") as file:
        return Member(name, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())


@contextmanager
def workspace(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder of one's own until the block ends; what processes that died have left there is cleared first."""
    with _locked(parent):
        for left in parent.glob(f"{prefix}*"):
            try:
                with _locked(left, fcntl.LOCK_NB):
                    shutil.rmtree(left)
            except BlockingIOError:
                continue  # somebody works in it
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        descriptor = _lock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        os.close(descriptor)


@contextmanager
def _locked(folder: Path, how: int = 0) -> Iterator[None]:
    descriptor = _lock(folder, how)
    try:
        yield
    finally:
        os.close(descriptor)


def _lock(folder: Path, how: int = 0) -> int:
    """Held until the descriptor is closed, or its process dies. Raises BlockingIOError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | how)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor


def write(target: Path, manifest: Manifest, files: Sequence[tuple[Member, Path]], *, within: Path) -> None:
    """Writes it whole, or not at all: a file in `within`, fsynced, then renamed. Its owner alone may read it.

    Documents go in clear into a tar that is encrypted as a whole: another key may open it elsewhere.
    """
    temporary = within / "whole"
    mode: Literal["w|gz", "w|"] = "w|gz" if target.suffix in (".gz", ".tgz") else "w|"
    with (
        vault.written(temporary, key=vault.in_use()) as file,
        tarfile.open(fileobj=cast("BinaryIO", file), mode=mode, bufsize=CHUNK) as tar,
    ):
        content = json.dumps(asdict(manifest), indent=1).encode()
        _add(tar, MANIFEST, len(content), io.BytesIO(content))
        for member, path in files:
            with vault.opened(path) as source:
                _add(tar, member.name, member.size, source)
    faults.reached("backup:written")
    temporary.rename(target)
    sync(target.parent)
    faults.reached("backup:named")


def _add(tar: tarfile.TarFile, name: str, size: int, source: BinaryIO | io.BytesIO) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    tar.addfile(info, source)


def unpack(source: Path, folder: Path) -> Manifest:
    """Unpacks a backup and checks every member against the manifest. Raises NotABackup.

    Its documents are written as the store writes them: encrypted where a key is set.
    """
    try:
        with vault.opened(source) as file, tarfile.open(fileobj=file) as tar:
            members = iter(tar)
            first = next(members, None)
            if first is None or first.name != MANIFEST:
                raise NotABackup(f"{source.name} is not a backup: it does not begin with a manifest")
            manifest = Manifest.parse(cast("BinaryIO", tar.extractfile(first)).read())
            expected = {member.name: member for member in manifest.members}
            for info in members:
                member = expected.pop(info.name, None)
                if member is None or not info.isreg() or not NAMES.fullmatch(info.name):
                    raise NotABackup(f"{source.name} holds {info.name!r}, which its manifest does not name")
                _take(cast("BinaryIO", tar.extractfile(info)), folder / member.name, member)
    except vault.Unreadable as because:
        raise NotABackup(str(because)) from None
    except (tarfile.TarError, EOFError, OSError) as wrong:
        if isinstance(wrong, OSError) and wrong.errno is not None:
            raise  # the disk, not the file
        line, *_ = str(wrong).splitlines() or [""]
        raise NotABackup(f"{source.name} cannot be read as a backup: {line.removesuffix(':')}") from None
    if expected:
        raise NotABackup(f"{source.name} is cut short: {next(iter(expected))} is missing")
    return manifest


def _take(source: BinaryIO, path: Path, member: Member) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    whole = hashlib.sha256()
    key = vault.in_use() if member.name.startswith("documents/") else None
    with vault.written(path, key=key) as file:
        for chunk in _chunks(source):
            whole.update(chunk)
            file.write(chunk)
    if whole.hexdigest() != member.sha256:
        raise NotABackup(f"{member.name} is damaged: it is not what the manifest says")


def _chunks(source: BinaryIO) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def sync(folder: Path) -> None:
    """The folder's names are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
