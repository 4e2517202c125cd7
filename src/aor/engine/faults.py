"""Named points at which a test may kill this process, as a power cut would.

`AOR_FAULT="document named"` kills at the first arrival, `AOR_FAULT="document named:3"` at the third.
"""

from __future__ import annotations

import os
import signal

from django.core.exceptions import ImproperlyConfigured


def armed() -> tuple[str, int]:
    """The fault asked for and the arrival at which it strikes. Raises ImproperlyConfigured in production."""
    name, _, nth = os.environ.get("AOR_FAULT", "").partition(":")
    if name and os.environ.get("AOR_ENV") == "production":
        raise ImproperlyConfigured("AOR_FAULT kills this program on purpose: it is refused in production")
    if nth and not nth.isdigit():
        raise ImproperlyConfigured(f"AOR_FAULT is a name, or name:N, not {os.environ['AOR_FAULT']!r}")
    return name, int(nth or 1)


_name, _arrivals_left = armed()


def reached(name: str) -> None:
    """Dies here if this is the point, and the arrival, that was asked for."""
    global _arrivals_left
    if name != _name:
        return
    _arrivals_left -= 1
    if _arrivals_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
