"""The API's door: who comes with which token, how often, with what; and every POST has one effect."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from ninja import Header
from ninja.security import HttpBearer

from aor.accounts import tokens
from aor.accounts.models import Token
from aor.accounts.tokens import Scope
from aor.api.models import Answered
from aor.api.problems import Fault, Problem, document
from aor.engine import bulk, faults

KEPT = timedelta(days=7)  # so long, at least, the answer to a key is given again
Key = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[!-~]{1,255}$")]
_ANSWERED = ("token_id", "key", "request_sha256", "status", "content_type", "content", "at")
View = Callable[..., HttpResponseBase]


class ApiRequest(HttpRequest):
    """A request that came through the door: its token, its instant, and how many more may come this minute."""

    auth: Token
    now: datetime
    left: int


class Bearer(HttpBearer):
    """A token with a scope. `asks` are the parameters that the operation knows: others are refused."""

    def __init__(self, scope: Scope, *asks: str) -> None:
        super().__init__()
        self.scope, self.asks = scope, frozenset(asks)

    def authenticate(self, request: ApiRequest, token: str) -> Token | None:  # type: ignore[override]  # our middleware's clock
        found = tokens.of(token, now=request.now)
        if found is None:
            return None
        request.left = tokens.spend(found, now=request.now)
        if request.left < 0:
            wait = 60 - request.now.second
            words = f"more than {found.per_minute} requests came in this minute"
            raise Problem(429, words, headers={"Retry-After": str(wait)})
        if self.scope not in found.scopes.split():
            raise Problem(403, f"this token does not have the scope {self.scope}")
        if request.method == "POST":
            _refuse_body(request)
        if unknown := sorted(request.GET.keys() - self.asks):
            raise Problem(422, "a parameter is not known", faults=[Fault(name, "is not known") for name in unknown])
        if twice := sorted(name for name, said in request.GET.lists() if len(said) > 1):
            raise Problem(422, "a parameter stands twice", faults=[Fault(name, "stands twice") for name in twice])
        return found


def _refuse_body(request: HttpRequest) -> None:
    """Before a byte of it is read. One in chunks has no length, and Django would take it for empty."""
    if "Transfer-Encoding" in request.headers:
        raise Problem(411, "a body comes with its Content-Length, not in chunks")
    length, largest = request.META.get("CONTENT_LENGTH") or "0", settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if not length.isdecimal() or int(length) > largest:
        raise Problem(413, f"a body has at most {largest >> 20} MB; send it in parts")
    if request.content_type != "application/json":
        raise Problem(415, "a body is application/json")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(415, "a body is not compressed", headers={"Accept-Encoding": "identity"})


def guard(view: View) -> View:
    """Wraps an operation: 304 for what is known already, 405 in words, and what is left of the minute.

    The latter as draft-ietf-httpapi-ratelimit-headers has it.
    """

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if isinstance(response, HttpResponseNotAllowed):
            allow = response.headers["Allow"]
            return document(405, f"only {allow} is answered here", headers={"Allow": allow})
        if request.method == "GET" and isinstance(response, HttpResponse) and response.status_code == 200:
            etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
            response.headers["ETag"] = etag
            response = get_conditional_response(request, etag=etag, response=response) or response
        if hasattr(request, "left"):
            seconds = 60 - request.now.second  # type: ignore[attr-defined]  # our middleware sets it
            response.headers["RateLimit"] = f'"minute";r={max(request.left, 0)};t={seconds}'
        return response

    return guarded


def once(request: ApiRequest, key: str, effect: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `effect`, done in one transaction and kept: the same request again gets the same answer.

    Raises Problem where the key came before with another request.
    """
    asked = hashlib.sha256(f"{request.path}\n".encode() + request.body).hexdigest()
    with transaction.atomic():
        if request.auth.minute != request.now.replace(second=0, microsecond=0):  # a minute's first
            Answered.objects.filter(token=request.auth, at__lt=request.now - KEPT).delete()
        new = bulk.load_new(Answered, _ANSWERED, (request.auth.pk, key, asked, 0, "", "", request.now))
        if new is None:
            row = Answered.objects.get(token=request.auth, key=key)
            if row.request_sha256 != asked:
                words = "this Idempotency-Key came before, with another request"
                raise Problem(422, words, faults=[Fault("Idempotency-Key", words)])
            headers = {"Idempotency-Replayed": "true"}
            return HttpResponse(row.content, status=row.status, content_type=row.content_type, headers=headers)
        response = effect()
        Answered.objects.filter(pk=new).update(
            status=response.status_code,
            content=response.content.decode(),
            content_type=response.headers["Content-Type"],
        )
        faults.reached("api:answering")
    faults.reached("api:answered")
    return response
