"""Brokers who died, were decertified or lost their licence, and the households that nobody has followed."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.brokers import queries as brokers
from aor.terms.period import day_of
from aor.transfers import queries
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, NavItem, Table, link, pages_of, query_url
from aor.web.staff import team

AT_ONCE, MOST = 50, 200


@access.allow(*team.READERS)
@require_safe
def orphans(request: PortalRequest) -> HttpResponse:
    """Who is gone, the latest first."""
    gone = dict(list(queries.gone(day_of(request.now)).items())[:MOST])
    names = brokers.names(gone)
    cells = [
        (link(names.get(npn) or npn, reverse("staff:orphans_of", args=[npn])), npn, how) for npn, how in gone.items()
    ]
    columns = [Column(one) for one in (_("Broker"), _("NPN"), _("How"))]
    context = {
        "title": _("Brokers who are gone"),
        "lead": _("Open one to see the households that nobody has followed. A named successor can take them over."),
        "crumbs": [NavItem(_("Transfers"), reverse("staff:transfers")), NavItem(_("Brokers who are gone"))],
        "table": Table(_("Brokers who are gone"), columns, cells, empty=_("Nobody is gone."), show_caption=False),
    }
    return render(request, "staff/list.html", context)


@access.allow(*team.READERS)
@require_safe
def of_broker(request: PortalRequest, npn: str) -> HttpResponse:
    """The households of one such broker that nobody has followed."""
    one = brokers.roster([npn]).get(npn)
    if one is None:
        raise Http404
    found = queries.orphans(npn, now=request.now)
    page = Paginator(found, AT_ONCE).get_page(request.GET.get("page"))
    shown = list(page)
    reads.saw(request, [each.subscriber_id for each in shown], what="household without a broker")
    cells = [
        (link(each.subscriber_id, reverse("staff:household", args=[each.subscriber_id])), len(each.people))
        for each in shown
    ]
    columns = [Column(_("Household of")), Column(_("People"), numeric=True)]
    links = [NavItem(_("The broker's page"), reverse("staff:broker", args=[npn]))]
    if isinstance(request.holder, team.WRITERS):
        new = f"{reverse('staff:transfer_new')}{query_url({}, why='successor', **{'from': npn})}"
        links.insert(0, NavItem(_("Enter a transfer to the named successor"), new))
    how = queries.gone(day_of(request.now)).get(npn, _("This broker is not gone."))
    count, how = len(found), how[:1].upper() + how[1:]
    context = {
        "title": _("Households that nobody has followed"),
        "caption": f"{one.name}, NPN {npn}",
        "lead": _("%(how)s. Households without a broker: %(count)s.") % {"how": how, "count": count},
        "crumbs": [NavItem(_("Brokers who are gone"), reverse("staff:orphans")), NavItem(npn)],
        "table": Table(_("Households"), columns, cells, empty=_("Every household was followed."), show_caption=False),
        "pages": pages_of(page, lambda n: query_url(request.GET, page=n)) if count > AT_ONCE else None,
        "links": links,
    }
    return render(request, "staff/list.html", context)
