"""Cursors: where a walk through pages goes on. Signed for the token that got them; others are refused."""

from __future__ import annotations

from typing import Any

from django.core import signing

from aor.accounts.models import Token
from aor.api.problems import Fault, Problem

MOST = 250  # rows a page


def write(where: list[Any], *, of: str, token: Token) -> str:
    """The cursor of a place in the walk called `of`."""
    return signing.dumps(where, salt=f"aor.api.{of}.{token.pk}")


def read(cursor: str, *, of: str, token: Token) -> list[Any]:
    """The place that this token was given. Raises Problem for a cursor that is not ours, or another's."""
    try:
        found: list[Any] = signing.loads(cursor, salt=f"aor.api.{of}.{token.pk}")
    except signing.BadSignature:
        words = "this cursor was not given to you here"
        raise Problem(400, words, faults=[Fault("cursor", words)]) from None
    return found
