"""A mailbox on a carrier's SFTP server; its host key is pinned, and a server not known is not spoken to."""

from __future__ import annotations

import errno
import io
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self
from urllib.parse import unquote, urlsplit

import paramiko

from aor.engine import faults
from aor.gateways import mailbox, shadow
from aor.gateways.outcomes import Refused, Retryable

CONNECT_SECONDS = 20
ANSWER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Address:
    """`sftp://user@host:port/path`; port 22 and the user's home where they are left out."""

    user: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises ValueError with a sentence for whoever wrote the address."""
        parts = urlsplit(text)
        if parts.password is not None:
            raise ValueError("an SFTP address holds no password: keys are used")
        if parts.scheme != "sftp" or not parts.hostname or not parts.username:
            raise ValueError(f"an SFTP address is sftp://user@host:port/path, not {text!r}")
        return cls(unquote(parts.username), parts.hostname, parts.port or 22, unquote(parts.path) or ".")

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}"


class _OnlyKnownHosts(paramiko.MissingHostKeyPolicy):
    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> NoReturn:
        raise Refused(f"the host key of {hostname} is not among the known hosts: it was not trusted")


class SftpMailbox:
    """Connects at once. The directories are made when they are missing."""

    def __init__(self, address: str, *, key_file: Path | None, known_hosts: Path | None) -> None:
        self._address = Address.parse(address)
        self._closing = ExitStack()
        for file in (key_file, known_hosts):
            if file is not None and not file.is_file():
                raise Refused(f"the file {file} for SFTP does not exist")
        with self._closing, self._told():
            client = paramiko.SSHClient()
            self._closing.callback(_close, client)
            client.set_missing_host_key_policy(_OnlyKnownHosts())
            if known_hosts is not None:
                client.load_host_keys(str(known_hosts))
            client.connect(
                self._address.host,
                self._address.port,
                self._address.user,
                key_filename=None if key_file is None else str(key_file),
                allow_agent=False,
                look_for_keys=False,
                timeout=CONNECT_SECONDS,
                banner_timeout=CONNECT_SECONDS,
                auth_timeout=CONNECT_SECONDS,
            )
            self._files = client.open_sftp()
            self._closing.callback(_close, self._files)
            channel = self._files.get_channel()
            assert channel is not None
            channel.settimeout(ANSWER_SECONDS)
            if not self._status(self._address.path):
                raise Refused(f"{self._address} has no folder {self._address.path}")
            for directory in mailbox.DIRECTORIES:
                if not self._status(self._path(directory)):
                    self._files.mkdir(self._path(directory))
            self._closing = self._closing.pop_all()

    def put(self, name: str, content: bytes, directory: str = mailbox.TO_CARRIER) -> None:
        shadow.refuse(name)
        final, temporary = self._path(directory, name), self._path(directory, mailbox.temporary(name))
        with self._told():
            if status := self._status(final):
                if status.st_size != len(content) or self._read(final) != content:
                    raise mailbox.taken(name)
                return
            self._files.putfo(io.BytesIO(content), temporary)
            faults.reached("mailbox written")
            self._files.posix_rename(temporary, final)
            faults.reached("mailbox renamed")

    def list(self, directory: str) -> list[str]:
        with self._told():
            files = self._files.listdir_attr(self._path(directory))
        return sorted(
            file.filename for file in files if mailbox.is_whole(file.filename) and not stat.S_ISDIR(file.st_mode or 0)
        )

    def get(self, name: str, directory: str) -> bytes:
        path = self._path(directory, name)
        with self._told():
            size = self._files.stat(path).st_size or 0
            if size > mailbox.MAX_BYTES:
                raise mailbox.too_large(name, size)
            return self._read(path)

    def move(self, name: str, source: str, destination: str) -> None:
        came, goes = self._path(source, name), self._path(destination, name)
        with self._told():
            if self._status(came) or not self._status(goes):
                self._files.posix_rename(came, goes)

    def exists(self, name: str, directory: str = mailbox.TO_CARRIER) -> bool:
        with self._told():
            return self._status(self._path(directory, name)) is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.close()

    def _path(self, *parts: str) -> str:
        return "/".join((self._address.path.rstrip("/"), *parts))

    def _status(self, path: str) -> paramiko.SFTPAttributes | None:
        try:
            return self._files.stat(path)
        except FileNotFoundError:
            return None

    def _read(self, path: str) -> bytes:
        content = io.BytesIO()
        self._files.getfo(path, content)
        return content.getvalue()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The library's exceptions as outcomes, with the server's name in the words."""
        try:
            yield
        except paramiko.BadHostKeyException as error:
            raise Refused(f"the host key of {self._address.host} changed: it was not trusted") from error
        except paramiko.AuthenticationException as error:
            raise Refused(f"{self._address} did not accept our key") from error
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EPERM):
                raise Refused(f"{self._address} does not permit it: {error}") from error
            raise Retryable(f"{self._address}: {error or type(error).__name__}") from error
        except (paramiko.SSHException, EOFError) as error:
            raise Retryable(f"{self._address}: {str(error) or 'the connection was cut'}") from error


def _close(connection: paramiko.SSHClient | paramiko.SFTPClient) -> None:
    # A line that was cut cannot be closed in form, and that must not hide why it was cut.
    with suppress(OSError, EOFError, paramiko.SSHException):
        connection.close()
