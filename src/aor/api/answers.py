"""The documents that the API answers with, as its description shows them."""

import json
from datetime import date, datetime
from typing import Literal

from django.http import HttpResponse

from aor.api.fields import Document, Npn


class FindingOut(Document):
    """One rule and how it was met: null is not known."""

    rule: str
    met: bool | None
    because: str
    cites: str
    cure: str
    tested_on: date | None


class RecordRow(Document):
    """An entry of the record; `effective_until` is the first day that no longer counts."""

    exchange_policy_id: str
    exchange_subscriber_id: str
    hios_issuer_id: str
    coverage: str
    npn: Npn
    effective_from: date
    effective_until: date
    state: Literal["held", "ready", "sent", "accepted", "rejected", "ended"]
    sent_on: date | None
    findings: list[FindingOut]


class RecordPage(Document):
    """Rows as known at one instant, and the cursor of the next page."""

    rows: list[RecordRow]
    known_at: datetime
    next: str | None


class DecisionOut(Document):
    """What was decided, and by which findings."""

    granted: bool
    findings: list[FindingOut]


class Chapter(Document):
    """One thing that took place."""

    at: datetime
    what: str
    decision: DecisionOut | None


class Why(Document):
    """The story of one policy."""

    exchange_policy_id: str
    hios_issuer_id: str
    on: date
    known_at: datetime
    agent_of_record: str | None
    candidate: str | None
    state: str | None
    findings: list[FindingOut]
    story: list[Chapter]


class ReceiptRow(Document):
    """A receipt; `told` is the day from which the carrier had been told of this broker, null when it had not."""

    receipt: int
    exchange_policy_id: str
    hios_issuer_id: str
    npn: str
    recorded_from: date | None
    result: Literal["recorded", "rejected"]
    reason: str
    told: date | None
    received_at: datetime


class ReceiptPage(Document):
    """Receipts in the order in which they came, and the cursor of the next page."""

    rows: list[ReceiptRow]
    next: str | None


class ReceiptAnswer(Document):
    """What became of a row: the receipt's number, or why there is none."""

    exchange_policy_id: str
    receipt: int | None
    because: str


class ReceiptAnswers(Document):
    """One answer a row, in their order."""

    receipts: list[ReceiptAnswer]


class Taken(Document):
    """A feed was taken whole."""

    enrollments: int
    findings: list[FindingOut]


class ProblemOut(Document):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: list["FaultOut"]


class FaultOut(Document):
    """`pointer` is a JSON pointer into the body, or the name of a parameter."""

    pointer: str
    because: str


def page(rows: str, *, after: str | None, **others: str) -> HttpResponse:
    """A page of rows that are JSON already."""
    rest = json.dumps({**others, "next": after}, ensure_ascii=False)
    return HttpResponse(f'{{"rows": {rows}, {rest[1:]}', content_type="application/json")
