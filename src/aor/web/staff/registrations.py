"""Agencies that wait for a word: one whose NPN, name or tax number is somebody's already."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import registration as acts
from aor.brokers import agencies
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, NextStep, Table, link
from aor.web.forms import Form, Submitted
from aor.web.staff import team
from aor.web.templatetags.components import instant

GRANT, REFUSE = "grant", "refuse"


class Decide(Submitted, Form):
    """The officer's word."""

    word = forms.ChoiceField(
        label=gettext_lazy("Your word"),
        choices=[
            (GRANT, gettext_lazy("This account may keep the agency")),
            (REFUSE, gettext_lazy("It may not")),
        ],
        widget=forms.RadioSelect,
    )
    because = forms.CharField(
        label=gettext_lazy("If it may not: why"),
        help_text=gettext_lazy("The person reads it, and may ask again."),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("word") == REFUSE and not self.cleaned_data.get("because", "").strip():
            self.add_error("because", _("Say why. The person reads it, and may ask again."))
        return self.cleaned_data


@access.allow(*team.READERS)
@require_safe
def registrations(request: PortalRequest) -> HttpResponse:
    """Those that wait, the oldest first."""
    cells = [
        (
            link(row.name, reverse("staff:registration", args=[row.pk])),
            row.npn,
            row.case_number,
            instant(row.asked_at),
        )
        for row in agencies.registrations_waiting(acts.WAITING)
    ]
    headings = [Column(one) for one in (_("Agency"), _("NPN"), _("Case"), _("Asked"))]
    table = Table(_("Registrations"), headings, cells, empty=_("No registration waits."), show_caption=False)
    lead = _("Somebody asks to keep an agency that may be another's. Find out who they are before you decide.")
    crumbs = [NavItem(_("Tasks"), reverse("staff:dashboard")), NavItem(_("Registrations"))]
    shown = {"title": _("Registrations of agencies"), "table": table, "lead": lead, "crumbs": crumbs}
    return render(request, "staff/list.html", shown)


@access.allow(*team.READERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def one(request: PortalRequest, registration: int) -> HttpResponse:
    """What was asked, beside what is known, and the officer's word."""
    row = next((row for row in agencies.registrations_waiting(acts.WAITING) if row.pk == registration), None)
    if row is None:
        raise Http404
    form = Decide(request.POST if request.method == "POST" else None)
    may = isinstance(request.holder, team.WRITERS)
    if request.method == "POST":
        if not may:
            raise problems.Problem(_("Only an officer decides."), back=reverse("staff:registrations"))
        if form.is_valid():
            granted, why = form.cleaned_data["word"] == GRANT, form.cleaned_data["because"]
            because = acts.decide(registration, granted=granted, because=why, by=request.actor, now=request.now)
            if not because:
                return HttpResponseRedirect(reverse("staff:registration_done", args=[registration]))
            form.add_error(None, because)
    known = agencies.agency(row.npn)
    facts = [
        Fact(_("NPN"), row.npn),
        Fact(_("Name given"), row.name),
        Fact(_("Name on the roster"), known.name if known else _("none")),
        Fact(_("E-mail given"), row.email),
        Fact(_("E-mail on the roster"), known.email if known else _("none")),
        Fact(_("Administrator given"), row.administrator_name),
        Fact(_("Case"), link(row.case_number, reverse("staff:case", args=[row.case_number]))),
    ]
    earlier = agencies.registrations(account=row.account, npn=row.npn, outcome=acts.REFUSED)
    facts += [Fact(_("Refused before"), format_html("{}: {}", instant(one.asked_at), one.because)) for one in earlier]
    crumbs = [NavItem(_("Registrations"), reverse("staff:registrations")), NavItem(row.npn)]
    shown = {"title": row.name, "facts": facts, "form": form, "crumbs": crumbs}
    return render(request, "staff/second.html", {**shown, "may": may, "own": False, "submit": _("Decide")})


@access.allow(*team.READERS)
@require_safe
def done(request: PortalRequest, registration: int) -> HttpResponse:
    """The receipt: what was decided, and who is told."""
    row = agencies.registration(registration)
    if row is None or row.outcome == acts.WAITING:
        raise Http404
    granted = row.outcome == acts.GRANTED
    follows = _("The account keeps the agency.") if granted else _("The agency stays whose it was.")
    context = {
        "title": _("The registration is granted") if granted else _("The registration is refused"),
        "reference": row.case_number,
        "facts": [
            Fact(_("Agency"), row.name),
            Fact(_("NPN"), row.npn),
            *([Fact(_("Because"), row.because)] if row.because else []),
        ],
        "next_steps": [
            NextStep(follows, _("At once")),
            NextStep(_("A mail tells the person that an answer waits."), _("Today")),
        ],
        "links": [NavItem(_("Registrations"), reverse("staff:registrations"))],
    }
    return render(request, "web/confirmation.html", context)
