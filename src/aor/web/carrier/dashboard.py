"""A carrier's files: what was sent to it and how it answered, what came from it and how that was read."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.carriers import queries as carriers
from aor.transmissions import queries as transmissions
from aor.transmissions.models import Interchange
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import NavItem, Pages, query_url
from aor.web.staff import transmissions as shown
from aor.web.staff.carriers import answers

AT_ONCE = 25


def own(request: PortalRequest) -> str:
    """Whose pages these are: the HIOS issuer id of the role, never of the address."""
    assert isinstance(request.holder, roles.CarrierStaff)  # the rule of every page here
    return request.holder.hios_issuer_id


@access.allow(roles.CarrierStaff)
@require_safe
def dashboard(request: PortalRequest) -> HttpResponse:
    """The files, the latest first, and what is overdue."""
    hios = own(request)
    rows = Interchange.objects.filter(hios_issuer_id=hios).order_by("-id")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: AT_ONCE + 1])
    cut = found[:AT_ONCE]
    names = carriers.names()
    context = {
        "title": _("Files"),
        "caption": names.get(hios, hios),
        "table": shown.files(cut, names, linked="carrier:file"),
        "pages": Pages(next=query_url(request.GET, before=cut[-1].pk) if len(found) > AT_ONCE else ""),
        "answers": answers(hios),
        "overdue": [one for one in transmissions.overdue(request.now) if one.hios_issuer_id == hios],
    }
    return render(request, "carrier/dashboard.html", context)


@access.allow(roles.CarrierStaff)
@require_safe
def file(request: PortalRequest, interchange: int) -> HttpResponse:
    """One file to this carrier, and what it said of it; another's is not found."""
    one = Interchange.objects.filter(pk=interchange, hios_issuer_id=own(request)).first()
    if one is None:
        raise Http404
    context = {
        "title": _("File %(number)s") % {"number": one.isa13},
        "crumbs": [NavItem(_("Files"), reverse("carrier:dashboard")), NavItem(one.isa13)],
        "facts": shown.facts(one)[1:],
        "events": shown.events(one),
    }
    return render(request, "carrier/file.html", context)
