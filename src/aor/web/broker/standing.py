"""What a broker holds: certification with its agreement, licence, appointments; what ends, and what rests on it."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import roles
from aor.acts import readiness, roster
from aor.acts.readiness import AtRisk
from aor.brokers import agreements
from aor.brokers import queries as brokers
from aor.carriers import queries as carriers
from aor.terms.period import ONE_DAY, day_of
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.broker import own
from aor.web.components import Column, NavItem, Table, link
from aor.web.forms import Form, Submitted
from aor.web.templatetags.components import day, tag

SOON = timedelta(days=60)


class Sign(Submitted, Form):
    """The agreement is signed as it was shown."""

    version = forms.CharField(widget=forms.HiddenInput, max_length=40)
    agreed = forms.BooleanField(label=gettext_lazy("I have read this agreement and sign it"))


@access.allow(*own.FAMILY)
@require_safe
def standing(request: PortalRequest) -> HttpResponse:
    """Everything held or missing, with the days left and the agents of record that rest on it."""
    today = day_of(request.now)
    held = readiness.holdings([own.npn(request)], on=today)
    names = carriers.names()
    columns = [Column(_("What")), Column(_("For")), Column(_("State")), Column(_("Until")), Column(_("Rests on it"))]
    rows = [_row(request, one, names) for one in held]
    years = [year for year in (today.year, today.year + 1) if agreements.current(year)]
    signed = {year: brokers.agreement_signed(own.npn(request), year) for year in years}
    signs = isinstance(request.holder, roles.Broker)
    context = {
        "title": _("Standing"),
        "table": Table(
            _("What you hold"), columns, rows, empty=_("Nothing is known of you yet."), show_caption=False
        ),
        "agreements": [
            (
                link(str(year), reverse("broker:agreement", args=[year])) if signs else str(year),
                signed[year] or _("not signed here"),
            )
            for year in years
        ],
        "closed": own.closed_because(request),
    }
    return render(request, "broker/standing.html", context)


def _row(request: PortalRequest, one: AtRisk, names: dict[str, str]) -> list[object]:
    holding = one.holding
    left = None if holding.until is None else (holding.until - day_of(request.now)).days
    state = tag(_("In force"), "success", "check") if holding.held else tag(_("Missing"), "error", "close")
    if holding.held and left is not None and left <= SOON.days:
        state = tag(_("%(days)s days left") % {"days": left}, "warning", "schedule")
    until = "" if holding.until is None else day(holding.until - ONE_DAY)
    return [holding.what, names.get(holding.hios_issuer_id, ""), state, until, str(one.agents_of_record)]


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def agreement(request: PortalRequest, year: int) -> HttpResponse:
    """The plan year's agreement, signed by the broker alone, never by support staff."""
    text = agreements.current(year)
    if text is None:
        raise Http404
    form = Sign(request.POST if request.method == "POST" else None, initial={"version": text.version})
    if request.method == "POST" and form.is_valid():
        decision = roster.sign_agreement(
            npn=own.npn(request),
            plan_year=year,
            version=form.cleaned_data["version"],
            by=request.actor,
            now=request.now,
        )
        if decision.granted:
            return HttpResponseRedirect(reverse("broker:agreement_signed", args=[year]))
        for finding in decision.unmet:
            form.add_error(None, f"{finding.because}. {finding.cure}".strip())
    title = _("Agreement for plan year %(year)s") % {"year": year}
    context = {
        "title": title,
        "crumbs": [NavItem(_("Standing"), reverse("broker:standing")), NavItem(title)],
        "form": form,
        "text": text,
        "signed": brokers.agreement_signed(own.npn(request), year),
        "submit": _("Sign"),
    }
    return render(request, "broker/agreement.html", context)


@access.allow(roles.Broker)
@require_safe
def signed(request: PortalRequest, year: int) -> HttpResponse:
    """What follows a signature."""
    version = brokers.agreement_signed(own.npn(request), year)
    if not version:
        raise Http404
    steps = [{"what": _("The broker team sees the signature and certifies you for the plan year."), "when": ""}]
    context = {
        "title": _("The agreement is signed"),
        "reference": f"AGR-{year}-{own.npn(request)}-{version}",
        "next_steps": steps,
        "links": [NavItem(_("Standing"), reverse("broker:standing"))],
    }
    return render(request, "web/confirmation.html", context)
