"""Before the renewal run: which of a broker's agents of record will be carried, held or lost, and who must act."""

from __future__ import annotations

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
from aor.web.broker import own
from aor.web.components import Column, CountCard, Table, Tone, link, query_url
from aor.web.templatetags.components import tag

TONES: dict[str, Tone] = {"carried": "success", "held": "warning", "lost": "error"}
MOST = 500


@access.allow(*own.FAMILY)
@require_safe
def renewals(request: PortalRequest) -> HttpResponse:
    """Next plan year's list, the lost ones first."""
    year = day_of(request.now).year + 1
    visible = dict(own.enrollments(request).values_list("pk", "subscriber__exchange_subscriber_id"))
    mine = acts.renewals(year, now=request.now, npns=[own.npn(request)])
    found = [row for row in mine if row.prospect.enrollment in visible]
    chosen = request.GET.get("renewal", "")
    counts = {kind: sum(row.prospect.renewal == kind for row in found) for kind in ("lost", "held", "carried")}
    shown = [row for row in found if chosen not in TONES or row.prospect.renewal == chosen][:MOST]
    shown.sort(key=lambda row: (list(counts).index(row.prospect.renewal), row.policy_id))
    reads.saw(request, (row.subscriber_id for row in shown), what="renewals")
    names = carriers.names()
    words = {"carried": _("Carried"), "held": _("Held"), "lost": _("Lost")}
    rows = [
        (
            link(row.policy_id, reverse("broker:why", args=[row.prospect.enrollment])),
            names.get(row.hios_issuer_id, row.hios_issuer_id),
            tag(words[row.prospect.renewal], TONES[row.prospect.renewal]),
            "; ".join(finding.because for finding in row.prospect.findings if not finding.met),
            row.prospect.who_must_act,
        )
        for row in shown
    ]
    columns = [Column(name) for name in (_("Policy"), _("Carrier"), _("Renewal"), _("Because"), _("Who must act"))]
    context = {
        "title": _("Renewal for %(year)s") % {"year": year},
        "cards": [_card(kind, words[kind], count, chosen) for kind, count in counts.items()],
        "table": Table(_("Policies"), columns, rows, empty=_("Nothing of yours is renewed."), show_caption=False),
    }
    return render(request, "broker/renewals.html", context)


def _card(kind: str, label: str, count: int, chosen: str) -> CountCard:
    return CountCard(label, count, query_url({}, renewal=kind), TONES[kind] if count else "neutral", chosen == kind)
