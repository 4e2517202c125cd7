"""A real mail relay on this machine, which answers as a test wants it to."""

from __future__ import annotations

import email
import email.policy
import socket
from asyncio import Transport
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Relay:
    """`taken` are the mails the relay has, answered or not. The switches answer by the recipient's address.

    `at_sender`, `at_recipient` and `at_data` give another answer than 250; `dies` cuts the line after the mail
    was taken and before that is said.
    """

    taken: list[EmailMessage] = field(default_factory=list)
    at_sender: str = ""
    at_recipient: dict[str, str] = field(default_factory=dict)
    at_data: dict[str, str] = field(default_factory=dict)
    dies: set[str] = field(default_factory=set)
    port: int = 0

    async def handle_MAIL(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.at_sender or "250 OK"

    async def handle_RCPT(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.at_recipient.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  the name is aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        [address] = envelope.rcpt_tos
        answer = self.at_data.get(address, "250 OK")
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        if address in self.dies:
            assert isinstance(server.transport, Transport)
            server.transport.abort()
        return answer

    @property
    def mailers(self) -> dict[str, dict[str, object]]:
        """Django's MAILERS with this relay."""
        options = {"host": "127.0.0.1", "port": self.port, "timeout": 10}
        return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}


@contextmanager
def relaying(relay: Relay | None = None) -> Iterator[Relay]:
    """The relay, until the block ends."""
    relay = relay or Relay()
    with socket.create_server(("127.0.0.1", 0)) as free:
        relay.port = free.getsockname()[1]
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()
