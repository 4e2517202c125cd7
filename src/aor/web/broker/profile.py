"""A broker's registered data: where reports go, and what the directory shows."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.acts import roster
from aor.brokers import queries as brokers
from aor.web import access, changed, once
from aor.web.access import PortalRequest
from aor.web.agency import done
from aor.web.broker import own
from aor.web.components import NavItem
from aor.web.forms import Form, Submitted, Versioned


class Registered(Versioned, Submitted, Form):
    """What may be changed here; the name comes from the licence and is changed by the broker team."""

    email = forms.EmailField(
        label=gettext_lazy("Registered e-mail address"),
        max_length=254,
        help_text=gettext_lazy("Reports are announced there. We tell the old address of a change."),
    )
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=40, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100, required=False)
    state = forms.CharField(label=gettext_lazy("State"), max_length=20, required=False)
    zip = forms.CharField(label=gettext_lazy("ZIP code"), max_length=15, required=False)
    languages = forms.CharField(
        label=gettext_lazy("Languages"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Separate them by semicolons: English; Spanish."),
    )
    list_in_directory = forms.BooleanField(
        label=gettext_lazy("Show me in the public directory"),
        required=False,
        help_text=gettext_lazy("Only while you are certified and licensed."),
    )


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def profile(request: PortalRequest) -> HttpResponse:
    """Shows and changes the registered data."""
    known = brokers.registered(own.npn(request))
    if known is None:
        raise Http404
    fields = {name: getattr(known, name) for name in Registered.base_fields if hasattr(known, name)}
    version = known.known_from.isoformat()
    form = Registered(request.POST if request.method == "POST" else None, initial={**fields, "version": version})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version"] != version:
            raise changed.meanwhile(
                request,
                "brokers.registered",
                ("broker", known.npn),
                known_from=known.known_from,
                back=reverse("broker:profile"),
            )
        given = {name: form.cleaned_data[name] for name in fields}
        given["list_in_directory"] = "Y" if given["list_in_directory"] else "N"
        result = roster.register_broker({"npn": own.npn(request), **given}, by=request.actor, now=request.now)
        if not result.refused:
            return done.go(request, "own-data")
        for one in result.refused:
            form.add_error(one.column if one.column in form.fields else None, one.because)
    context = {
        "title": _("Registered data"),
        "crumbs": [NavItem(_("Today"), reverse("broker:dashboard")), NavItem(_("Registered data"))],
        "form": form,
        "lead": f"{known.first_name} {known.last_name}, NPN {known.npn}",
        "submit": _("Keep"),
    }
    return render(request, "web/form.html", context)
