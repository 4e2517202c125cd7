"""The first page, the choice of a role, and the pages of help."""

from __future__ import annotations

from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import queries as accounts
from aor.accounts import roles
from aor.web import access, problems
from aor.web.access import PortalRequest
from aor.web.forms import numbered
from aor.web.middleware import has_second_factor

LANDINGS: tuple[tuple[type[roles.Holder], str], ...] = (
    (roles.Broker, "broker:dashboard"),
    (roles.SupportStaff, "agency:acting"),
    (roles.AgencyManager, "agency:dashboard"),
    (roles.Consumer, "consumer:dashboard"),
    (roles.Officer, "staff:dashboard"),
    (roles.Auditor, "staff:dashboard"),
    (roles.CarrierStaff, "carrier:dashboard"),
)


@access.public
@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """What this is, and the ways in."""
    return render(request, "web/home.html")


@access.public
@require_safe
def help_page(request: PortalRequest) -> HttpResponse:
    """Answers to what people ask."""
    return render(request, "web/help.html")


@access.public
@require_safe
def accessibility(request: PortalRequest) -> HttpResponse:
    """What was tested, and whom to tell when something does not work."""
    return render(request, "web/accessibility.html")


@access.public
@require_safe
def privacy(request: PortalRequest) -> HttpResponse:
    """What is kept, why, for how long, and who sees it."""
    return render(request, "web/privacy.html")


@access.signed_in
@require_safe
def landing(request: PortalRequest) -> HttpResponse:
    """After signing in: the second factor where it is missing, then the first page of the role."""
    if not has_second_factor(request):
        return HttpResponseRedirect(reverse("second_factor"))
    if len(accounts.holders(request.user)) != 1 and "grant" not in request.session:
        return HttpResponseRedirect(reverse("roles"))
    return HttpResponseRedirect(first_page(request.holder))


def first_page(holder: roles.Holder) -> str:
    """The address of a role's first page."""
    name = next(name for kind, name in LANDINGS if isinstance(holder, kind))
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse("home")


@access.signed_in
@require_http_methods(["GET", "POST"])
def choose_role(request: PortalRequest) -> HttpResponse:
    """Which of several roles this visit is in."""
    held = accounts.holders(request.user)
    if request.method == "POST":
        chosen = request.POST.get("grant", "")
        if numbered(chosen) not in held:
            raise problems.Problem(_("Choose one of your roles."), back=reverse("roles"))
        request.session["grant"] = int(chosen)
        request.session.pop("acting_for", None)
        return HttpResponseRedirect(reverse("landing"))
    shown = {"held": held, "registration_url": reverse("agency:register")}
    return render(request, "web/roles.html", shown)


@access.signed_in
@require_safe
def second_factor(request: PortalRequest) -> HttpResponse:
    """Who sees private data signs in with two factors: a passkey first, else an app on the phone."""
    if has_second_factor(request):
        return HttpResponseRedirect(reverse("landing"))
    for method in get_adapter().get_reauthentication_methods(request.user):
        if method["id"].startswith("mfa_"):  # it was set up; now it is used once
            return HttpResponseRedirect(f"{method['url']}?{urlencode({'next': reverse('landing')})}")
    return render(request, "web/second_factor.html")
