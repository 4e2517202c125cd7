"""What went wrong, as a problem document (RFC 9457): words for a person, places for a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple

from django.http import JsonResponse

MEDIA = "application/problem+json"


class Fault(NamedTuple):
    """`pointer` is a JSON pointer into the body, or the name of a parameter."""

    pointer: str
    because: str


class Problem(Exception):
    """Answered by its document. Everything done in the request's transaction is undone."""

    def __init__(
        self, status: int, detail: str, *, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.faults, self.headers = status, detail, faults, headers

    def document(self) -> JsonResponse:
        return document(self.status, self.detail, faults=self.faults, headers=self.headers)


def document(
    status: int, detail: str, *, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """The answer that says what was wrong."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": [fault._asdict() for fault in faults],
    }
    return JsonResponse(content, status=status, content_type=MEDIA, headers=dict(headers or {}))
