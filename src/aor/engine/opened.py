"""What people send, as a file that another process can be given."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def opened(source: bytes | Path, *, refused: Callable[[str], Exception]) -> Generator[BinaryIO]:
    """Bytes are put in a file without a name. What cannot be opened raises `refused` with a sentence."""
    if isinstance(source, bytes):
        with tempfile.TemporaryFile() as file:
            file.write(source)
            file.flush()
            yield file
        return
    try:
        named = source.open("rb")
    except OSError as error:
        raise refused(f"it cannot be opened: {error.strerror or 'reading failed'}") from None
    with named:
        yield named
