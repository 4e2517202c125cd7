"""A broker lets a household go: a designation declined in time, or the association ended."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import roles
from aor.acts import associate, preview
from aor.web import access, once, reads
from aor.web.access import PortalRequest
from aor.web.broker import own, standings
from aor.web.components import Column, Fact, NavItem, Table
from aor.web.forms import Form, Submitted
from aor.web.templatetags.components import day

DECLINE, WITHDRAW = "decline", "end"


class How(Submitted, Form):
    """Declining annuls a designation; ending keeps what was."""

    how = forms.ChoiceField(
        label=gettext_lazy("What do you want to do?"),
        widget=forms.RadioSelect,
        choices=[
            (WITHDRAW, gettext_lazy("End the association: what was credited stays")),
            (DECLINE, gettext_lazy("Decline the designation, within 14 days: as if it had not been")),
        ],
        initial=WITHDRAW,
    )


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def end(request: PortalRequest, enrollment: int) -> HttpResponse:
    """Both days are shown before the click: when access ends, and when credit does."""
    one = own.enrollment(request, enrollment)
    subscriber = one.subscriber.exchange_subscriber_id
    form = How(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        act = associate.decline if form.cleaned_data["how"] == DECLINE else associate.withdraw
        decision = act(subscriber_id=subscriber, npn=own.npn(request), by=request.actor, now=request.now)
        if decision.granted:
            standings.forget(own.npn(request))
            return HttpResponseRedirect(reverse("broker:ended"))
        for finding in decision.unmet:
            form.add_error(None, f"{finding.because}. {finding.cure}".strip())
    reads.saw(request, [subscriber], what="end of an association")
    shown = preview.withdraw(subscriber_id=subscriber, now=request.now)
    rows = [
        (effect.policy_id, effect.carrier_name, day(effect.changes_on) if effect.changes_on else _("no change"))
        for effect in shown.effects
    ]
    columns = [Column(_("Policy")), Column(_("Carrier")), Column(_("Credit ends on"))]
    title = _("End the association with this household")
    context = {
        "title": title,
        "crumbs": [
            NavItem(_("Clients"), reverse("broker:book")),
            NavItem(one.policy_id, reverse("broker:why", args=[one.pk])),
            NavItem(_("End")),
        ],
        "facts": [
            Fact(_("Consumer"), f"{one.first_name} {one.last_name}"),
            Fact(_("Your access ends"), _("at once, for all of the household")),
        ],
        "table": Table(_("Credit"), columns, rows),
        "form": form,
        "submit": _("End"),
        "cancel_url": reverse("broker:why", args=[one.pk]),
    }
    return render(request, "broker/end.html", context)


@access.allow(roles.Broker)
@require_safe
def ended(request: PortalRequest) -> HttpResponse:
    """What follows."""
    steps = [
        {"what": _("The household is told today, and can choose another broker."), "when": ""},
        {"what": _("Credit ends as was shown; the carrier is told where it had been told of you."), "when": ""},
    ]
    context = {
        "title": _("The association has ended"),
        "reference": f"END-{request.now:%Y%m%d-%H%M%S}",
        "next_steps": steps,
        "links": [NavItem(_("Clients"), reverse("broker:book"))],
    }
    return render(request, "web/confirmation.html", context)
