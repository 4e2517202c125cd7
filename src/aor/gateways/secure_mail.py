"""Mail to the relay. A mail says that something waits behind the sign-in; it never carries personal data."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, mailers

from aor.gateways import shadow
from aor.gateways.outcomes import Bounced, Retryable

WORDS = 200


@dataclass(frozen=True, slots=True)
class Mail:
    """`message_id` without brackets, the same at every try, so that a mail relayed twice is seen to be one."""

    sender: str
    to: str
    subject: str
    body: str
    message_id: str
    at: datetime


class Courier:
    """Hands mails to one of Django's mailers, over one connection that is opened again when it was lost."""

    def __init__(self, mailer: str = "default") -> None:
        self._relay = mailers[mailer]

    def send(self, mail: Mail) -> None:
        """Returns when the relay has taken it. Raises Retryable (try later) or Bounced (refused for good)."""
        shadow.refuse("a mail")
        message = EmailMessage(
            mail.subject,
            mail.body,
            mail.sender,
            [mail.to],
            headers={
                "Message-ID": f"<{mail.message_id}>",
                "Date": format_datetime(mail.at),
                "Auto-Submitted": "auto-generated",
            },
        )
        try:
            if not all(mail.to.rpartition("@")):  # Django takes local names, and counts an empty one as no mail
                raise ValueError(f"{mail.to!r} has no name or no domain")
            self._relay.open()
            self._relay.send_messages([message])
        except ValueError as error:
            raise Bounced(f"not an address: {error}"[:WORDS]) from error
        except OSError as error:  # every exception of smtplib is one
            outcome = _outcome(error)
            if isinstance(outcome, Retryable):
                self._relay.close()  # opened anew for the next mail
            raise outcome from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._relay.close()


def _outcome(error: OSError) -> Retryable | Bounced:
    """Refused for good is only what the relay says of the recipient or the mail; all else may be mended."""
    code: int
    words: bytes | str
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, words = next(iter(error.recipients.values()))
        case smtplib.SMTPDataError():
            code, words = error.smtp_code, error.smtp_error
        case _:
            return Retryable(f"the relay: {error or type(error).__name__}"[:WORDS])
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    told = f"{code} {text}"[:WORDS]
    return Bounced(told) if code >= 500 else Retryable(told)
