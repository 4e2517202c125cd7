"""Files encrypted under keys that lie outside the database: AES-256-GCM, chunk by chunk.

A file is a header (magic, name of the key, salt) and chunks of 64 KiB, each with its tag of 16 bytes. HKDF-SHA256
makes a key of the file's own from key and salt; a chunk's nonce is its number and whether it is the last, so that
none can be changed, moved or cut off. It is the payload of age-encryption.org/v1 with AES in the place of ChaCha20.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

MAGIC = b"aor-aes1"
NAME, SALT, TAG = 8, 32, 16
HEADER = len(MAGIC) + NAME + SALT
CHUNK = 1 << 16
KEY = re.compile(r"[0-9a-fA-F]{64}")


class Unreadable(Exception):
    """An encrypted file that cannot be read, in a sentence."""


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """32 secret bytes; `name` tells keys apart and tells nothing of them."""

    secret: bytes

    @property
    def name(self) -> bytes:
        return hashlib.sha256(b"aor key name" + self.secret).digest()[:NAME]

    def of_file(self, header: bytes) -> AESGCM:
        return AESGCM(HKDF(SHA256(), 32, header[-SALT:], b"aor file").derive(self.secret))


PUBLIC = Key(bytes(32))
"""What is kept in clear and begins as an encrypted file does is written under it, else it would be taken for one."""


def parsed(text: str) -> tuple[Key, ...]:
    """Keys of 64 hexadecimal digits, commas between; the first encrypts. Raises ImproperlyConfigured."""
    words = text.replace(",", " ").split()
    if wrong := [number for number, word in enumerate(words, 1) if not KEY.fullmatch(word)]:
        # In words that quote no part of it: they go to logs.
        raise ImproperlyConfigured(f"key {wrong[0]} of AOR_DOCUMENT_KEYS is not 64 hexadecimal digits")
    return tuple(Key(bytes.fromhex(word)) for word in words)


def configured() -> tuple[Key, ...]:
    return getattr(settings, "AOR_DOCUMENT_KEYS", ())


def in_use() -> Key | None:
    """The key under which files are written; None where they are written in clear."""
    return next(iter(configured()), None)


def key_name(path: Path) -> bytes | None:
    """The name of the key that a file is encrypted under; None when it is in clear."""
    header = _header_of(path)
    return _name(header) if header and _name(header) != PUBLIC.name else None


def _header_of(path: Path) -> bytes | None:
    with path.open("rb") as file:
        header = file.read(HEADER)
    return header if _is_header(header) else None


def _name(header: bytes) -> bytes:
    return header[len(MAGIC) : -SALT]


def _is_header(header: bytes) -> bool:
    return len(header) == HEADER and header.startswith(MAGIC)


def size_of(path: Path) -> int:
    """The bytes that reading the file gives."""
    size = path.stat().st_size
    return _clear(size) if _header_of(path) else size


def _clear(size: int) -> int:
    return size - HEADER - TAG * _chunks(size)


def _chunks(size: int) -> int:
    return -(-(size - HEADER) // (CHUNK + TAG))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


class Writer:
    """Takes clear bytes as they come; the file under it gets them encrypted, or as they are without a key."""

    def __init__(self, file: BinaryIO, key: Key | None) -> None:
        self._file, self._waiting, self._number = file, bytearray(), 0
        self._cipher: AESGCM | None = None
        self._beginning: bytes | None = b""  # of clear bytes, until they tell whether they may stand as they are
        if key:
            self._encrypt(key)

    def _encrypt(self, key: Key) -> None:
        self._header, self._beginning = MAGIC + key.name + secrets.token_bytes(SALT), None
        self._cipher = key.of_file(self._header)
        self._file.write(self._header)

    def write(self, content: bytes) -> int:
        size = len(content)
        if self._beginning is not None:
            content = self._beginning + content
            if len(content) < len(MAGIC):
                self._beginning = content
                return size
            self._beginning = None
            if content.startswith(MAGIC):
                self._encrypt(PUBLIC)
        if self._cipher is None:
            self._file.write(content)
            return size
        self._waiting += content
        while len(self._waiting) > CHUNK:  # the last chunk is known as such only at the end
            self._put(bytes(self._waiting[:CHUNK]), self._cipher, last=False)
            del self._waiting[:CHUNK]
        return size

    def finish(self) -> None:
        if self._cipher is not None:
            self._put(bytes(self._waiting), self._cipher, last=True)
        elif self._beginning:
            self._file.write(self._beginning)

    def _put(self, chunk: bytes, cipher: AESGCM, *, last: bool) -> None:
        self._file.write(cipher.encrypt(_nonce(self._number, last=last), chunk, self._header))
        self._number += 1


@contextmanager
def written(path: Path, *, key: Key | None) -> Iterator[Writer]:
    """A file written under a key, fsynced at the end of the block; its owner alone may read it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        writer = Writer(file, key)
        yield writer
        writer.finish()
        file.flush()
        os.fsync(file.fileno())


class _Reader(io.RawIOBase):
    """The clear bytes of an encrypted file; holds one chunk at a time."""

    def __init__(self, file: BinaryIO, header: bytes, key: Key, what: str) -> None:
        self._file, self._header, self._cipher, self._what = file, header, key.of_file(header), what
        self._size = os.fstat(file.fileno()).st_size
        self._at, self._number, self._chunk = 0, -1, b""
        self._load(0)  # also of an empty file, whose one chunk proves that nothing was cut off

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: _clear(self._size)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]  # the stubs' Buffer has no length
        number, skip = divmod(self._at, CHUNK)
        if self._at >= _clear(self._size):
            return 0
        self._load(number)
        part = self._chunk[skip : skip + len(buffer)]
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        self._file.seek(HEADER + number * (CHUNK + TAG))
        sealed, last = self._file.read(CHUNK + TAG), number == _chunks(self._size) - 1
        try:
            self._chunk = self._cipher.decrypt(_nonce(number, last=last), sealed, self._header)
        except InvalidTag:
            raise Unreadable(f"{self._what} is damaged: its encrypted bytes were changed or cut off") from None
        self._number = number

    def close(self) -> None:
        self._file.close()
        super().close()


def opened(path: Path) -> BufferedReader:
    """A file for reading, encrypted or in clear. Raises Unreadable (also while it is read); FileNotFoundError."""
    file = path.open("rb")
    header = file.read(HEADER)
    if not _is_header(header):
        file.seek(0)
        return file
    name = _name(header)
    try:
        key = next((key for key in (*configured(), PUBLIC) if key.name == name), None)
        if key is None:
            have = "holds other keys" if configured() else "is not set"
            raise Unreadable(f"{path.name} is encrypted under the key {name.hex()}; AOR_DOCUMENT_KEYS {have}")
        return BufferedReader(_Reader(file, header, key, path.name), CHUNK)
    except Unreadable:
        file.close()
        raise
