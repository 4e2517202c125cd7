"""Whom to ask at a carrier about files and answers: kept with its day, never overwritten."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import partners
from aor.carriers import queries as carriers
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, NextStep
from aor.web.forms import Form, Submitted
from aor.web.staff import team


class Contact(Submitted, Form):
    """A person or a desk at the carrier."""

    name = forms.CharField(label=gettext_lazy("Person or desk"), max_length=100)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254, required=False)
    phone = forms.CharField(label=gettext_lazy("Phone"), max_length=30, required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not (self.errors or said.get("email") or said.get("phone")):
            self.add_error("email", _("Enter an e-mail address or a phone number."))
        return said


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def contact(request: PortalRequest, hios: str) -> HttpResponse:
    """The contact as it is, and the form that changes it."""
    name = carriers.names().get(hios)
    if name is None:
        raise Http404
    known = carriers.contact(hios)
    initial = {"name": known.name, "email": known.email, "phone": known.phone} if known else {}
    form = Contact(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = {field: form.cleaned_data[field] for field in ("name", "email", "phone")}
        partners.name_contact(hios_issuer_id=hios, **said, by=request.actor, now=request.now)
        return HttpResponseRedirect(reverse("staff:carrier_contact_kept", args=[hios]))
    page = reverse("staff:carrier", args=[hios])
    context = {
        "title": _("Contact at the carrier"),
        "caption": name,
        "crumbs": [NavItem(name, page), NavItem(_("Contact"))],
        "form": form,
        "submit": _("Keep"),
        "cancel_url": page,
    }
    return render(request, "web/form.html", context)


@access.allow(*team.WRITERS)
@require_safe
def kept(request: PortalRequest, hios: str) -> HttpResponse:
    """The receipt: who is asked from now on."""
    if carriers.contact(hios) is None:
        raise Http404
    context = {
        "title": _("Contact kept"),
        "reference": hios,
        "facts": facts(hios),
        "next_steps": [NextStep(_("The team asks there about files and answers."), _("from now on"))],
        "links": [NavItem(_("The carrier"), reverse("staff:carrier", args=[hios]))],
    }
    return render(request, "web/confirmation.html", context)


def facts(hios: str, *, change_url: str = "") -> list[Fact]:
    """The contact in one line, with since when it is known."""
    known = carriers.contact(hios)
    if known is None:
        return [Fact(_("Contact"), _("nobody named yet"), change_url)]
    said = ", ".join(part for part in (known.name, known.email, known.phone) if part)
    return [Fact(_("Contact"), said, change_url), Fact(_("Contact known since"), known.known_from)]
