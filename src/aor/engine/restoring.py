"""A restore that was begun and has not ended: a mark in AOR_HOME, so that nobody works on half of a backup."""

from __future__ import annotations

import os
import threading
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

_SEEN = threading.local()


def _mark() -> Path:
    return Path(settings.AOR_HOME) / "restoring"


def begin(source: str, *, at: datetime) -> None:
    """From now on, whatever dies, every command refuses to work until a restore has ended."""
    words = (
        f"the restore of {source}, begun at {at.isoformat(timespec='seconds')}, did not end: what is here is not "
        f"whole, and carriers may know more; run aor restore {source} again"
    )
    temporary = _mark().with_name(".restoring")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(words)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(_mark())
    _sync()


def ended() -> None:
    """The database says by itself what it still waits for."""
    _mark().unlink()
    _sync()


def unfinished() -> str:
    """The sentence that says which restore has not ended, or ""."""
    try:
        return _mark().read_text(encoding="utf-8") or "a restore did not end: run it again"
    except (FileNotFoundError, NotADirectoryError):
        return ""


def let_go() -> None:
    """Closes this thread's connection where a restore has put another SQLite file in the place of the one it holds.

    What would be read and written is the file that was put aside.
    """
    if connection.vendor != "sqlite":
        return
    try:
        file = os.stat(connection.settings_dict["NAME"])
    except FileNotFoundError:  # in memory, or not made yet
        return
    this = file.st_dev, file.st_ino
    if getattr(_SEEN, "file", this) != this:
        connection.close()
    _SEEN.file = this


def _sync() -> None:
    descriptor = os.open(settings.AOR_HOME, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
