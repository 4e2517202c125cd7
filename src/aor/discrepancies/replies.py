"""Ordinary mails with what should not be mailed: kept apart, with a place in the queue, answered, never quoted."""

from __future__ import annotations

import email
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy as mail_policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr
from html import unescape

from django.db import transaction

from aor.audit import operations as journal
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.discrepancies import queries, say
from aor.discrepancies.models import Reply
from aor.policy import discrepancy
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of
from aor.workbooks.returned_fields import REMOVED, SOCIAL_SECURITY

MOST_BYTES = 25 << 20
MOST_WORDS = 100_000
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


class NotAMail(Exception):
    """Why a file is no mail that can be kept, in a sentence."""


@dataclass(frozen=True, slots=True)
class Mail:
    """An ordinary mail as far as it is kept. `automatic` ones are never answered (RFC 3834)."""

    sender: str
    subject: str
    body: str
    attachments: int
    message_id: str
    automatic: bool


def read(content: bytes) -> Mail:
    """A mail of RFC 5322. Raises NotAMail."""
    if len(content) > MOST_BYTES:
        raise NotAMail(f"it is larger than {MOST_BYTES >> 20} MB")
    try:
        message = email.message_from_bytes(content, policy=mail_policy.default)
        assert isinstance(message, EmailMessage)
        sender = parseaddr(str(message["From"] or ""))[1][:254]
        if "@" not in sender:
            raise NotAMail("it does not say from whom it is")
        return Mail(
            sender=sender,
            subject=_plain(str(message["Subject"] or ""))[:300],
            body=_plain(_text(message))[:MOST_WORDS],
            attachments=sum(1 for _ in message.iter_attachments()),
            message_id=str(message["Message-ID"] or hashlib.sha256(content).hexdigest())[:300],
            automatic=str(message["Auto-Submitted"] or "no").lower() != "no" or "Precedence" in message,
        )
    except (MessageError, LookupError, ValueError, AttributeError, TypeError) as wrong:
        raise NotAMail(f"it cannot be read as a mail: {type(wrong).__name__}") from None


def _text(message: EmailMessage) -> str:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    text = str(part.get_content())
    return unescape(_TAGS.sub(" ", text)) if part.get_content_subtype() == "html" else text


def _plain(text: str) -> str:
    """Without Social Security numbers, and what no database takes (readings, R11)."""
    return SOCIAL_SECURITY.sub(REMOVED, text.replace("\0", ""))


def receive_reply(mail: Mail, *, now: datetime) -> str:
    """Keeps a mail in quarantine, with a place in the queue, and answers how to send safely; its receipt.

    The same mail again, by its Message-ID, has the receipt it had.
    """
    before = Reply.objects.filter(message_id=mail.message_id).select_related("case").first()
    if before is not None:
        return before.case.number
    npn = _npn(mail.sender)
    days = discrepancy.answer_days(day_of(now), calendar.parameters())
    with transaction.atomic():
        opened = cases.open_one(
            kind=queries.KIND,
            subject=("reply", hashlib.sha256(mail.message_id.encode()).hexdigest()[:32]),
            clocks={cases.ANSWER: Allowance(days, Unit.BUSINESS_DAYS)},
            by=Actor(Role.SYSTEM, "mail", npn),
            now=now,
        )
        Reply.objects.create(
            case_id=opened.id,
            npn=npn,
            sender=mail.sender,
            subject=mail.subject,
            body=mail.body,
            attachments=mail.attachments,
            message_id=mail.message_id,
            received_at=now,
        )
        if not mail.automatic:
            say.how_to_send_safely(mail.sender, npn, now=now)
    return opened.number


def _npn(sender: str) -> str:
    """The broker who has this registered address, if it is one broker's alone."""
    own = [npn for npn, address in brokers.report_addresses().items() if address.lower() == sender.lower()]
    return own[0] if len(own) == 1 else ""


def open_reply(number: str, *, by: Actor, now: datetime) -> Reply:
    """The quarantined mail, for an officer; the read is recorded. Raises Refused."""
    reply = Reply.objects.filter(case__number=number).first()
    if reply is None or by.role not in cases.OFFICIALS:
        raise cases.Refused(f"there is no mail {number}")
    journal.record_read(subject=("case", number), what="quarantined mail", purpose="discrepancies", by=by, at=now)
    return reply
