"""Carriers leave receipts: what they recorded of what they were told."""

import functools
import json
from typing import Annotated, Literal

from django.http import HttpResponse, JsonResponse
from ninja import Router
from pydantic import Field

from aor.accounts import tokens
from aor.accounts.tokens import Scope
from aor.api import cursors
from aor.api.answers import ReceiptAnswers, ReceiptPage, page
from aor.api.door import ApiRequest, Bearer, Key, once
from aor.api.fields import Day, Document, PolicyId, text
from aor.api.record import Cursor, Limit, saw
from aor.engine import locks
from aor.transmissions import receipts
from aor.transmissions.models import Receipt
from aor.transmissions.receipts import LONGEST_REASON, Said

router = Router(tags=["receipts"])


class ReceiptIn(Document):
    """The carrier recorded a broker from a day, or rejected what it was told."""

    exchange_policy_id: PolicyId
    npn: Annotated[str, Field(pattern=r"^([1-9][0-9]{0,9})?$", description='NPN; "" for nobody')]
    result: Literal["recorded", "rejected"]
    recorded_from: Day | None = None
    reason: Annotated[str, text(LONGEST_REASON)] = ""


class ReceiptsIn(Document):
    """Up to a thousand receipts."""

    receipts: Annotated[list[ReceiptIn], Field(min_length=1, max_length=1_000)]


@router.post("/receipts", response=ReceiptAnswers, auth=Bearer(Scope.RECEIPTS))
def leave(request: ApiRequest, body: ReceiptsIn, key: Key) -> HttpResponse:
    """Leave receipts: as many answers as rows; a policy that is not yours is not known."""
    return once(request, key, functools.partial(_take, request, body))


def _said(one: ReceiptIn) -> Said:
    return Said(one.exchange_policy_id, one.npn, one.recorded_from, one.result, one.reason)


def _take(request: ApiRequest, body: ReceiptsIn) -> HttpResponse:
    with locks.shared("writers"):
        answers = receipts.take(
            [_said(one) for one in body.receipts],
            hios_issuer_id=request.auth.hios_issuer_id,
            source=request.auth.name,
            by=tokens.actor(request.auth),
            now=request.now,
        )
    rows = [
        {"exchange_policy_id": one.exchange_policy_id, "receipt": answer.number, "because": answer.because}
        for one, answer in zip(body.receipts, answers, strict=True)
    ]
    return JsonResponse({"receipts": rows})


@router.get("/receipts", response=ReceiptPage, auth=Bearer(Scope.RECORD, "cursor", "limit"))
def left(request: ApiRequest, cursor: Cursor = None, limit: Limit = cursors.MOST) -> HttpResponse:
    """The receipts that came, in their order; a carrier's own only."""
    after = cursors.read(cursor, of="receipts", token=request.auth)[0] if cursor else 0
    rows = Receipt.objects.filter(id__gt=after).select_related("enrollment__subscriber").order_by("id")
    if request.auth.hios_issuer_id:
        rows = rows.filter(hios_issuer_id=request.auth.hios_issuer_id)
    found = list(rows[: limit + 1])
    shown, more = found[:limit], len(found) > limit
    saw(request, (one.enrollment.subscriber.exchange_subscriber_id for one in shown), what="receipts")
    following = cursors.write([shown[-1].pk], of="receipts", token=request.auth) if more else None
    return page(json.dumps([_row(one) for one in shown], ensure_ascii=False), after=following)


def _row(one: Receipt) -> dict[str, object]:
    return {
        "receipt": one.pk,
        "exchange_policy_id": one.enrollment.policy_id,
        "hios_issuer_id": one.hios_issuer_id,
        "npn": one.npn,
        "recorded_from": one.recorded_from and one.recorded_from.isoformat(),
        "result": one.result,
        "reason": one.reason,
        "told": one.told and one.told.isoformat(),
        "received_at": one.received_at.isoformat(),
    }
