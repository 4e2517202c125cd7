"""The portal's clock: real, or set by AOR_NOW where time may be travelled."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

_STARTED = time.monotonic()


def now() -> datetime:
    """The instant of this request, in UTC. A set clock runs on from AOR_NOW since the process began."""
    begins = os.environ.get("AOR_NOW", "") if settings.AOR_TIME_TRAVEL else ""
    if begins:
        return datetime.fromisoformat(begins).astimezone(UTC) + timedelta(seconds=time.monotonic() - _STARTED)
    return datetime.now(UTC)
