"""What a broker's day looks like: counts that are filters, what ends soon, what is new."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.acts import messages, readiness
from aor.acts.messages import Party
from aor.associations import queries as associations
from aor.policy.readiness import CERTIFICATION
from aor.terms.actor import Role
from aor.terms.period import day_of
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.broker import own, standings
from aor.web.broker.book import FILTERS, STATES
from aor.web.components import CountCard, Tone

TONES: dict[str, Tone] = {"held": "warning", "rejected": "error", "ready": "info", "accepted": "success"}
SHOWN = ("held", "rejected", "ready", "sent", "accepted", "none")


@access.allow(*own.FAMILY)
@require_safe
def dashboard(request: PortalRequest) -> HttpResponse:
    """Counts, each of which opens the list it counts."""
    if isinstance(request.holder, roles.SupportStaff) and not request.holder.npn:
        return HttpResponseRedirect(reverse("agency:acting"))
    npn = own.npn(request)
    counted = standings.counts(npn, now=request.now)
    pending = associations.waiting(npn, request.now)
    tone: Tone = "info" if pending else "neutral"
    cards = [CountCard(_("Invitations waiting"), pending, reverse("broker:invitations"), tone)]
    for state in SHOWN:
        tone = TONES.get(state, "neutral") if counted[state] else "neutral"
        cards.append(CountCard(STATES[state], counted[state], f"{reverse('broker:book')}?state={state}", tone))
    cards += _ending(npn, request.now)
    context = {
        "title": _("Good day, %(name)s") % {"name": own.name(request)},
        "cards": cards,
        "closed": own.closed_because(request),
        "waiting": messages.unread(Party(Role.BROKER, npn)),
        "total": sum(counted.values()),
    }
    return render(request, "broker/dashboard.html", context)


def _ending(npn: str, now: datetime) -> list[CountCard]:
    """What is at risk, and how long the certification still runs."""
    risk, today = len(standings.at_risk(npn, now=now)), day_of(now)
    book = f"{reverse('broker:book')}?state={standings.RISK}"
    cards = [CountCard(FILTERS[standings.RISK], risk, book, "warning" if risk else "neutral")]
    held = (one.holding for one in readiness.holdings([npn], on=today))
    until = next((one.until for one in held if one.what == CERTIFICATION), None)
    if until is not None:
        left = (until - today).days
        tone: Tone = "warning" if until <= today + standings.SOON else "neutral"
        cards.append(CountCard(_("Days of your certification left"), left, reverse("broker:standing"), tone))
    return cards
