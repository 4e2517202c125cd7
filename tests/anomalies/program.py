"""A home of its own for the program, and the program in it: every command a process that can be killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parents[2]
KEYS = ("journal.ed25519", "private-tables.key", "row-ids.key", "transaction-sets.key")


@dataclass(frozen=True, slots=True)
class Place:
    """An AOR_HOME and its database; without `url` the database lies in the home."""

    home: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AOR_", "DATABASE_URL"))}
        own = {
            "AOR_HOME": str(self.home),
            "AOR_TIME_TRAVEL": "1",
            "DJANGO_SETTINGS_MODULE": "tests.anomalies.settings",
        }
        return {**kept, **own, **({"DATABASE_URL": self.url} if self.url else {})}

    def wait_for_the_dead(self) -> None:
        """Returns when the database has seen that nobody is connected any more, and lets go what they held."""
        if self.url:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
            with psycopg.connect(_with_database(self.url, "postgres"), autocommit=True) as connection:
                while connection.execute(query, [urlsplit(self.url).path.lstrip("/")]).fetchone() != (0,):
                    time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended; `reached` are the fault points that it passed, where it was `traced`."""

    code: int
    out: str
    err: str
    reached: list[str]
    seconds: float

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL

    @property
    def document(self) -> Any:
        return json.loads(self.out)


class Program:
    """Started once in a place; each `aor` is a process."""

    def __init__(self, place: Place, **environment: str) -> None:
        self.place = place
        self._server = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.anomalies.served"],
            cwd=ROOT,
            env={**place.environment, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._ready = False

    def aor(self, *words: object, now: datetime, **how: Any) -> Ran:
        """`aor WORDS --json` at an instant. `how`: `fault`, `kill_after` (seconds), `traced`, `waits_at`."""
        fault = how.pop("fault", "")
        typed = [*map(str, words), "--json", f"--now={now.isoformat()}"]
        return self._ask({"words": typed, "environment": {"AOR_FAULT": fault}, **how})

    def call(self, function: str, **given: Any) -> Any:
        """What a function (module:name) answers in a process of its own."""
        ran = self._ask({"call": function, "given": given})
        assert ran.code == 0, ran.err
        return ran.document

    def dies(self, function: str, fault: str, **given: Any) -> bool:
        """Whether a function (module:name) was killed at a fault point."""
        return self._ask({"call": function, "given": given, "environment": {"AOR_FAULT": fault}}).killed

    def _ask(self, request: dict[str, Any]) -> Ran:
        assert self._server.stdin is not None
        if not self._ready:
            assert self._line() == "ready\n"
            self._ready = True
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return Ran(**json.loads(self._line()))

    def _line(self) -> str:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line, f"the program itself ended, with {self._server.wait(60)}; standard error says why"
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait(60)
        self._server.stdout.close()


def _server_url() -> str:
    return os.environ.get("DATABASE_URL", "")


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _statement(sql: str, *, url: str) -> None:
    with psycopg.connect(_with_database(url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.encode())


def key_of(name: str) -> bytes:
    """The same in every place."""
    return bytes([KEYS.index(name) + 1]) * 32


@contextmanager
def empty_place(folder: Path, name: str) -> Iterator[Place]:
    """A migrated place without rows, its keys made: other places are copies of it."""
    place = Place(folder / name)
    (place.home / "keys").mkdir(parents=True)
    for key in KEYS:
        (place.home / "keys" / key).write_bytes(key_of(key))
    if url := _server_url():
        database = f"aor_{folder.name}_{os.getpid()}".lower().replace("-", "_")
        _statement(f'CREATE DATABASE "{database}"', url=url)
        place = Place(place.home, _with_database(url, database))
    try:
        with Program(place) as program:
            ran = program.aor("record", now=datetime.fromisoformat("2025-09-01T12:00:00Z"))
            assert ran.code == 0, ran.err
        yield place
    finally:
        _drop(place)


@contextmanager
def copied(place: Place, home: Path) -> Iterator[Place]:
    """A copy of a place where nobody works, until the block ends."""
    shutil.copytree(place.home, home)
    copy = Place(home)
    if place.url:
        source = urlsplit(place.url).path.lstrip("/")
        database = f"{source}_{abs(hash(home)) % 10**8}"
        _statement(f'CREATE DATABASE "{database}" TEMPLATE "{source}"', url=place.url)
        copy = Place(home, _with_database(place.url, database))
    try:
        yield copy
    finally:
        _drop(copy)


def _drop(place: Place) -> None:
    if place.url:
        name = urlsplit(place.url).path.lstrip("/")
        _statement(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', url=place.url)
