"""What a carrier's mailbox can do, whichever transport carries it."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from aor.gateways.outcomes import Refused

TO_CARRIER = "to-carrier"
FROM_CARRIER = "from-carrier"
DONE = "from-carrier/done"
DIRECTORIES = (TO_CARRIER, FROM_CARRIER, DONE)

MAX_BYTES = 256 * 1024 * 1024

# What people's programs call a file that they are still writing: WinSCP, curl, lftp, rsync and their like.
UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".filepart", ".writing", ".uploading", ".crdownload", ".swp", "~")


class Mailbox(Protocol):
    """Directories with files. Raises Retryable or Refused; a `with` block closes what was opened.

    A file appears under its final name whole, in one rename, and is never overwritten by other content. Doing
    again what was done changes nothing; but where the other side has already taken a file away, `put` puts it
    again: whoever reads it knows it by its control number.
    """

    def put(self, name: str, content: bytes, directory: str = TO_CARRIER) -> None:
        """Raises Refused when the name is taken by other content."""

    def list(self, directory: str) -> list[str]:
        """The names of the whole files, sorted."""

    def get(self, name: str, directory: str) -> bytes:
        """Raises FileNotFoundError; Refused when larger than MAX_BYTES."""

    def move(self, name: str, source: str, destination: str) -> None:
        """Into another directory, replacing an older file of that name. Raises FileNotFoundError."""

    def exists(self, name: str, directory: str = TO_CARRIER) -> bool: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def is_whole(name: str) -> bool:
    """Whether a listed name is a file's final one: others are still being written, or are no names at all."""
    named = bool(name) and not name.startswith(".") and not set(name) & set("/\\\0")
    return named and not name.lower().endswith(UNFINISHED)


def temporary(name: str) -> str:
    """What a file is called until it is whole; always the same, so that a second try writes over the first."""
    if not is_whole(name):
        raise ValueError(f"{name!r} is no name for a file in a mailbox")
    return f".{name}.part"


def taken(name: str) -> Refused:
    return Refused(f"{name} is in the mailbox already, with other content")


def too_large(name: str, size: int) -> Refused:
    return Refused(f"{name} has {size:,} bytes; at most {MAX_BYTES:,} are read")
