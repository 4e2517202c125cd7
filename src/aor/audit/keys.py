"""The journal's keys, made on first use, readable by their owner alone: AOR_HOME/keys."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

PRIVATE_TABLES = "private-tables.key"
SIGNATURE = "journal.ed25519"
ROW_IDS = "row-ids.key"


class KeyMissing(Exception):
    """A key that was in use is gone: it belongs to the backup."""


def of_private_tables(*, in_use: bool) -> bytes:
    """32 bytes that key the hashes of private rows, so that nobody can guess at what they were."""
    return _key(PRIVATE_TABLES, in_use=in_use)


def of_signature(*, in_use: bool) -> Ed25519PrivateKey:
    """The key that signs the daily heads."""
    return Ed25519PrivateKey.from_private_bytes(_key(SIGNATURE, in_use=in_use))


def of_row_ids(*, in_use: bool) -> bytes:
    """32 bytes that sign the row ids of reports, so that a returned workbook is recognised as ours."""
    return _key(ROW_IDS, in_use=in_use)


def _key(name: str, *, in_use: bool) -> bytes:
    """The key; made now unless it was in use before. Raises KeyMissing."""
    path = Path(settings.AOR_HOME) / "keys" / name
    if not path.exists():
        if in_use:
            raise KeyMissing(f"the key {name} is missing from the folder keys: restore it from the backup")
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{name}.{secrets.token_hex(8)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            os.fsync(file.fileno())
        try:
            path.hardlink_to(temporary)  # of two that make it at once, one wins and both use it
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_bytes()


def named(name: str) -> bytes:
    """32 bytes under a name, for a department that keys hashes of its own; made on first use."""
    return _key(name, in_use=False)
