"""The agency's registered data; a new e-mail address is told to the old one."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.acts import roster as acts
from aor.brokers import agencies
from aor.web import access, changed, once
from aor.web.access import PortalRequest
from aor.web.agency import done, own
from aor.web.components import NavItem
from aor.web.forms import Form, Submitted, Versioned


class Contact(Form):
    """How an agency is reached."""

    administrator_name = forms.CharField(label=gettext_lazy("Name of the administrator"), max_length=200)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address of the agency"),
        max_length=254,
        help_text=gettext_lazy("Statements are announced there. We tell the old address of a change."),
    )
    phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=40, required=False)
    city = forms.CharField(label=gettext_lazy("City"), max_length=100, required=False)
    state = forms.CharField(label=gettext_lazy("State"), max_length=20, required=False)
    zip = forms.CharField(label=gettext_lazy("ZIP code"), max_length=15, required=False)


class Data(Versioned, Submitted, Contact):
    """What may be changed here; name and tax number are changed by the broker team."""


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def data(request: PortalRequest) -> HttpResponse:
    """Shows and changes the data."""
    known = agencies.agency(own.npn(request))
    if known is None:
        raise Http404
    fields = {name: getattr(known, name) for name in Contact.base_fields}
    version = known.known_from.isoformat()
    form = Data(request.POST if request.method == "POST" else None, initial={**fields, "version": version})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version"] != version:
            raise changed.meanwhile(
                request,
                "agencies.registered",
                ("agency", known.npn),
                known_from=known.known_from,
                back=reverse("agency:data"),
            )
        given = {name: form.cleaned_data[name] for name in fields}
        result = acts.register_agency({"npn": known.npn, **given}, by=request.actor, now=request.now)
        if not result.refused:
            return done.go(request, "data")
        for one in result.refused:
            form.add_error(one.column if one.column in form.fields else None, one.because)
    context = {
        "title": _("Agency’s data"),
        "crumbs": [NavItem(_("Agency"), reverse("agency:dashboard")), NavItem(_("Agency’s data"))],
        "lead": _("%(name)s, NPN %(npn)s. Write to the broker team to change these.")
        % {"name": known.name, "npn": known.npn},
        "form": form,
        "submit": _("Keep"),
        "cancel_url": reverse("agency:dashboard"),
    }
    return render(request, "web/form.html", context)
