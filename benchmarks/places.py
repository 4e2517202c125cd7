"""Places to measure in: a home with its database, made once, copied for every round."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks.taken import Taken


@dataclass(frozen=True)
class Place:
    """A home and its database; `server` is the URL of a PostgreSQL, empty for SQLite."""

    name: str
    root: Path
    server: str

    @property
    def home(self) -> Path:
        return self.root / self.name

    def step(self, step: str, *arguments: object) -> Taken:
        """One step in a process of its own."""
        environment = os.environ | {"AOR_HOME": str(self.home), "DATABASE_URL": self._url()}
        command = [sys.executable, "-m", "benchmarks.step", step, *map(str, arguments)]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True)
        return Taken(**json.loads(done.stdout.splitlines()[-1]))

    @contextmanager
    def copied(self, name: str = "round") -> Iterator[Place]:
        """A copy, gone afterwards."""
        copy = Place(name, self.root, self.server)
        copy.drop()
        shutil.copytree(self.home, copy.home)
        if self.server:
            self._administer(f'CREATE DATABASE "{name}" TEMPLATE "{self.name}"')
        try:
            yield copy
        finally:
            copy.drop()

    def make(self) -> Place:
        self.drop()
        self.home.mkdir(parents=True)
        if self.server:
            self._administer(f'CREATE DATABASE "{self.name}"')
        return self

    def drop(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)
        if self.server:
            self._administer(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')

    def _url(self) -> str:
        return urlunsplit(urlsplit(self.server)._replace(path=f"/{self.name}")) if self.server else ""

    def _administer(self, statement: str) -> None:
        parts = urlsplit(self.server)
        host = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair).get("host", parts.hostname or "")
        with psycopg.connect(
            host=host, port=parts.port, user=parts.username, password=parts.password, dbname=parts.path[1:],
            autocommit=True,
        ) as connection:  # fmt: skip
            connection.execute(statement.encode())
