"""A consumer locks their broker, so that only they can change it, and unlocks it."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.acts import associate
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem
from aor.web.consumer import own
from aor.web.forms import Form, Submitted


class Turn(Submitted, Form):
    """Nothing to fill in: the button says which way."""


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def lock(request: PortalRequest) -> HttpResponse:
    """Locks, or unlocks."""
    place = own.held(request) if request.method == "POST" else own.place(request)
    form = Turn(request.POST if request.method == "POST" else None)
    wanted = "unlock" not in request.POST
    if request.method == "POST" and form.is_valid():
        associate.lock(subscriber_id=own.subscriber(request), locked=wanted, by=request.actor, now=request.now)
        return HttpResponseRedirect(reverse("consumer:done", args=["locked" if wanted else "unlocked"]))
    title = _("Unlock my broker") if place.locked else _("Lock my broker")
    context = {
        "title": title,
        "lead": _("While it is locked, nobody but you can change your broker: no code, no application, no transfer."),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(title)],
        "facts": [
            Fact(_("Your broker now"), own.title(place.open.npn) if place.open else _("Nobody")),
            Fact(_("Lock"), _("Locked") if place.locked else _("Not locked")),
        ],
        "locked": place.locked,
        "form": form,
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/lock.html", context)
