"""Named points at which a test may kill this process, as a power cut would.

`AOR_FAULT="document named"` kills at the first arrival, `AOR_FAULT="document named:3"` at the third. A name may
hold a colon, as `close:cut` does: only digits after the last one are a count.
"""

from __future__ import annotations

import os
import signal

from django.core.exceptions import ImproperlyConfigured


def armed() -> tuple[str, int]:
    """The fault asked for and the arrival at which it strikes. Raises ImproperlyConfigured in production."""
    asked = os.environ.get("AOR_FAULT", "")
    name, _, nth = asked.rpartition(":")
    if not (name and nth.isdigit()):
        name, nth = asked, "1"
    if name and os.environ.get("AOR_ENV") == "production":
        raise ImproperlyConfigured("AOR_FAULT kills this program on purpose: it is refused in production")
    if int(nth) < 1:
        raise ImproperlyConfigured(f"AOR_FAULT is a name, or name:N with N from 1 on, not {asked!r}")
    return name, int(nth)


_name, _arrivals_left = armed()


def reached(name: str) -> None:
    """Dies here if this is the point, and the arrival, that was asked for."""
    global _arrivals_left
    if name != _name:
        return
    _arrivals_left -= 1
    if _arrivals_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
