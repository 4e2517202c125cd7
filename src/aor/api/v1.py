"""API v1: its operations, its description (OpenAPI 3.1), and what it says when something goes wrong."""

from __future__ import annotations

import functools
import json
import logging
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from aor.acts.settle import Backdated
from aor.api import associations, enrollments, receipts, record
from aor.api.answers import FaultOut, ProblemOut
from aor.api.door import View, guard
from aor.api.problems import MEDIA, Fault, Problem, document
from aor.engine.locks import Busy

LOG = logging.getLogger(__name__)
PREFIX = "/api/v1/"
WORDS = {
    400: "the request, or its cursor, could not be read",
    401: "no token, or one that is not (any more) in force",
    403: "the token does not have this scope",
    404: "not known to you",
    409: "something else came first; ask again",
    411: "the body came without its length",
    413: "the body is too large, and was not read",
    415: "the body is not application/json as it is: of another type, or compressed",
    422: "something in the request is not as it must be, by places",
    429: "too many requests in this minute",
    500: "a fault of ours; nothing was done",
    503: "busy; ask again",
}
OF_BODIES = (409, 411, 413, 415)


class Strict(Parser):
    """JSON as RFC 8259 has it: no NaN, and no name twice."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return json.loads(request.body.decode(), parse_constant=_no_number, object_pairs_hook=_once)
        except UnicodeDecodeError as trouble:
            raise Unreadable(f"the body is not UTF-8 at byte {trouble.start}") from None
        except json.JSONDecodeError as trouble:
            raise Unreadable(f"the body is no JSON at line {trouble.lineno}, column {trouble.colno}") from None
        except RecursionError:
            raise Unreadable("the body is nested too deeply") from None
        except Unreadable:
            raise
        except ValueError:  # of the interpreter: a number of thousands of digits
            raise Unreadable("a number in the body is too long") from None


class Unreadable(ValueError):
    """Why a body is no JSON of ours, in words without what stands in it."""


def _no_number(words: str) -> None:
    raise Unreadable(f"{words} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Unreadable("a name stands twice in an object of the body")
    return found


class Described(NinjaAPI):
    """Every operation's problems are in the description too."""

    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(path_prefix=PREFIX, **options)
        known = json.loads(json.dumps(ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")))
        schema["components"]["schemas"] |= {"FaultOut": FaultOut.model_json_schema(), "ProblemOut": known}
        known.pop("$defs", None)
        for operations in schema["paths"].values():
            for method, operation in operations.items():
                statuses = WORDS.keys() - (set(OF_BODIES) if method == "get" else {404})
                operation["responses"] |= {status: _of_problem(status) for status in sorted(statuses)}
                if method == "get":
                    operation["responses"][304] = {"description": HTTPStatus(304).phrase}
        return schema


def _of_problem(status: int) -> dict[str, Any]:
    content = {MEDIA: {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
    return {"description": WORDS[status], "content": content}


api = Described(
    title="System of record for agents of record",
    version="1.0.0",
    description="For the eligibility system and for carriers. Days are ISO, instants RFC 3339; `until` is the first "
    "day that no longer counts. Every POST has an Idempotency-Key: the same request again gets the same answer.",
    openapi_url=None,
    docs_url=None,
    parser=Strict(),
)
for one in (enrollments.router, associations.router, record.router, receipts.router):
    api.add_router("", one)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, trouble: Problem) -> HttpResponse:
    return trouble.document()


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, trouble: ValidationError) -> HttpResponse:
    faults = [Fault(_pointer(one["loc"]), one["msg"].removeprefix("Value error, ")) for one in trouble.errors[:100]]
    return document(422, WORDS[422], faults=faults)


def _pointer(place: Sequence[str | int]) -> str:
    source, _, *within = place if len(place) > 1 else (*place, "")
    return "".join(f"/{part}" for part in within) or "/" if source == "body" else str(place[-1])


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, trouble: HttpError) -> HttpResponse:
    headers = {"WWW-Authenticate": 'Bearer realm="aor"'} if trouble.status_code == 401 else {}
    words = WORDS.get(trouble.status_code, str(trouble))
    if isinstance(trouble.__cause__, Unreadable):
        words = str(trouble.__cause__)
    return document(trouble.status_code, words, headers=headers)


@api.exception_handler(Backdated)
def _backdated(request: HttpRequest, trouble: Backdated) -> HttpResponse:
    return document(409, str(trouble), headers={"Retry-After": "1"})


@api.exception_handler(Busy)
@api.exception_handler(OperationalError)
def _busy(request: HttpRequest, trouble: Exception) -> HttpResponse:
    LOG.warning("a request of the API found the database busy", exc_info=trouble)
    return document(503, WORDS[503], headers={"Retry-After": "5"})


@api.exception_handler(Exception)
def _broken(request: HttpRequest, trouble: Exception) -> HttpResponse:
    LOG.error("a request of the API failed", exc_info=trouble)
    return document(500, WORDS[500])


@functools.cache
def description() -> bytes:
    """The OpenAPI document."""
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False).encode()


def described(request: HttpRequest) -> HttpResponse:
    return HttpResponse(description(), content_type="application/json")


def nothing(request: HttpRequest) -> HttpResponse:
    return document(404, f"there is nothing at {request.path[:200]}: {PREFIX}openapi.json says what there is")


def patterns(declare: Callable[[View], View]) -> list[URLPattern]:
    """The API's addresses; `declare` says that they are open: their door is the token's."""
    operations = [
        path(str(entry.pattern), declare(guard(entry.callback)), name=entry.name)
        for entry in api.urls[0]
        if isinstance(entry, URLPattern) and str(entry.pattern)
    ]
    return [
        path("openapi.json", declare(described), name="openapi"),
        *operations,
        re_path(r"^.*$", declare(nothing), name="nothing"),
    ]
