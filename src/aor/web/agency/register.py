"""A signed-in account registers an agency; what may be another's already waits for the broker team."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import registration
from aor.acts.registration import FIELDS, GRANTED, REFUSED
from aor.brokers import agencies
from aor.terms.actor import Actor, Role
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.agency import own
from aor.web.agency.data import Contact
from aor.web.components import Fact, NavItem, NextStep
from aor.web.forms import Submitted


class Register(Submitted, Contact):
    """An agency's own numbers, and how it is reached."""

    field_order = ("npn", "name", "fein", "administrator_name", "email", "phone", "city", "state", "zip")
    npn = forms.CharField(label=gettext_lazy("NPN of the agency"), max_length=15)
    name = forms.CharField(label=gettext_lazy("Name of the agency"), max_length=200)
    fein = forms.RegexField(
        r"^\d{2}-?\d{7}$",
        label=gettext_lazy("Federal tax number (FEIN)"),
        max_length=10,
        help_text=gettext_lazy("Nine digits, such as 41-0000001. Never a Social Security number."),
        error_messages={"invalid": gettext_lazy("Enter the nine digits of the FEIN.")},
    )

    def clean_npn(self) -> str:
        return own.npn_in(self.cleaned_data["npn"])


@access.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def register(request: PortalRequest) -> HttpResponse:
    """Asks for the agency's data. The person's own address was verified when they signed up."""
    if not request.user.email:
        raise problems.Problem(_("Sign up with an e-mail address to register an agency."), back=reverse("home"))
    form = Register(request.POST if request.method == "POST" else None, initial={"email": request.user.email})
    if request.method == "POST" and form.is_valid():
        fields = {name: form.cleaned_data[name] for name in FIELDS}
        by = Actor(Role.VISITOR, f"account {request.user.pk}")
        asked = registration.register(fields, user=request.user, by=by, now=request.now)
        if not asked.refused:
            return HttpResponseRedirect(reverse("agency:registered"))
        for one in asked.refused:
            form.add_error(one.column if one.column in form.fields else None, one.because)
    context = {
        "title": _("Register an agency"),
        "lead": _("You become its manager: you keep its roster, and see the clients of brokers who join."),
        "form": form,
        "submit": _("Register"),
        "cancel_url": reverse("home"),
    }
    return render(request, "web/form.html", context)


@access.signed_in
@require_safe
def registered(request: PortalRequest) -> HttpResponse:
    """What became of this account's registration, and what happens next."""
    found = agencies.registrations(account=request.user.pk)
    if not found:
        return HttpResponseRedirect(reverse("agency:register"))
    one = found[0]
    facts = [Fact(_("Agency"), one.name), Fact("NPN", one.npn)]
    if one.outcome == GRANTED:
        title = _("The agency is registered")
        steps = [
            NextStep(_("Set up a second step for signing in, if you have none yet."), _("Now")),
            NextStep(_("Ask your brokers to join. You see their clients when they have said yes.")),
        ]
        links = [NavItem(_("Go on to your agency"), reverse("landing"))]
    elif one.outcome == REFUSED:
        title = _("The registration was refused")
        facts += [Fact(_("Because"), one.because)] if one.because else []
        steps = [
            NextStep(_("Ask again where you can show that it is yours. It is looked at anew.")),
            NextStep(_("Call the broker team if you think that this is wrong.")),
        ]
        links = [NavItem(_("Ask again"), reverse("agency:register")), NavItem(_("Help"), reverse("help"))]
    else:
        title = _("Your registration waits for the broker team")
        steps = [
            NextStep(
                _("The agency may be known already. The broker team checks that you may keep it."),
                _("Within five business days"),
            ),
            NextStep(_("You get a mail when there is an answer. Until then nothing is changed.")),
        ]
        links = [NavItem(_("First page"), reverse("home"))]
    context = {
        "title": title,
        "reference": one.case_number or f"AG-{one.pk}",
        "facts": facts,
        "next_steps": steps,
        "links": links,
    }
    return render(request, "web/confirmation.html", context)
