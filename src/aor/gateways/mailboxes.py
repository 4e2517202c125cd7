"""A carrier's mailbox opened by its address."""

from __future__ import annotations

import os
from pathlib import Path

from aor.gateways.folder import FolderMailbox
from aor.gateways.mailbox import Mailbox
from aor.gateways.sftp import SftpMailbox


def open_mailbox(address: str, default_root: Path, hios: str) -> Mailbox:
    """The mailbox at an SFTP address or in a folder; without an address, the carrier's folder of `default_root`.

    A relative folder lies in `default_root`. Keys: the files that AOR_SFTP_KEY and AOR_SFTP_KNOWN_HOSTS name.
    Raises ValueError for an address of another kind, Retryable and Refused as the transports do.
    """
    if address.startswith("sftp://"):
        return SftpMailbox(address, key_file=_file("AOR_SFTP_KEY"), known_hosts=_file("AOR_SFTP_KNOWN_HOSTS"))
    if "://" in address:
        raise ValueError(f"a mailbox is a folder or sftp://user@host:port/path, not {address!r}")
    return FolderMailbox(default_root / (address or hios))


def _file(name: str) -> Path | None:
    value = os.environ.get(name, "").strip()
    return Path(value) if value else None
