"""What carriers rejected and nobody has sent again."""

from __future__ import annotations

from datetime import datetime

from aor.transmissions.lifecycle import REJECTED
from aor.transmissions.models import Answer, TransactionSet


def rejections(since: datetime, *, most: int) -> list[Answer]:
    """What carriers rejected since an instant and nobody has sent again, the latest first."""
    rows = Answer.objects.filter(verdict=REJECTED, recorded_at__gte=since, transaction_set__resends=None)
    again = TransactionSet.objects.exclude(resend_of=None).values("resend_of__interchange")
    rows = rows.exclude(interchange=None, transaction_set=None).exclude(transaction_set=None, interchange__in=again)
    return list(
        rows.select_related(
            "interchange", "transaction_set__interchange", "transaction_set__enrollment", "acknowledgment"
        ).order_by("-id")[:most]
    )
