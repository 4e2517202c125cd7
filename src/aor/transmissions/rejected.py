"""What carriers rejected and nobody has sent again."""

from __future__ import annotations

from datetime import datetime

from aor.transmissions.lifecycle import REJECTED
from aor.transmissions.models import Answer


def rejections(since: datetime, *, most: int) -> list[Answer]:
    """What carriers rejected since an instant and nobody has sent again, the latest first."""
    rows = Answer.objects.filter(verdict=REJECTED, recorded_at__gte=since, transaction_set__resends=None)
    rows = rows.exclude(interchange=None, transaction_set=None)
    return list(
        rows.select_related(
            "interchange", "transaction_set__interchange", "transaction_set__enrollment", "acknowledgment"
        ).order_by("-id")[:most]
    )
