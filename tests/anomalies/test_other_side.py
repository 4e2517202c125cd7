"""The other side fails: mailboxes and the mail relay, as the commands meet them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from aor.gateways.tests import sftp_server, smtp_server
from aor.gateways.tests.sftp_server import Server
from aor.gateways.tests.smtp_server import Relay
from tests.anomalies import town
from tests.anomalies.program import Place, Program, copied
from tests.anomalies.town import NOW

SEND = ("send", "--carrier", town.CARRIER.hios)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "sftp").mkdir()
    with sftp_server.serving(tmp_path / "sftp") as server:
        yield server


@dataclass(frozen=True)
class Trouble:
    """How a carrier's server fails, what the command says of it, and how it is mended."""

    begins: Callable[[Server], None]
    because: str
    ends: Callable[[Server], None]


def _set(**faults: object) -> Callable[[Server], None]:
    def change(server: Server) -> None:
        for name, value in faults.items():
            setattr(server.faults, name, value)

    return change


def _other_key(server: Server) -> None:
    shutil.copy(server.known_hosts, server.known_hosts.with_name("right"))
    key = asyncssh.generate_private_key("ssh-ed25519").export_public_key("openssh").decode().strip()
    server.known_hosts.write_text(f"[127.0.0.1]:{server.port} {key}\n")


def _right_key(server: Server) -> None:
    shutil.copy(server.known_hosts.with_name("right"), server.known_hosts)


TROUBLES = {
    "cut at the first byte": Trouble(_set(write_after=0), "not handed over", _set(write_after=None)),
    "cut after 700 bytes": Trouble(_set(write_after=700), "not handed over", _set(write_after=None)),
    "cut before the rename": Trouble(_set(rename="before"), "not handed over", _set(rename="")),
    "cut after the rename": Trouble(_set(rename="after"), "not handed over", _set(rename="")),
    "full": Trouble(_set(full=True), "not handed over", _set(full=False)),
    "read only": Trouble(_set(read_only=True), "does not permit it", _set(read_only=False)),
    "another host key": Trouble(_other_key, "the host key of 127.0.0.1 changed: it was not trusted", _right_key),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_a_mailbox_that_fails_during_send_gets_the_file_once_and_whole(
    trouble: Trouble, server: Server, place: Place, tmp_path: Path
) -> None:
    keys = {"AOR_SFTP_KEY": str(server.client_key), "AOR_SFTP_KNOWN_HOSTS": str(server.known_hosts)}
    with Program(place, **keys) as program:
        town.found(program, tmp_path / "files", count=4, associated=True, mailbox=server.address)
        trouble.begins(server)
        failed = program.aor(*SEND, now=NOW)
        assert failed.code == 1
        assert trouble.because in " ".join(failed.document["findings"])
        assert "Traceback" not in failed.err
        box = server.root / "box" / "to-carrier"
        whole = list(box.glob("[!.]*")) if box.exists() else []
        assert len(whole) == (trouble is TROUBLES["cut after the rename"])
        trouble.ends(server)
        sent = program.aor("send", now=NOW + timedelta(hours=1))
        assert sent.code == 0, sent.out
        [interchange] = sent.document["interchanges"]
        assert [file.name for file in box.iterdir()] == [interchange["file"]]
        assert (box / interchange["file"]).read_bytes().count(b"~ST*834*") == 4
        assert program.aor("send", now=NOW + timedelta(hours=2)).document["interchanges"] == []
        verified = program.aor("verify", now=NOW + timedelta(hours=3))
        assert verified.code == 0, verified.out


@pytest.fixture(scope="module")
def closed(empty: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A month is closed: four brokers are to be told that their report waits."""
    folder = tmp_path_factory.mktemp("closed")
    with copied(empty, folder / "home") as place:
        with Program(place) as program:
            town.found(program, folder / "files", count=4, associated=True)
            for words, now in ((SEND, NOW), (("close", "2026-01"), NOW + timedelta(days=11))):
                ran = program.aor(*words, now=now)
                assert ran.code == 0, ran.out
        yield place


DELIVERED = NOW + timedelta(days=11)


@dataclass
class SlowRelay(Relay):
    """Takes the first mail that it is given, and says so when nobody listens any more; the others at once."""

    slow: str = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        answer = await super().handle_DATA(server, session, envelope)
        self.slow = self.slow or self.taken[0]["Message-ID"]
        if len(self.taken) == 1:
            await asyncio.sleep(3)
        return answer


def _all(relay: Relay) -> dict[str, int]:
    """How often each mail reached the relay, by Message-ID."""
    found: dict[str, int] = {}
    for mail in relay.taken:
        found[mail["Message-ID"]] = found.get(mail["Message-ID"], 0) + 1
    return found


BO = "bo@broker.example"
MAILS = {
    "down": ({"at_sender": "421 going down"}, {"retried": 4, "waiting": 4}, 1),
    "refuses the mail for now": ({"at_data": {BO: "451 later"}}, {"retried": 4, "waiting": 4}, 1),
    "dies after DATA": ({"dies": {BO}}, {"retried": 4, "waiting": 4}, 2),
    "refuses for good": ({"at_recipient": {BO: "550 no such user"}}, {"bounced": 4, "waiting": 0}, 0),
}


@pytest.mark.parametrize(("manner", "expected", "times"), MAILS.values(), ids=MAILS)
def test_a_relay_that_fails_loses_no_notice(
    manner: dict[str, object], expected: dict[str, int], times: int, closed: Place, tmp_path: Path
) -> None:
    with smtp_server.relaying() as relay, copied(closed, tmp_path / "home") as place:
        for name, value in manner.items():
            setattr(relay, name, value)
        with Program(place, TEST_RELAY_PORT=str(relay.port)) as program:
            first = program.aor("deliver", now=DELIVERED)
            assert first.code == 0, first.out
            assert {name: first.document[name] for name in expected} == expected
            relay.at_sender, relay.at_recipient, relay.at_data, relay.dies = "", {}, {}, set()
            again = program.aor("deliver", now=DELIVERED + timedelta(hours=1))
            assert again.document["waiting"] == 0
            assert program.aor("deliver", now=DELIVERED + timedelta(hours=9)).document["delivered"] == 0
            # Whoever died after DATA has it twice, under one Message-ID, by which it is seen to be one.
            assert list(_all(relay).values()) == [times] * (4 if times else 0)
            assert program.aor("verify", now=DELIVERED + timedelta(hours=10)).code == 0


def test_a_relay_slower_than_our_patience_holds_up_one_notice_and_no_other(closed: Place, tmp_path: Path) -> None:
    relay = SlowRelay()
    with (
        smtp_server.relaying(relay),
        copied(closed, tmp_path / "home") as place,
        Program(place, TEST_RELAY_PORT=str(relay.port), TEST_RELAY_SECONDS="1") as program,
    ):
        first = program.aor("deliver", now=DELIVERED)
        assert first.code == 0, first.out
        told = {name: first.document[name] for name in ("delivered", "retried", "bounced", "waiting")}
        assert told == {"delivered": 3, "retried": 1, "bounced": 0, "waiting": 1}
        again = program.aor("deliver", now=DELIVERED + timedelta(hours=1)).document
        assert (again["delivered"], again["waiting"]) == (1, 0)
        assert program.aor("deliver", now=DELIVERED + timedelta(hours=9)).document["delivered"] == 0
        # The relay had it already: it has it twice, under one Message-ID.
        taken = _all(relay)
        assert len(taken) == 4
        assert {name for name, times in taken.items() if times > 1} == {relay.slow}
        assert taken[relay.slow] == 2
        assert program.aor("verify", now=DELIVERED + timedelta(hours=10)).code == 0


def test_without_a_relay_notices_wait_and_then_go_once(closed: Place, tmp_path: Path) -> None:
    with smtp_server.relaying() as relay:
        port = str(relay.port)
    with copied(closed, tmp_path / "home") as place:
        with Program(place, TEST_RELAY_PORT=port) as program:
            assert program.aor("deliver", now=DELIVERED).document["retried"] == 4
        with smtp_server.relaying() as relay, Program(place, TEST_RELAY_PORT=str(relay.port)) as program:
            assert program.aor("deliver", now=DELIVERED + timedelta(hours=1)).document["delivered"] == 4
            assert list(_all(relay).values()) == [1] * 4
