"""A mailbox in memory, for tests; the same contract holds for it as for the real ones."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from aor.gateways import mailbox


class MemoryMailbox:
    """`files` by directory and name."""

    def __init__(self) -> None:
        self.files: dict[str, dict[str, bytes]] = {directory: {} for directory in mailbox.DIRECTORIES}

    def put(self, name: str, content: bytes, directory: str = mailbox.TO_CARRIER) -> None:
        mailbox.temporary(name)
        if self.files[directory].setdefault(name, content) != content:
            raise mailbox.taken(name)

    def list(self, directory: str) -> list[str]:
        return sorted(self.files[directory])

    def get(self, name: str, directory: str) -> bytes:
        if name not in self.files[directory]:
            raise FileNotFoundError(name)
        content = self.files[directory][name]
        if len(content) > mailbox.MAX_BYTES:
            raise mailbox.too_large(name, len(content))
        return content

    def move(self, name: str, source: str, destination: str) -> None:
        if name in self.files[source]:
            self.files[destination][name] = self.files[source].pop(name)
        elif name not in self.files[destination]:
            raise FileNotFoundError(name)

    def exists(self, name: str, directory: str = mailbox.TO_CARRIER) -> bool:
        return name in self.files[directory]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing was opened."""
