"""Locks by name, between processes: shared by many, or held by one.

Inside a transaction a lock is held until the transaction ends, else until the block ends; a process that dies
holds nothing. PostgreSQL: advisory locks. SQLite: a write transaction already excludes every other writer, so
inside one nothing more is taken; outside, a locked file of AOR_HOME. So the takers of one name are either all
inside transactions (`writers`) or all outside (the jobs). Who holds a name may share it within: nothing is asked.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

_HELD: ContextVar[frozenset[str]] = ContextVar("names held by blocks around", default=frozenset())


class Busy(Exception):
    """Someone else holds the lock; the words say who, and since when, where that is known."""


@contextmanager
def shared(name: str) -> Iterator[None]:
    """Waits until nobody holds the name alone; others may share it."""
    if name in _HELD.get():
        yield
    elif connection.vendor == "postgresql":
        with _advisory(name, "_shared", wait=True), _holding(name):
            yield
    elif connection.in_atomic_block:
        yield
    else:
        with _locked_file(name, fcntl.LOCK_SH, words="others who share it"):
            yield


@contextmanager
def exclusive(name: str, *, by: str, at: datetime, wait: bool = True) -> Iterator[None]:
    """Waits until nobody else has the name, or with `wait=False` raises Busy in the holder's words."""
    words = f"{by} since {at.isoformat(timespec='seconds')}"
    if connection.vendor == "postgresql":
        at_once = wait and connection.in_atomic_block
        taken = _advisory(name, "", wait=wait, words=words if at_once else "")
        with taken, nullcontext() if at_once else _named(words), _holding(name):
            yield
    elif connection.in_atomic_block:
        yield
    else:
        with _locked_file(name, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), words=words):
            yield


@contextmanager
def _holding(name: str) -> Iterator[None]:
    token = _HELD.set(_HELD.get() | {name})
    try:
        yield
    finally:
        _HELD.reset(token)


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


@contextmanager
def _advisory(name: str, mode: str, *, wait: bool, words: str = "") -> Iterator[None]:
    """With words, the session carries them from when it holds until the transaction ends."""
    scope = "_xact" if connection.in_atomic_block else ""
    verb = "" if wait else "try_"
    named = ", set_config('application_name', %s, true)" if words else ""
    with connection.cursor() as cursor:
        given: tuple[int | str, ...] = (_key(name), words[:63]) if words else (_key(name),)
        cursor.execute(f"SELECT pg_{verb}advisory{scope}_lock{mode}(%s){named}", given)
        if not wait and not cursor.fetchone()[0]:
            raise Busy(f"{name} is held by {_holder(name)}")
    try:
        yield
    finally:
        if not scope and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock{mode}(%s)", [_key(name)])


def _holder(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE locktype = 'advisory' AND granted AND objsubid = 1"
            " AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (classid::bigint << 32) | objid::bigint = %s",
            [_key(name)],
        )
        return ", ".join(words for (words,) in cursor.fetchall() if words) or "another process"


@contextmanager
def _named(words: str) -> Iterator[None]:
    """The session carries the holder's words while it holds, where others can read them."""
    local = connection.in_atomic_block
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('application_name'), set_config('application_name', %s, %s)",
            [words[:63], local],
        )
        before = cursor.fetchone()[0]
    try:
        yield
    finally:
        if not local and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('application_name', %s, false)", [before])


@contextmanager
def _locked_file(name: str, mode: int, *, words: str) -> Iterator[None]:
    folder = Path(settings.AOR_HOME) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, mode)
        except BlockingIOError:
            holder = os.pread(descriptor, 1000, 0).decode(errors="replace")
            raise Busy(f"{name} is held by {holder or 'another process'}") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, words.encode(), 0)
        yield
    finally:
        os.close(descriptor)
