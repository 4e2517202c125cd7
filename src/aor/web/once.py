"""A form sent twice has one effect: the second answer leads where the first did.

    @once.effect
    def designate(request): ...

The form carries `submission`, a token made when the page was opened (`aor.web.forms`). The token is taken in the
transaction of the effect; a view that answers without a redirect (a form with errors) gives it back. Who goes back
to the page and changes what is filled in sends another form, though it has the same token.
"""

from __future__ import annotations

import functools
import json
from typing import Any

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from aor.accounts import operations as accounts
from aor.accounts.models import User
from aor.web import problems
from aor.web.access import PortalRequest, View


def effect(view: View) -> View:
    """Wraps a view: a POST with a token that was used leads to the page that the first one led to."""

    @functools.wraps(view)
    def once(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token = _token(request)
        if request.method != "POST" or not token:
            return view(request, *args, **kwargs)
        user = request.user if isinstance(request.user, User) else None
        with transaction.atomic():
            taken = accounts.begin_submission(token, user=user, now=request.now)
            if taken is None:
                return _as_before(token, user)
            response = view(request, *args, **kwargs)
            accounts.end_submission(taken, location=_led_to(response))
            return response

    return once


def steps(view: View) -> View:
    """As `effect`, for a view whose act goes on in transactions of its own: in one, all others would wait for it.

    The token is taken first, and given back where the view answers without a redirect. Killed on the way, the form
    cannot be sent again; its page, opened again, says what is done and offers the rest.
    """

    @functools.wraps(view)
    def once(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        token = _token(request)
        if request.method != "POST" or not token:
            return view(request, *args, **kwargs)
        user = request.user if isinstance(request.user, User) else None
        taken = accounts.begin_submission(token, user=user, now=request.now)
        if taken is None:
            return _as_before(token, user)
        location = ""
        try:
            response = view(request, *args, **kwargs)
            location = _led_to(response)
            return response
        finally:
            accounts.end_submission(taken, location=location)

    return once


def _token(request: PortalRequest) -> str:
    """That of the form as it is filled in, "" where it has none; what is in its documents is not looked at."""
    said = request.POST
    if not said.get("submission"):
        return ""
    fields = [(name, said.getlist(name)) for name in sorted(said) if name != "csrfmiddlewaretoken"]
    names = [(name, [file.name for file in request.FILES.getlist(name)]) for name in sorted(request.FILES)]
    whole = json.dumps([request.path, fields, names])
    return salted_hmac("aor.web.once", whole, algorithm="sha256").hexdigest()


def _led_to(response: HttpResponseBase) -> str:
    """Where the answer leads; "" for one that refused, and was journaled so: the form may be sent again."""
    return response.headers["Location"][:500] if response.status_code in (302, 303) else ""


def _as_before(token: str, user: User | None) -> HttpResponse:
    before = accounts.submission(token, user=user)
    if before is None or not before.location:
        raise problems.Stale(_("This form was sent before. Open the page again."))
    return HttpResponseRedirect(before.location)
