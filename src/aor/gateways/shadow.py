"""Shadow mode (`AOR_MODE=shadow`): everything is decided, nothing leaves this installation."""

from __future__ import annotations

from django.conf import settings

WORDS = "this installation only watches (AOR_MODE=shadow): nothing is sent to carriers or mailed"


class Shadowed(Exception):
    """Something would have left: in shadow mode nothing does."""


def on() -> bool:
    """Whether this installation only watches."""
    return str(getattr(settings, "AOR_MODE", "")) == "shadow"


def refuse(what: str) -> None:
    """Called by every gateway before it lets something out. Raises Shadowed."""
    if on():
        raise Shadowed(f"{what} would have left: {WORDS}")
