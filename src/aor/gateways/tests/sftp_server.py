"""A real SFTP server on this machine, which can lose the connection where a test wants it to."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh
from asyncssh.misc import MaybeAwait


@dataclass
class Faults:
    """`write_after`: bytes of a file after which the line is cut; `rename`: cut `before` or `after` one."""

    write_after: int | None = None
    rename: str = ""
    read_only: bool = False
    full: bool = False


@dataclass(frozen=True)
class Server:
    """`root` is what the client sees as /."""

    port: int
    root: Path
    client_key: Path
    known_hosts: Path
    faults: Faults

    @property
    def address(self) -> str:
        return f"sftp://carrier@127.0.0.1:{self.port}/box"


def _files(root: Path, faults: Faults) -> type[asyncssh.SFTPServer]:
    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: asyncssh.SSHServerChannel[bytes]) -> None:
            self._connection = channel.get_connection()
            super().__init__(channel, chroot=os.fsencode(root))

        def _cut(self) -> None:
            self._connection.abort()
            raise asyncssh.SFTPConnectionLost("cut by the test")

        def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
            if faults.read_only and pflags & asyncssh.FXF_WRITE:
                raise asyncssh.SFTPPermissionDenied("read only")
            return super().open(path, pflags, attrs)

        def write(self, file_obj: object, offset: int, data: bytes) -> MaybeAwait[int]:
            if faults.full:
                raise asyncssh.SFTPFailure("no space left")
            if faults.write_after is not None and offset + len(data) > faults.write_after:
                super().write(file_obj, offset, data[: max(0, faults.write_after - offset)])
                self._cut()
            return super().write(file_obj, offset, data)

        def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
            if faults.rename == "before":
                self._cut()
            super().posix_rename(oldpath, newpath)
            if faults.rename == "after":
                self._cut()

    return Files


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """The server, its keys, and the client's, until the block ends."""
    root = folder / "server"
    (root / "box").mkdir(parents=True)
    host_key, client_key = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    client_key.write_private_key(folder / "client")
    client_key.write_public_key(folder / "authorized")
    faults = Faults()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def start() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[host_key],
            authorized_client_keys=str(folder / "authorized"),
            sftp_factory=_files(root, faults),
        )

    async def stop() -> None:
        acceptor.close()
        await acceptor.wait_closed()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    acceptor = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    port = acceptor.get_port()
    known = host_key.export_public_key("openssh").decode().strip()
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {known}\n")
    try:
        yield Server(port, root, folder / "client", folder / "known_hosts", faults)
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
