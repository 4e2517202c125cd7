"""What is written and shown in a case. Departments say `from aor.cases import correspondence`.

correspondence.send(number, to=(Role.BROKER, npn), body="Which carrier?", by=officer, now=now)
correspondence.read_messages(number, purpose="answering", by=broker, now=now)      # the read is recorded
correspondence.keep_evidence(number, content=..., name=..., media_type=..., by=broker, now=now)
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from aor.audit import operations as journal
from aor.cases.models import Case, Evidence, Message
from aor.cases.operations import DESK, OFFICIALS, Refused, is_own
from aor.engine import store
from aor.terms.actor import Actor, Role
from aor.workbooks.returned_fields import REMOVED, SOCIAL_SECURITY


@transaction.atomic
def send(number: str, *, to: tuple[Role, str], body: str, by: Actor, now: datetime) -> int:
    """Writes to the other side of a case; returns the message. A notice, queued by the caller, says one is waiting.

    `to` is a role and an NPN, a household's key, or "" (`DESK`). Raises Refused.
    """
    return _post(_own(number, by=by), to=to, body=body, by=by, now=now)


def post(number: str, *, to: tuple[Role, str], body: str, by: Actor, now: datetime) -> int:
    """As `send`, in a thread whose two parties the caller has told apart."""
    return _post(Case.objects.get(number=number), to=to, body=body, by=by, now=now)


@transaction.atomic
def _post(row: Case, *, to: tuple[Role, str], body: str, by: Actor, now: datetime) -> int:
    if not body.strip():
        raise Refused("a message needs some words")
    body = SOCIAL_SECURITY.sub(REMOVED, body)  # readings, R11: none is kept, whoever writes it
    message = Message.objects.create(
        case=row, at=now, by_role=by.role, by_name=by.name, by_npn=by.npn, to_role=to[0], to_id=to[1], body=body
    )
    journal.write(
        verb="case.message_sent",
        subject=("case", row.number),
        by=by,
        at=now,
        details={"to": to[0], "message": message.pk},
    )
    return message.pk


@transaction.atomic
def read_messages(
    number: str, *, purpose: str, by: Actor, now: datetime, recipient: tuple[Role, str] | None = None
) -> list[Message]:
    """The messages of a case, oldest first, for a person: the read is recorded, what was sent to them marked read.

    `recipient` is whose inbox it is: without one the desk's, or that of the broker acted for. Raises Refused.
    """
    recipient = recipient or (DESK if by.role in OFFICIALS else (Role.BROKER, by.npn))
    return _read(_own(number, by=by), recipient, purpose, by=by, now=now)


@transaction.atomic
def read_thread(number: str, *, recipient: tuple[Role, str], purpose: str, by: Actor, now: datetime) -> list[Message]:
    """As `read_messages`, of a thread whose two parties the caller has told apart."""
    return _read(Case.objects.get(number=number), recipient, purpose, by=by, now=now)


def _read(row: Case, recipient: tuple[Role, str], purpose: str, *, by: Actor, now: datetime) -> list[Message]:
    journal.record_read(subject=("case", row.number), what="messages", purpose=purpose, by=by, at=now)
    if by.role is not Role.AUDITOR:
        Message.objects.filter(case=row, to_role=recipient[0], to_id=recipient[1], read_at=None).update(read_at=now)
    return list(row.messages.order_by("at", "id"))


def keep_evidence(
    number: str, *, content: bytes, name: str, media_type: str, by: Actor, now: datetime, message: int | None = None
) -> int:
    """Keeps a document of the case, checked before by whoever took it in; returns its row. Raises Refused."""
    document = store.put(content)
    with transaction.atomic():
        row = Evidence.objects.create(
            case=_own(number, by=by),
            message_id=message,
            sha256=document.sha256,
            name=name[:200],
            media_type=media_type,
            size=document.size,
            at=now,
            by_role=by.role,
            by_name=by.name,
            by_npn=by.npn,
        )
        details = {"sha256": document.sha256, "size": document.size}
        journal.write(verb="case.evidence_kept", subject=("case", number), by=by, at=now, details=details)
    return row.pk


def _own(number: str, *, by: Actor) -> Case:
    row = Case.objects.filter(number=number).first()
    if row is None or not is_own(row, by):
        raise Refused(f"there is no case {number}")
    return row


@transaction.atomic
def open_evidence(number: str, *, evidence: int, purpose: str, by: Actor, now: datetime) -> tuple[Evidence, bytes]:
    """A document of a case, for a person who may see the case; the read is recorded. Raises Refused."""
    row = _own(number, by=by).evidence.filter(pk=evidence).first()
    if row is None:
        raise Refused(f"{number} has no such document")
    if not store.exists(row.sha256):
        raise Refused(f"{number}: the document is kept no more")
    journal.record_read(subject=("case", number), what=f"evidence {row.pk}", purpose=purpose, by=by, at=now)
    with store.open_document(row.sha256) as file:
        return row, file.read()
