"""A whole copy of what a marketplace holds, consistent while others write; and back."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from aor.acts import settle
from aor.engine import faults, locks, restoring, store, vault
from aor.jobs import archive, copies, homes
from aor.jobs.archive import Manifest, Member, NotABackup
from aor.terms.actor import Actor
from aor.transmissions import after_restore, reconciling
from aor.transmissions.reconciling import Reconciled

FOLDERS = ("documents", "keys", "heads")


def make(target: Path, *, now: datetime) -> Manifest:
    """Writes the backup: database first, then what its rows name, which is never deleted. Raises NotABackup."""
    if target.exists():
        raise NotABackup(f"{target} exists already: a backup never overwrites another")
    if not target.parent.is_dir():
        raise NotABackup(f"there is no folder {target.parent}")
    manifest = Manifest(now.isoformat(), connection.vendor, [], {})
    home = Path(settings.AOR_HOME)
    home.mkdir(parents=True, exist_ok=True)
    with (
        archive.workspace(home, ".aor-backup-") as folder,  # where its copies, in clear, lie no more open than here
        archive.workspace(target.parent, ".aor-backup-") as beside,
    ):
        database = folder / "database"
        named = copies.copy_out(database, manifest)
        faults.reached("backup:copied")
        files = [(archive.of_file(f"database/{path.name}", path), path) for path in sorted(database.iterdir())]
        files += _documents(named, manifest)
        for kept in ("keys", "heads"):
            present = sorted(path for path in (home / kept).glob("*") if not path.name.startswith("."))
            files += [(archive.of_file(f"{kept}/{path.name}", path), path) for path in present]
        manifest.members = [member for member, _ in files]
        archive.write(target, manifest, files, within=beside)
    return manifest


def _documents(named: Iterable[str], manifest: Manifest) -> list[tuple[Member, Path]]:
    """Those that are whole; one that is not is said, and the rest is still worth having."""
    files = []
    for sha256 in sorted(named):
        if words := store.verify(sha256):
            manifest.missing.append(words)
            continue
        path = store.path_of(sha256)
        name = path.relative_to(Path(settings.AOR_HOME)).as_posix()
        files.append((Member(name, vault.size_of(path), sha256), path))
    return files


def restore(source: Path, *, replace: bool, by: Actor, now: datetime) -> tuple[Manifest, Reconciled]:
    """Puts a backup in place of an empty home and database, or, with `replace`, of what is there.

    Files that are replaced are moved into a folder of the home. The database is reconciled with the mailboxes;
    where one cannot be read, sending waits for it. One that dies on the way is to be run again, and every command
    refuses until then. Raises NotABackup, and then has changed nothing; locks.Busy.
    """
    home = Path(settings.AOR_HOME)
    home.mkdir(parents=True, exist_ok=True)
    with (
        locks.exclusive("send", by=by.name, at=now, wait=False),
        locks.exclusive("close", by=by.name, at=now, wait=False),
        locks.exclusive("sealer", by=by.name, at=now, wait=False),
        archive.workspace(home, ".aor-restore-") as folder,
    ):
        manifest = archive.unpack(source, folder)
        copies.refuse_foreign(manifest)
        if not (replace or restoring.unfinished()) and not (copies.is_empty() and not _holds_files(home)):
            raise NotABackup(f"{home} or its database is not empty: --replace puts the backup in its place")
        restoring.begin(str(source), at=now)
        faults.reached("restore:begun")
        _move_aside(home, now)
        faults.reached("restore:moved")
        for name in FOLDERS:
            if (folder / name).is_dir():
                (folder / name).replace(home / name)
        os.sync()
        faults.reached("restore:placed")
        copies.load(folder / "database", manifest)
        archive.sync(home)
        faults.reached("restore:loaded")
    homes.ready()
    settle.settle(now=now)  # what the migrations left to be decided
    details = {"made_at": manifest.made_at, "rows": sum(manifest.tables.values()), "missing": len(manifest.missing)}
    after_restore.restored(by=by, now=now, details=details)
    faults.reached("restore:marked")
    reconciled = reconciling.reconcile(by=by, now=now)
    faults.reached("restore:reconciled")
    restoring.ended()
    faults.reached("restore:ended")
    return manifest, reconciled


def _holds_files(home: Path) -> bool:
    return any(path.is_file() for name in FOLDERS for path in (home / name).rglob("*"))


def _move_aside(home: Path, now: datetime) -> None:
    """What is replaced is kept: folders, and an SQLite database with its log."""
    aside = home / f"replaced-{now:%Y%m%dT%H%M%S%f}"
    while aside.exists():
        aside = aside.with_name(f"{aside.name}-again")
    names = [home / name for name in FOLDERS]
    if connection.vendor == "sqlite":
        connection.close()
        database = Path(connection.settings_dict["NAME"])
        names += [Path(f"{database}{suffix}") for suffix in ("", "-wal", "-shm")]
    for path in names:
        if path.is_file() and not path.stat().st_size:
            path.unlink()  # SQLite makes an empty file when it is asked whether it is empty
        elif path.is_file() or (path.is_dir() and any(path.rglob("*"))):
            aside.mkdir(exist_ok=True, mode=0o700)
            path.rename(aside / path.name)
        elif path.is_dir():
            path.rmdir()
