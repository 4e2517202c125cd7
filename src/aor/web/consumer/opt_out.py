"""The consumer says no to a broker who is to take over, before the day comes (readings, R10)."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.cases.operations import Refused
from aor.transfers import entering, queries
from aor.web import access, once, problems, reads
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem
from aor.web.consumer import own
from aor.web.consumer.end import Sure


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def opt_out(request: PortalRequest) -> HttpResponse:
    """Who is to take over, from when, and what a no means; the letter leads here without naming anyone."""
    place = own.held(request) if request.method == "POST" else own.place(request)
    form = Sure(request.POST if request.method == "POST" else None, initial={"version": own.version(place)})
    if request.method == "POST" and form.is_valid():
        own.expect_unchanged(request, place, form)
    one = queries.soonest(own.subscriber(request), now=request.now)
    if one is None:
        words = _("No change of your broker is to come that you can say no to.") + " " + own.as_it_is(place)
        raise problems.Gone(words, back=reverse("consumer:dashboard"))
    if request.method == "POST" and form.is_valid():
        number = one.transfer.case.number
        try:
            entering.opt_out(number, subscriber_id=own.subscriber(request), by=request.actor, now=request.now)
        except Refused:  # the day came meanwhile
            raise problems.Gone(own.as_it_is(place), back=reverse("consumer:dashboard")) from None
        return HttpResponseRedirect(reverse("consumer:done", args=["staying"]))
    reads.saw(request, [own.subscriber(request)], what="change of broker")
    title = _("Say no to the new broker")
    context = {
        "title": title,
        "lead": _("Your broker gives their work to another one. If you say no, you do not go along."),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(title)],
        "facts": [
            Fact(_("Your broker now"), own.title(place.open.npn) if place.open else _("Nobody")),
            Fact(_("New broker"), own.title(one.transfer.to_npn)),
            Fact(_("The change is on"), one.transfer.on),
            Fact(_("You can say no until"), one.transfer.on - timedelta(days=1)),
            Fact(_("What the new broker may see before you say yes"), _("Nothing")),
        ],
        "form": form,
        "submit": _("No, I do not want this broker"),
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/sure.html", context)
