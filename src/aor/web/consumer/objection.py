"""Brokers who ask to be the broker of past months: the consumer sees who, and may object (readings, R8)."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import roles
from aor.carriers import queries as carriers
from aor.cases.models import State
from aor.cases.operations import Refused
from aor.policy.retro import Outcome
from aor.retro import operations as retro
from aor.retro import queries
from aor.retro.models import Request
from aor.web import access, once, problems, reads
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, NextStep
from aor.web.consumer import own
from aor.web.forms import Form, Submitted


class Object(Submitted, Form):
    """To which request."""

    number = forms.CharField(max_length=20, widget=forms.HiddenInput)


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def objection(request: PortalRequest) -> HttpResponse:
    """Every request about the consumer's own coverage; those that are not closed can be objected to."""
    subscriber = own.subscriber(request)
    if request.method == "POST":
        form = Object(request.POST)
        number = form.cleaned_data["number"] if form.is_valid() else ""
        try:
            retro.object_to(number, subscriber_id=subscriber, by=request.actor, now=request.now)
        except Refused as refused:
            raise problems.Gone(str(refused), back=reverse("consumer:objection")) from None
        return HttpResponseRedirect(reverse("consumer:objected"))
    asked = queries.about(subscriber)
    reads.saw(request, [subscriber], what="requests for past months")
    context = {
        "title": _("Brokers who asked for past months"),
        "lead": _(
            "A broker may ask to be counted as your broker for months that are over. Your coverage and its cost "
            "stay the same. If this broker did not help you then, tell us."
        ),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("Past months"))],
        "asked": [(_facts(one), _form(one)) for one in asked],
    }
    return render(request, "consumer/objection.html", context)


def _facts(one: Request) -> list[Fact]:
    return [
        Fact(_("Broker who asks"), own.title(one.npn)),
        Fact(_("Asked on"), one.received_at),
        Fact(_("Insurance company"), carriers.names().get(one.hios_issuer_id, one.hios_issuer_id)),
        Fact(_("Coverage"), own.COVERAGES.get(one.coverage_kind, one.coverage_kind)),
        Fact(_("Wants to be counted from"), one.effective_on),
        Fact(_("How far it is"), _state(one)),
        *([Fact(_("You objected on"), one.objection.at)] if hasattr(one, "objection") else []),
    ]


def _state(one: Request) -> str:
    ruling = queries.latest_ruling(one)
    if one.case.state in (State.QUEUED, State.WAITING, State.ESCALATED) or ruling is None:
        return _("Our staff look into it")
    if ruling.outcome == Outcome.WITHDRAWN:
        return _("The broker took it back")
    return _("Granted") if ruling.outcome == Outcome.APPROVED else _("Not granted")


def _form(one: Request) -> Object | None:
    """None where nothing more can be said."""
    if hasattr(one, "objection") or one.case.state == State.CLOSED:
        return None
    return Object(initial={"number": one.case.number}, auto_id=f"{one.case.number}_%s")


@access.allow(roles.Consumer)
@require_safe
def objected(request: PortalRequest) -> HttpResponse:
    """The end of an objection: its number, what happens next and when."""
    subscriber = own.subscriber(request)
    mine = [one for one in queries.about(subscriber) if hasattr(one, "objection")]
    if not mine:
        raise Http404
    last = max(mine, key=lambda one: one.objection.at)
    reads.saw(request, [subscriber], what="objection")
    context = {
        "title": _("We wrote down that you object"),
        "reference": last.case.number,
        "facts": [Fact(_("Broker who asks"), own.title(last.npn)), Fact(_("Done on"), last.objection.at)],
        "next_steps": [
            NextStep(_("Our staff read it before they decide. If it was decided, another officer looks again.")),
            NextStep(_("We write to you when it is decided."), _("Within 60 days of the request")),
        ],
        "links": [
            NavItem(_("Brokers who asked for past months"), reverse("consumer:objection")),
            NavItem(_("My broker"), reverse("consumer:dashboard")),
        ],
    }
    return render(request, "web/confirmation.html", context)
