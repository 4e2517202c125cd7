"""One contract for every transport: the folder, the SFTP server and the fake behave alike."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from aor.gateways import mailbox, mailboxes
from aor.gateways.folder import FolderMailbox
from aor.gateways.mailbox import DONE, FROM_CARRIER, TO_CARRIER, Mailbox
from aor.gateways.memory import MemoryMailbox
from aor.gateways.outcomes import Refused, Retryable
from aor.gateways.sftp import SftpMailbox
from aor.gateways.tests import sftp_server

NAME = "AOR.12345.D261121.T120000000.000000001.834"
BIG = bytes(range(256)) * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sftp_server.Server]:
    with sftp_server.serving(tmp_path_factory.mktemp("sftp")) as server:
        yield server


@pytest.fixture(params=["folder", "sftp", "memory"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mailbox]:
    if request.param == "folder":
        yield FolderMailbox(tmp_path / "box")
    elif request.param == "memory":
        yield MemoryMailbox()
    else:
        with sftp_server.serving(tmp_path) as server, connected(server) as mailbox:
            yield mailbox


def connected(server: sftp_server.Server) -> SftpMailbox:
    return SftpMailbox(server.address, key_file=server.client_key, known_hosts=server.known_hosts)


def test_what_is_put_is_listed_and_read(box: Mailbox) -> None:
    assert [box.list(directory) for directory in mailbox.DIRECTORIES] == [[], [], []]
    box.put(NAME, BIG)
    box.put("empty", b"")
    box.put("answer.999", b"ISA", FROM_CARRIER)
    assert box.list(TO_CARRIER) == sorted([NAME, "empty"])
    assert box.list(FROM_CARRIER) == ["answer.999"]
    assert box.get(NAME, TO_CARRIER) == BIG
    assert box.get("empty", TO_CARRIER) == b""
    assert (box.exists(NAME), box.exists(NAME, FROM_CARRIER), box.exists("answer.999")) == (True, False, False)


def test_a_link_that_a_carrier_left_leads_nowhere(tmp_path: Path) -> None:
    box, secret = FolderMailbox(tmp_path / "box"), tmp_path / "secret"
    secret.write_bytes(b"ours alone")
    (tmp_path / "box" / FROM_CARRIER / "answer.999").symlink_to(secret)
    assert box.list(FROM_CARRIER) == []
    with pytest.raises(OSError, match="symbolic links"):
        box.get("answer.999", FROM_CARRIER)
    (tmp_path / "box" / TO_CARRIER / mailbox.temporary(NAME)).symlink_to(secret)
    with pytest.raises(Retryable, match="symbolic links"):
        box.put(NAME, b"content")
    assert secret.read_bytes() == b"ours alone"


def test_putting_again_changes_nothing_and_other_content_is_refused(box: Mailbox) -> None:
    box.put(NAME, b"content")
    box.put(NAME, b"content")
    for other in (b"CONTENT", b"longer content", b""):
        with pytest.raises(Refused, match="other content"):
            box.put(NAME, other)
    assert box.get(NAME, TO_CARRIER) == b"content"
    assert box.list(TO_CARRIER) == [NAME]


def test_a_file_moves_once(box: Mailbox) -> None:
    box.put("answer", b"1", FROM_CARRIER)
    box.move("answer", FROM_CARRIER, DONE)
    box.move("answer", FROM_CARRIER, DONE)
    assert (box.list(FROM_CARRIER), box.list(DONE)) == ([], ["answer"])
    box.put("answer", b"2", FROM_CARRIER)
    box.move("answer", FROM_CARRIER, DONE)
    assert box.get("answer", DONE) == b"2"


def test_what_is_not_there_is_said(box: Mailbox) -> None:
    with pytest.raises(FileNotFoundError):
        box.get("nothing", FROM_CARRIER)
    with pytest.raises(FileNotFoundError):
        box.move("nothing", FROM_CARRIER, DONE)


def test_more_than_can_be_read_is_refused(box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MAX_BYTES", 10)
    box.put("small", b"0123456789")
    box.put("large", b"0123456789A")
    assert len(box.get("small", TO_CARRIER)) == 10
    with pytest.raises(Refused, match="large has 11 bytes"):
        box.get("large", TO_CARRIER)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a\\b", "a\0b"])
def test_a_name_cannot_leave_its_directory(box: Mailbox, name: str) -> None:
    with pytest.raises(ValueError, match="no name for a file"):
        box.put(name, b"content")


@pytest.mark.parametrize(
    "name", [".answer.part", "answer.999.tmp", "answer.TMP", "answer.999.part", "answer.999.filepart", "answer.999~"]
)
def test_files_still_being_written_are_not_listed(name: str, tmp_path: Path) -> None:
    box = FolderMailbox(tmp_path)
    (tmp_path / FROM_CARRIER / name).write_bytes(b"half")
    (tmp_path / FROM_CARRIER / "tmp.999").write_bytes(b"whole")
    assert box.list(FROM_CARRIER) == ["tmp.999"]


PUTS = """
import sys
from pathlib import Path
from aor.gateways.folder import FolderMailbox
FolderMailbox(Path(sys.argv[1])).put("interchange", b"ISA" * 1000)
"""


@pytest.mark.parametrize("fault", ["mailbox written", "mailbox renamed"])
def test_a_process_killed_while_putting_is_taken_up_again(tmp_path: Path, fault: str) -> None:
    killed = subprocess.run([sys.executable, "-c", PUTS, str(tmp_path)], env={**os.environ, "AOR_FAULT": fault})
    assert killed.returncode == -9
    box = FolderMailbox(tmp_path)
    assert box.exists("interchange") == (fault == "mailbox renamed")
    box.put("interchange", b"ISA" * 1000)
    assert box.get("interchange", TO_CARRIER) == b"ISA" * 1000
    assert [file.name for file in (tmp_path / TO_CARRIER).iterdir()] == ["interchange"]


@pytest.mark.parametrize("cut", [0, 1, 32_768, 100_000, len(BIG) - 1])
def test_a_line_cut_while_writing_leaves_nothing_under_the_final_name(server: sftp_server.Server, cut: int) -> None:
    name = f"cut.{cut}"
    server.faults.write_after = cut
    try:
        with connected(server) as box, pytest.raises(Retryable):
            box.put(name, BIG)
    finally:
        server.faults.write_after = None
    assert not (server.root / "box" / TO_CARRIER / name).exists()
    put_again(server, name)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_line_cut_at_the_rename_is_taken_up_again(server: sftp_server.Server, when: str) -> None:
    server.faults.rename = when
    try:
        with connected(server) as box, pytest.raises(Retryable):
            box.put(f"rename.{when}", BIG)
    finally:
        server.faults.rename = ""
    assert (server.root / "box" / TO_CARRIER / f"rename.{when}").exists() == (when == "after")
    put_again(server, f"rename.{when}")


def put_again(server: sftp_server.Server, name: str) -> None:
    folder = server.root / "box" / TO_CARRIER
    with connected(server) as box:
        box.put(name, BIG)
    assert (folder / name).read_bytes() == BIG
    assert not list(folder.glob(".*"))


def test_a_server_with_another_key_is_not_spoken_to(server: sftp_server.Server, tmp_path: Path) -> None:
    other = (tmp_path / "other").with_suffix(".hosts")
    asyncssh.generate_private_key("ssh-ed25519").write_public_key(tmp_path / "other.pub")
    other.write_text(f"[127.0.0.1]:{server.port} {(tmp_path / 'other.pub').read_text()}")
    with pytest.raises(Refused, match="changed"):
        SftpMailbox(server.address, key_file=server.client_key, known_hosts=other)
    for unknown in (None, tmp_path / "empty"):
        (tmp_path / "empty").touch()
        with pytest.raises(Refused, match="not among the known hosts"):
            SftpMailbox(server.address, key_file=server.client_key, known_hosts=unknown)


def test_a_key_that_is_not_ours_is_refused(server: sftp_server.Server, tmp_path: Path) -> None:
    asyncssh.generate_private_key("ssh-ed25519").write_private_key(tmp_path / "stranger")
    with pytest.raises(Refused, match="did not accept our key"):
        SftpMailbox(server.address, key_file=tmp_path / "stranger", known_hosts=server.known_hosts)
    with pytest.raises(Refused, match="does not exist"):
        SftpMailbox(server.address, key_file=tmp_path / "none", known_hosts=server.known_hosts)


def test_what_the_server_does_not_permit_waits_for_a_person(server: sftp_server.Server) -> None:
    server.faults.read_only = True
    try:
        with connected(server) as box, pytest.raises(Refused, match="does not permit"):
            box.put("forbidden", b"content")
    finally:
        server.faults.read_only = False
    with pytest.raises(Refused, match="has no folder /elsewhere"):
        SftpMailbox(
            server.address.replace("/box", "/elsewhere"),
            key_file=server.client_key,
            known_hosts=server.known_hosts,
        )


def test_a_full_disk_is_tried_later_and_leaves_nothing(server: sftp_server.Server) -> None:
    server.faults.full = True
    try:
        with connected(server) as box, pytest.raises(Retryable):
            box.put("full", BIG)
    finally:
        server.faults.full = False
    assert not (server.root / "box" / TO_CARRIER / "full").exists()
    put_again(server, "full")


def test_a_server_that_is_down_is_tried_later(tmp_path: Path) -> None:
    with sftp_server.serving(tmp_path) as gone:
        pass
    with pytest.raises(Retryable):
        connected(gone)


@pytest.mark.parametrize(
    "address",
    [
        "sftp://127.0.0.1/box",
        "sftp://carrier@/box",
        "sftp://carrier:secret@127.0.0.1/box",
        "sftp://carrier@127.0.0.1:port/box",
        "ftp://carrier@127.0.0.1/box",
        "https://127.0.0.1",
    ],
)
def test_other_addresses_are_refused_in_words(address: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r".") as refusal:
        mailboxes.open_mailbox(address, tmp_path, "12345")
    assert "secret" not in str(refusal.value)


def test_a_mailbox_is_opened_by_its_address(
    server: sftp_server.Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailboxes.open_mailbox("", tmp_path, "12345").put("a", b"a")
    mailboxes.open_mailbox("health", tmp_path, "12345").put("b", b"b")
    mailboxes.open_mailbox(str(tmp_path / "absolute"), tmp_path / "x", "12345").put("c", b"c")
    for folder, name in (("12345", "a"), ("health", "b"), ("absolute", "c")):
        assert (tmp_path / folder / TO_CARRIER / name).exists()
    monkeypatch.setenv("AOR_SFTP_KEY", str(server.client_key))
    monkeypatch.setenv("AOR_SFTP_KNOWN_HOSTS", str(server.known_hosts))
    with mailboxes.open_mailbox(server.address, tmp_path, "12345") as box:
        box.put("d", b"d")
    assert (server.root / "box" / TO_CARRIER / "d").read_bytes() == b"d"
