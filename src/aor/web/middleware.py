"""What every request passes: the clock, the length of a visit, who may pass, and what trouble looks like."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import auth, messages
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from aor.accounts import queries as accounts
from aor.accounts import roles
from aor.acts.settle import Backdated
from aor.brokers import queries as brokers
from aor.engine import restoring, store
from aor.engine.locks import Busy
from aor.terms.actor import Actor, Role
from aor.web import access, clock, errors, problems
from aor.web.access import PortalRequest

Respond = Callable[[HttpRequest], HttpResponse]
LOG = logging.getLogger(__name__)
SEEN_EVERY = timedelta(minutes=1)
ALIVE = "/healthz"  # who asks this would start the process anew, which mends nothing


class Headers:
    """Private pages are kept nowhere; no page uses a device's sensors."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
            patch_cache_control(response, private=True, no_store=True)
        if request.method == "POST" and request.path == reverse("account_logout"):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


class Restoring:
    """While a restore has not ended nobody reads or does anything: what is here is not whole."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != ALIVE and (because := restoring.unfinished()):
            LOG.warning("a request was refused: %s", because)
            return errors.restoring(request)
        restoring.let_go()
        return self.respond(request)


class Clock:
    """Each request has one instant."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        cast(PortalRequest, request).now = clock.now()
        return self.respond(request)


class Visits:
    """A visit ends after twelve hours whatever happens, and after thirty minutes without a request."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = cast(PortalRequest, request).now
            began = datetime.fromisoformat(request.session.setdefault("began", now.isoformat()))
            seen = datetime.fromisoformat(request.session.get("seen", began.isoformat()))
            whole, idle = (
                timedelta(seconds=settings.AOR_SESSION_WHOLE),
                timedelta(seconds=settings.SESSION_COOKIE_AGE),
            )
            if now - began > whole or now - seen > idle:
                auth.logout(request)
            elif now - seen >= SEEN_EVERY or "seen" not in request.session:
                request.session["seen"] = now.isoformat()
                UserSession.objects.create_from_request(request)
        return self.respond(request)


class Access:
    """Denies by default: a page without a rule, a role that is not among them, a single factor."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        portal = cast(PortalRequest, request)
        portal.actor = Actor(Role.VISITOR, "visitor")
        if request.user.is_authenticated and (holder := _holder(portal)):
            portal.holder, portal.actor = holder, holder.actor
        return self.respond(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        portal = cast(PortalRequest, request)
        name = request.resolver_match.url_name if request.resolver_match else None
        rule = access.rule_of(view, name)
        if rule is None:
            return errors.forbidden(request)
        if rule.public:
            return None
        if not request.user.is_authenticated:
            return _sign_in(request)
        if rule.second_factor and not has_second_factor(request):
            return HttpResponseRedirect(reverse("second_factor"))
        if rule.signed_in:
            return None
        if not hasattr(portal, "holder"):
            return HttpResponseRedirect(reverse("roles"))
        if rule.admits(portal.holder):
            return None
        return _other_role(portal, rule) or errors.forbidden(request)


class Problems:
    """Trouble that can be foreseen is a page with words; the rest is a 500 that tells nothing."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, trouble: Exception) -> HttpResponse | None:
        match trouble:
            case problems.First() if request.method == "GET":
                messages.info(request, trouble.words)
                return HttpResponseRedirect(trouble.back)
            case problems.Problem():
                return errors.problem(request, trouble)
            case Busy() | OperationalError():
                LOG.warning("a request found the database busy", exc_info=trouble)
                return errors.problem(request, problems.Busy(_("Something else is at work. Try again in a minute.")))
            case store.NotThere():
                LOG.warning("a document is not there", exc_info=trouble)
                return errors.problem(request, problems.Gone(_("This document is not kept any more.")))
            case Backdated():
                return errors.problem(request, problems.Stale(str(trouble)))
        return None


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this visit was begun with two factors, here or at an identity provider that says so."""
    if settings.AOR_DEMO and request.session.get("demo"):
        return True
    records = get_authentication_records(request, request.user)
    return any(record["method"] == "mfa" for record in records) or bool(request.session.get("provider_second_factor"))


def _holder(request: PortalRequest) -> roles.Holder | None:
    """The role chosen for this visit, else the only or first one; it is looked up anew at each request."""
    held = accounts.holders(request.user)
    chosen = request.session.get("grant")
    holder = held.get(chosen) if chosen in held else next(iter(held.values()), None)
    if isinstance(holder, roles.SupportStaff):
        return roles.SupportStaff(holder.account, holder.name, holder.agency_npn, npn=_acting_for(request, holder))
    return holder


def _acting_for(request: PortalRequest, holder: roles.SupportStaff) -> str:
    """The broker chosen for this visit, asked anew at each request: one who left the agency is acted for no more."""
    npn = str(request.session.get("acting_for", ""))
    one = brokers.roster([npn]).get(npn) if npn else None
    if one is not None and one.agency_npn == holder.agency_npn:
        return npn
    if npn:
        del request.session["acting_for"]
    return ""


def _other_role(request: PortalRequest, rule: access.Rule) -> HttpResponse | None:
    """A person with several roles who opens a page of another one goes on in that role."""
    for grant, holder in accounts.holders(request.user).items():
        if rule.admits(holder) and request.method == "GET":
            request.session["grant"] = grant
            return HttpResponseRedirect(request.get_full_path())
    return None


def _sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in, and back to the page afterwards where that is one that can be opened again."""
    back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse(settings.LOGIN_URL)}?{back}")
