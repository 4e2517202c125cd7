"""A mailbox that is a folder of this machine, or one that it mounts."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from aor.engine import faults
from aor.gateways import mailbox, shadow
from aor.gateways.outcomes import Retryable

_ANEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW


class FolderMailbox:
    """The directories are made when they are missing.

    A carrier may write in them, links too: none is followed to what else the user of aor may read or write.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        try:
            for directory in mailbox.DIRECTORIES:
                (root / directory).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Retryable(f"the mailbox {root} cannot be opened: {error.strerror}") from error

    def put(self, name: str, content: bytes, directory: str = mailbox.TO_CARRIER) -> None:
        shadow.refuse(name)
        folder = self._root / directory
        final, temporary = folder / name, folder / mailbox.temporary(name)
        if final.exists():
            if final.read_bytes() != content:
                raise mailbox.taken(name)
            return
        try:
            with os.fdopen(os.open(temporary, _ANEW), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            faults.reached("mailbox written")
            temporary.replace(final)
            faults.reached("mailbox renamed")
            _sync(folder)
        except OSError as error:
            raise Retryable(f"{name} could not be written: {error.strerror}") from error

    def list(self, directory: str) -> list[str]:
        files = (self._root / directory).iterdir()
        return sorted(
            file.name for file in files if file.is_file() and not file.is_symlink() and mailbox.is_whole(file.name)
        )

    def get(self, name: str, directory: str) -> bytes:
        with os.fdopen(os.open(self._root / directory / name, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            if (size := os.fstat(file.fileno()).st_size) > mailbox.MAX_BYTES:
                raise mailbox.too_large(name, size)
            return file.read()

    def move(self, name: str, source: str, destination: str) -> None:
        came, goes = self._root / source, self._root / destination
        if not (came / name).exists() and (goes / name).exists():
            return
        (came / name).replace(goes / name)
        _sync(goes)
        _sync(came)

    def exists(self, name: str, directory: str = mailbox.TO_CARRIER) -> bool:
        return (self._root / directory / name).is_file()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was opened."""


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
