"""What a broker's day looks like: counts that are filters, what ends soon, what is new."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.acts import messages
from aor.acts.messages import Party
from aor.associations import queries as associations
from aor.terms.actor import Role
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.broker import own, standings
from aor.web.broker.book import STATES
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
    context = {
        "title": _("Good day, %(name)s") % {"name": own.name(request)},
        "cards": cards,
        "closed": own.closed_because(request),
        "waiting": messages.unread(Party(Role.BROKER, npn)),
        "total": sum(counted.values()),
    }
    return render(request, "broker/dashboard.html", context)
