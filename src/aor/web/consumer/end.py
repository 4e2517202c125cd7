"""A consumer ends with their broker; both dates are shown before the click."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.acts import associate, preview
from aor.acts.place import Place
from aor.associations.models import Association
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import NavItem
from aor.web.consumer import agreement, own
from aor.web.consumer.designate import ALL, NEXT_YEAR, from_year, next_plan_year
from aor.web.forms import Form, Submitted, Versioned


class End(Versioned, Submitted, Form):
    """For which coverage it ends."""

    scope = forms.ChoiceField(
        label=gettext_lazy("Which coverage do you end it for?"), widget=forms.RadioSelect, initial=ALL
    )

    def __init__(self, *args: object, year: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [(ALL, _("All my coverage")), (NEXT_YEAR, from_year(year))]
        self.fields["scope"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


class Sure(Versioned, Submitted, Form):
    """Nothing to fill in."""


def expect_broker(place: Place) -> Association:
    """The association that is open; Gone where there is none."""
    if place.open is None:
        raise problems.Gone(_("You have no broker now, so there is nothing to change."), back=reverse("directory"))
    return place.open


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def end(request: PortalRequest) -> HttpResponse:
    """Ends for all coverage, or from the next plan year on."""
    place, year = own.held(request) if request.method == "POST" else own.place(request), next_plan_year(request)
    form = End(request.POST if request.method == "POST" else None, year=year, initial={"version": own.version(place)})
    if request.method == "POST" and form.is_valid():
        own.expect_unchanged(request, place, form)
    now = expect_broker(place)
    subscriber = own.subscriber(request)
    if request.method == "POST" and form.is_valid():
        plan_year = year if form.cleaned_data["scope"] == NEXT_YEAR else None
        associate.end(subscriber_id=subscriber, plan_year=plan_year, by=request.actor, now=request.now)
        return HttpResponseRedirect(reverse("consumer:done", args=["ended"]))
    for_all = preview.end(subscriber_id=subscriber, now=request.now)
    for_later = preview.end(subscriber_id=subscriber, now=request.now, plan_year=year)
    context = {
        "title": _("End with my broker"),
        "lead": own.title(now.npn),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("End"))],
        "facts": agreement.facts(for_all),
        "choices": [
            (_("All my coverage"), agreement.effects(place, for_all)),
            (from_year(year), agreement.effects(place, for_later)),
        ],
        "form": form,
        "submit": _("End it"),
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/end.html", context)
