"""Kept for a page: what the making of one page reads of the registers again and again is read once.

Nothing is kept but while a page is made, and only where the page says so (`page`): what is read later is read anew,
and no act decides on what was kept. A page made so is of one knowledge.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

_KEPT: ContextVar[dict[Hashable, Any] | None] = ContextVar("reads of a page", default=None)


@contextmanager
def page() -> Iterator[None]:
    """While a page is made; also a decorator of a view that changes nothing."""
    token = _KEPT.set({})
    try:
        yield
    finally:
        _KEPT.reset(token)


def reads() -> dict[Hashable, Any] | None:
    """What was read for this page; None where no page is made."""
    return _KEPT.get()


def once[**P, T](read: Callable[P, T]) -> Callable[P, T]:
    """Reads once a page for the same (hashable) arguments, None as good as none; each caller gets an own copy."""

    @wraps(read)
    def kept(*given: P.args, **named: P.kwargs) -> T:
        found = _KEPT.get()
        if found is None:
            return read(*given, **named)
        told = tuple(sorted((name, one) for name, one in named.items() if one is not None))
        key = (read, tuple(one for one in given if one is not None), told)
        if key not in found:
            found[key] = read(*given, **named)
        return copy.copy(found[key])  # type: ignore[no-any-return]  # what `read` gave

    return kept
