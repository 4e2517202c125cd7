"""A PostgreSQL of one test alone, which it may stop and start."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cluster:
    folder: Path
    programs: Path

    @property
    def url(self) -> str:
        return f"postgres://aor@/aor?host={self.folder}"

    def control(self, *words: str) -> None:
        """Runs one of PostgreSQL's programs, as the user who owns the cluster."""
        program, *rest = words
        runs_as = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        told = subprocess.run(
            [*runs_as, str(self.programs / program), *rest], cwd="/", capture_output=True, check=False
        )
        assert told.returncode == 0, told.stderr.decode()

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
        self.control("pg_ctl", "-D", f"{self.folder}/data", "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self) -> None:
        """At once, as a power cut does."""
        self.control("pg_ctl", "-D", f"{self.folder}/data", "-w", "-m", "immediate", "stop")


def programs() -> Path | None:
    """Where PostgreSQL's programs are, if they are here."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


@contextmanager
def started() -> Iterator[Cluster]:
    """A cluster with an empty database, until the block ends."""
    where = programs()
    assert where is not None
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="aor-cluster-")), where)  # a socket's path must be short
    if os.getuid() == 0:
        shutil.chown(cluster.folder, "postgres")
    try:
        cluster.control(
            "initdb", "-D", f"{cluster.folder}/data", "-U", "aor", "--auth=trust", "-E", "UTF8", "--locale=C"
        )
        cluster.start()
        try:
            cluster.control("createdb", "-h", str(cluster.folder), "-U", "aor", "aor")
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(cluster.folder)
