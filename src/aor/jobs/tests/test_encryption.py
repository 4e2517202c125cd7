"""With a key set, documents and backups are encrypted; a key that is not there is said before anything is touched."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from aor.engine import store, vault
from aor.jobs.tests.programs import aor, started
from aor.jobs.tests.test_backup import AFTER, SERVER, NewDatabase, another_broker, market, new_database, rows

__all__ = ["market", "new_database"]

FIRST, SECOND = "a1" * 32, "b2" * 32
OLD_KEY, NEW_KEY = (vault.parsed(key)[0] for key in (FIRST, SECOND))


def documents(home: Path) -> list[Path]:
    return [path for path in (home / "documents").rglob("*") if path.is_file() and store.NAME.fullmatch(path.name)]


def under(home: Path) -> set[bytes | None]:
    return {vault.key_name(path) for path in documents(home)}


def line(home: Path, database: str, **settings: Any) -> tuple[str, str]:
    code = 1 if settings.get("AOR_DOCUMENT_KEYS") == SECOND and NEW_KEY.name not in under(home) else 0
    lines = aor(home, "doctor", code=code, database=database, **settings)["lines"]
    return next((one["state"], one["says"]) for one in lines if one["what"] == "documents")


def test_a_marketplace_in_clear_is_encrypted_and_its_key_exchanged_and_nothing_else_changes(
    market: tuple[Path, str], tmp_path: Path, new_database: NewDatabase
) -> None:
    home, database = market
    before, all_ = rows(home, database), len(documents(home))
    assert under(home) == {None}
    assert line(home, database) == ("warn", "no key is set: documents and backups are in clear")
    assert "no key to encrypt under" in aor(home, "rekey", code=1, database=database)["because"]

    first: Any = {"AOR_DOCUMENT_KEYS": FIRST}
    assert aor(home, "verify", database=database, **first)["ok"]
    assert line(home, database, **first) == ("warn", f"{all_} of {all_} are in clear, 0 under an older key")
    done = aor(home, "rekey", database=database, **first)
    assert (done["documents"], done["encrypted"], done["wrong"]) == (all_, all_, [])
    assert under(home) == {OLD_KEY.name}
    assert aor(home, "rekey", database=database, **first)["encrypted"] == 0
    assert line(home, database, **first)[0] == "ok"
    assert aor(home, "verify", database=database, **first)["ok"]

    assert line(home, database, AOR_DOCUMENT_KEYS=SECOND)[0] == "fail"
    lost = aor(home, "verify", code=1, database=database)
    assert any("AOR_DOCUMENT_KEYS is not set" in wrong["because"] for wrong in lost["wrong"])

    both: Any = {"AOR_DOCUMENT_KEYS": f"{SECOND},{FIRST}"}
    another_broker(home, database, tmp_path, "2025-12-04")
    assert aor(home, "rekey", database=database, **both)["encrypted"] == all_
    assert under(home) == {NEW_KEY.name}
    second: Any = {"AOR_DOCUMENT_KEYS": SECOND}
    assert aor(home, "verify", database=database, **second)["ok"]
    assert len(rows(home, database)) >= len(before)


def test_a_backup_under_a_key_is_restored_with_it_and_refused_without_before_anything_is_touched(
    market: tuple[Path, str], tmp_path: Path, new_database: NewDatabase
) -> None:
    home, database = market
    keys: Any = {"AOR_DOCUMENT_KEYS": f"{SECOND},{FIRST}"}
    copy = tmp_path / "copy.tar.gz"
    aor(home, "backup", copy, database=database, **keys)
    assert copy.read_bytes().startswith(vault.MAGIC)
    assert vault.key_name(copy) == NEW_KEY.name
    assert not [path for path in copy.parent.iterdir() if path.name.startswith(".aor-")]

    cases: Any = (({}, "is not set"), ({"AOR_DOCUMENT_KEYS": FIRST}, "holds other keys"))
    for settings, words in cases:
        elsewhere, empty = tmp_path / f"without-{len(settings)}", new_database()
        refused = aor(elsewhere, "restore", copy, "--now", AFTER, code=1, database=empty, **settings)
        assert (
            f"copy.tar.gz is encrypted under the key {NEW_KEY.name.hex()}; AOR_DOCUMENT_KEYS {words}"
            in refused["because"]
        )
        assert not [path for path in elsewhere.rglob("*") if path.is_file() and path.parent.name != "locks"]

    elsewhere, empty = tmp_path / "with", new_database()
    shutil.copytree(home / "mailboxes", elsewhere / "mailboxes")
    assert aor(elsewhere, "restore", copy, "--now", AFTER, database=empty, **keys)["ok"]
    assert under(elsewhere) == {NEW_KEY.name}
    assert rows(elsewhere, empty) == rows(home, database)


def test_an_encrypted_backup_that_was_changed_is_refused(market: tuple[Path, str], tmp_path: Path) -> None:
    home, database = market
    keys: Any = {"AOR_DOCUMENT_KEYS": f"{SECOND},{FIRST}"}
    aor(home, "backup", tmp_path / "copy.tar", database=database, **keys)
    content = bytearray((tmp_path / "copy.tar").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "copy.tar").write_bytes(content)
    refused = aor(tmp_path / "home", "restore", tmp_path / "copy.tar", code=1, **keys)
    assert "is damaged: its encrypted bytes were changed" in refused["because"]


@pytest.mark.skipif(bool(SERVER), reason="the copy of a home is a marketplace of its own with SQLite")
@pytest.mark.parametrize("fault", ["rekey:written:3", "rekey:named:3"])
def test_killed_while_encrypting_the_command_is_run_again(
    market: tuple[Path, str], tmp_path: Path, fault: str
) -> None:
    home = shutil.copytree(market[0], tmp_path / "home")
    third = "c3" * 32
    keys: Any = {"AOR_DOCUMENT_KEYS": f"{third},{SECOND},{FIRST}"}
    process = started(home, "rekey", AOR_FAULT=fault, **keys)
    process.communicate(timeout=120)
    assert process.returncode == -9
    assert aor(home, "verify", **keys)["ok"]
    aor(home, "rekey", **keys)
    assert under(home) == {vault.parsed(third)[0].name}
    assert aor(home, "verify", AOR_DOCUMENT_KEYS=third)["ok"]
