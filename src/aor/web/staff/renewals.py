"""Before the renewal run: what it would carry, hold or lose of one broker's agents of record, and who must act."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.acts import renewals as acts
from aor.carriers import queries as carriers
from aor.terms.period import day_of
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, CountCard, NavItem, Table, link, query_url
from aor.web.staff import team
from aor.web.staff.assist import Named
from aor.web.templatetags.components import tag

MOST = 300
KINDS = ("lost", "held", "carried")


@access.allow(*team.READERS)
@require_safe
def renewals(request: PortalRequest) -> HttpResponse:
    """Asks for a broker; then next plan year's list, the lost ones first."""
    year = day_of(request.now).year + 1
    form = Named(request.GET if "npn" in request.GET else None)
    form.fields["npn"].label = _("NPN of the broker")
    context = {
        "title": _("Renewal for %(year)s") % {"year": year},
        "crumbs": [NavItem(_("More"), reverse("staff:more")), NavItem(_("Renewals"))],
        "form": form,
        **(_found(request, form, year) if form.is_bound and form.is_valid() else {}),
    }
    return render(request, "staff/renewals.html", context)


def _found(request: PortalRequest, form: forms.Form, year: int) -> dict[str, object]:
    rows = list(acts.renewals(year, now=request.now, npns=[form.cleaned_data["npn"]]))
    counts = {kind: sum(row.prospect.renewal == kind for row in rows) for kind in KINDS}
    chosen = request.GET.get("renewal", "")
    shown = [row for row in rows if chosen not in KINDS or row.prospect.renewal == chosen]
    shown.sort(key=lambda row: (KINDS.index(row.prospect.renewal), row.policy_id))
    reads.saw(request, (row.subscriber_id for row in shown[:MOST]), what="renewals")
    names = carriers.names()
    cells = [
        (
            link(row.policy_id, reverse("staff:enrollment", args=[row.prospect.enrollment])),
            names.get(row.hios_issuer_id, row.hios_issuer_id),
            tag(row.prospect.renewal, "success" if row.prospect.renewal == "carried" else "warning"),
            "; ".join(finding.because for finding in row.prospect.findings if not finding.met),
            row.prospect.who_must_act,
        )
        for row in shown[:MOST]
    ]
    headings = (_("Policy"), _("Carrier"), _("Renewal"), _("Because"), _("Who must act"))
    empty = _("Nothing of this broker is renewed.")
    return {
        "cards": [
            CountCard(kind.capitalize(), counts[kind], query_url(request.GET, renewal=kind), current=kind == chosen)
            for kind in KINDS
        ],
        "table": Table(_("Policies"), [Column(one) for one in headings], cells, empty=empty, show_caption=False),
    }
