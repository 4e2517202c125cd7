"""Addresses of consumers that are refused because they are shared: of too many households, or of a broker."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.acts import contacts as acts
from aor.acts.contacts import SharedContact
from aor.consumers import queries as consumers
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, NavItem, Table, link
from aor.web.staff import team
from aor.web.templatetags.components import tag

MOST, HOUSEHOLDS = 100, 5


@access.allow(*team.READERS)
@require_safe
def shared(request: PortalRequest) -> HttpResponse:
    """The addresses, those of most households first, with some of the households."""
    found = acts.shared_contacts(now=request.now)
    held = consumers.holders([one.address for one in found[:MOST]], most=HOUSEHOLDS)
    reads.saw(request, (one for some in held.values() for one in some), what="shared contacts")
    cells = [_row(one, held.get(one.address, ())) for one in found[:MOST]]
    columns = [
        Column(_("Address")),
        Column(_("Households"), numeric=True),
        Column(_("Whose")),
        Column(_("Some of them")),
    ]
    empty = _("No address is shared by more households than may share one.")
    context = {
        "title": _("Shared contacts"),
        "lead": _("No code is sent to these addresses. Ask the household for one of its own, and enter it there."),
        "crumbs": [NavItem(_("More"), reverse("staff:more")), NavItem(_("Shared contacts"))],
        "table": Table(_("Shared contacts"), columns, cells, empty=empty, show_caption=False),
    }
    return render(request, "staff/list.html", context)


def _row(one: SharedContact, subscribers: list[str] | tuple[()]) -> tuple[object, ...]:
    whose = tag(_("A broker's"), "error") if one.of_broker else tag(_("Consumers'"), "warning")
    some = [link(name, reverse("staff:household", args=[name])) for name in subscribers]
    return one.address, one.households, whose, format_html_join(" ", "{}", ((each,) for each in some))
