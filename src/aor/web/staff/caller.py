"""A caller: who they say they are, three identifiers that fit, what for; then, and only then, what may be said."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import queries as acts
from aor.acts.place import place_of
from aor.audit import operations as journal
from aor.brokers import queries as brokers
from aor.consumers.models import Subscriber
from aor.terms.period import day_of
from aor.transfers import queries as transfers
from aor.web import access, once, reads
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem
from aor.web.forms import Form, Submitted
from aor.web.staff import team
from aor.web.staff.assist import IDENTIFIERS

BROKER, CONSUMER = "broker", "consumer"
CALLER = "staff_caller"


class Caller(Submitted, Form):
    """Who calls, how they were known, and what they want."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Who calls"),
        choices=[
            (BROKER, gettext_lazy("A broker, about their own standing or book")),
            (CONSUMER, gettext_lazy("A consumer, about their household")),
        ],
        widget=forms.RadioSelect,
    )
    number = forms.CharField(
        label=gettext_lazy("NPN, or the consumer's Admin ID"), max_length=80, help_text=gettext_lazy("No names.")
    )
    identity = forms.MultipleChoiceField(
        label=gettext_lazy("Identity checked by"),
        choices=[
            *IDENTIFIERS,
            ("license", gettext_lazy("Licence number")),
            ("e-mail", gettext_lazy("E-mail on file")),
        ],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("At least three, as the caller said them, against what is on file."),
    )
    purpose = forms.CharField(
        label=gettext_lazy("What the caller wants"), max_length=150, help_text=gettext_lazy("No names.")
    )

    def clean_identity(self) -> list[str]:
        ticked: list[str] = self.cleaned_data["identity"]
        if len(ticked) < 3:
            raise forms.ValidationError(_("Check at least three identifiers."))
        return ticked

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        number, kind = str(said.get("number", "")).strip(), said.get("kind")
        known = number in brokers.roster([number]) if kind == BROKER else _known(number)
        if number and kind and not known:
            self.add_error("number", _("Nobody is known under this number."))
        return said | {"number": number}


def _known(subscriber: str) -> bool:
    return Subscriber.objects.filter(exchange_subscriber_id=subscriber).exists()


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def caller(request: PortalRequest) -> HttpResponse:
    """The check; that it was made, by which identifiers and what for, is journaled."""
    form = Caller(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        subject = ("broker" if said["kind"] == BROKER else "subscriber", said["number"])
        details = {"identifiers": said["identity"], "purpose": said["purpose"]}
        journal.write(verb="caller.identified", subject=subject, by=request.actor, at=request.now, details=details)
        request.session[CALLER] = [said["kind"], said["number"], said["purpose"]]
        return HttpResponseRedirect(reverse("staff:caller_told"))
    crumbs = [NavItem(_("More"), reverse("staff:more")), NavItem(_("A caller"))]
    lead = _("Tell a caller nothing before three identifiers fit. What you look at is written down with the reason.")
    shown = {
        "title": _("A caller"),
        "form": form,
        "crumbs": crumbs,
        "lead": lead,
        "submit": _("Show what may be said"),
    }
    return render(request, "web/form.html", shown)


@access.allow(*team.WRITERS)
@require_safe
def told(request: PortalRequest) -> HttpResponse:
    """What may be said to the caller who was checked last in this visit."""
    kept = request.session.get(CALLER)
    if not kept:
        return HttpResponseRedirect(reverse("staff:caller"))
    kind, number, purpose = kept
    shown = _broker(request, number) if kind == BROKER else _consumer(request, number, purpose)
    crumbs = [NavItem(_("A caller"), reverse("staff:caller")), NavItem(number)]
    context = {"title": _("What may be said"), "crumbs": crumbs, "lead": _("For: %(what)s") % {"what": purpose}}
    return render(request, "staff/caller_told.html", context | shown)


def consumer_who_calls(request: PortalRequest) -> str:
    """The consumer who was checked last in this visit; "" where it was a broker, or nobody."""
    kind, number, _purpose = request.session.get(CALLER) or ("", "", "")
    return number if kind == CONSUMER else ""


def _broker(request: PortalRequest, npn: str) -> dict[str, object]:
    findings = acts.own_standings([npn], day_of(request.now))[npn]
    return {
        "facts": [Fact(_("Broker"), brokers.names([npn]).get(npn, "")), Fact(_("NPN"), npn)],
        "findings": findings,
        "may": _("Their own standing, and their own clients one by one. Never whether another person has coverage."),
        "links": [NavItem(_("The broker's page"), reverse("staff:broker", args=[npn]))],
    }


def _consumer(request: PortalRequest, subscriber: str, purpose: str) -> dict[str, object]:
    reads.saw(request, [subscriber], what="caller", purpose=purpose)
    place = place_of(subscriber, request.now)
    moving = transfers.soonest(subscriber, now=request.now)
    name = brokers.names([place.open.npn]).get(place.open.npn, "") if place.open else _("nobody")
    facts = [
        Fact(_("Household of"), subscriber),
        Fact(_("Broker now"), name),
        Fact(_("Since"), place.open.confirmed_at if place.open else ""),
        Fact(_("Locked by the consumer"), _("yes") if place.locked else _("no")),
        *([Fact(_("Another broker is to take over on"), moving.transfer.on)] if moving else []),
    ]
    return {
        "facts": facts,
        "findings": (),
        "may": _("Everything of their own household. Never anything of another, nor of the broker's other clients."),
        "links": [
            NavItem(_("The household"), reverse("staff:household", args=[subscriber])),
            *([NavItem(_("The caller says no to the new broker"), reverse("staff:opt_out"))] if moving else []),
        ],
    }
