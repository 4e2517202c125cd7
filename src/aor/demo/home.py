"""The AOR_HOME of a demo: empty, or an earlier demo's, never anybody's data."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

MARKER = "THIS-IS-A-DEMO"
CLOCK = Path("demo") / "clock"
_WORDS = "A synthetic marketplace lives here. `aor demo` deletes it and begins anew.\n"
_FOLDERS = ("demo", "documents", "heads", "keys", "locks", "mail", "mailboxes")


class NotHere(Exception):
    """Why no demo can be made here, in a sentence."""


def prepare() -> Path:
    """An AOR_HOME that holds nothing but the marker of a demo. Raises NotHere, and then has changed nothing."""
    home = Path(settings.AOR_HOME)
    if settings.AOR_ENV == "production":
        raise NotHere("this is production (AOR_ENV): a demo is never made there")
    if settings.AOR_SMTP_HOST:
        raise NotHere("AOR_SMTP_HOST is set: a demo writes its mails to a folder; unset it first")
    ours = (home / MARKER).is_file()
    if connection.vendor != "sqlite":
        if connection.introspection.table_names():
            raise NotHere("the database of DATABASE_URL is not empty: give the demo a new one, or unset DATABASE_URL")
    elif not ours and (home / "aor.sqlite3").exists():
        raise NotHere(f"{home} holds a database that is not a demo's: set AOR_HOME to another folder")
    connection.close()
    if ours:
        _empty(home)
    home.mkdir(parents=True, exist_ok=True)
    (home / MARKER).write_text(_WORDS, encoding="utf-8")
    if connection.vendor == "sqlite":
        # For this process alone: a demo that loses its power is made anew, not mended.
        connection.cursor().execute("PRAGMA synchronous=OFF")
    return home


def keep_clock(home: Path, instant: datetime) -> None:
    """Where the story ends: the portal opened on it goes on from there, as `AOR_NOW`."""
    (home / CLOCK).write_text(instant.isoformat(), encoding="utf-8")


def _empty(home: Path) -> None:
    for file in home.glob("aor.sqlite3*"):
        file.unlink()
    for folder in _FOLDERS:
        shutil.rmtree(home / folder, ignore_errors=True)
