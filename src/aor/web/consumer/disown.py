""" "I did not ask for this": the broker's access closes at once, and staff decide (readings, R12)."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.incidents import disputes
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import NavItem
from aor.web.consumer import own
from aor.web.consumer.designate import who
from aor.web.consumer.end import Sure, expect_broker


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def disown(request: PortalRequest) -> HttpResponse:
    """One click on My broker, or on this page, which a mail leads to."""
    place = own.held(request) if request.method == "POST" else own.place(request)
    form = Sure(request.POST if request.method == "POST" else None, initial={"version": own.version(place)})
    if request.method == "POST" and form.is_valid():
        own.expect_unchanged(request, place, form)
    now = expect_broker(place)
    if own.access_closed(place):
        words = _("You told us this already. The broker cannot see your data. We will write to you.")
        raise problems.Gone(words, back=reverse("consumer:dashboard"))
    if request.method == "POST" and form.is_valid():
        disputes.disown(subscriber_id=own.subscriber(request), by=request.actor, now=request.now)
        return HttpResponseRedirect(reverse("consumer:done", args=["disowned"]))
    title = _("I did not ask for this")
    context = {
        "title": title,
        "lead": _("We close the broker's view of your data at once. Our staff look into it and write to you."),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(title)],
        "facts": who(now.npn),
        "form": form,
        "submit": title,
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/sure.html", context)
