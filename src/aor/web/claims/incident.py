"""A row that is not the broker's client: what is done about it, and the broker's word that every copy is deleted."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.incidents import operations as incidents
from aor.incidents import queries
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.claims import not_mine, own
from aor.web.claims.steps import Sure
from aor.web.components import Fact, NavItem
from aor.web.templatetags.components import instant


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def incident(request: PortalRequest, incident: str) -> HttpResponse:
    """For whoever was given a report with the row: the own reports that were withdrawn, and the attestation."""
    npn, row = own.npn(request), not_mine.of(request, incident)
    reports = [one.number for one in queries.carrying(row) if one.npn == npn]
    form = Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        incidents.attest(incident, by=request.actor, now=request.now)
        return HttpResponseRedirect(reverse("claims:incident_done", args=[incident, "attested"]))
    attested = row.steps.filter(kind=queries.ATTESTED, about=npn).first()
    context = {
        "title": _("A consumer who is not your client"),
        "caption": incident,
        "crumbs": [NavItem(_("Report questions"), reverse("claims:list")), NavItem(incident)],
        "facts": [
            Fact(_("Opened"), instant(row.at)),
            Fact(_("Your reports that were withdrawn"), ", ".join(reports) or _("none yet: we look for the row")),
            Fact(_("You said that your copies are deleted"), instant(attested.at) if attested else _("not yet")),
        ],
        "attested": attested is not None,
        "due": not_mine.due_on(row),
        "form": form,
        "submit": _("I deleted every copy"),
        "cancel_url": reverse("claims:list"),
    }
    return render(request, "claims/incident.html", context)
