"""A carrier's companion guide, made from the profile that its 834s are written with: it cannot say anything else."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.carriers import queries as carriers
from aor.transmissions.compose import CannotCompose, Desk
from aor.web import access, problems
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, Table
from aor.web.staff import team
from aor.x12.dialect import Dialect


@access.allow(*team.READERS)
@require_safe
def guide(request: PortalRequest, hios: str) -> HttpResponse:
    """Envelope, delimiters, and every segment as it is written."""
    partner = carriers.trading_partners().get(hios)
    if partner is None:
        raise Http404
    try:
        dialect = Desk.of(partner, now=request.now).dialect
    except CannotCompose as because:
        raise problems.Problem(str(because), back=reverse("staff:carrier", args=[hios])) from None
    columns = [Column(_("Place"), numeric=True), Column(_("Segment"))]
    context = {
        "title": _("Companion guide for %(carrier)s") % {"carrier": partner.name},
        "lead": _("Made from the profile %(profile)s, which writes the files. Words in braces are filled in.")
        % {"profile": dialect.name},
        "crumbs": [NavItem(partner.name, reverse("staff:carrier", args=[hios])), NavItem(_("Companion guide"))],
        "facts": _facts(dialect, partner.x12_id),
        "table": Table(_("Segments of one set"), columns, list(enumerate(dialect.segments, start=1))),
    }
    return render(request, "staff/guide.html", context)


def _facts(dialect: Dialect, receiver: str) -> list[Fact]:
    one = dialect.delimiters
    return [
        Fact(_("Sender (ISA05, ISA06)"), f"{dialect.sender_qualifier}, {dialect.sender_id}"),
        Fact(_("Receiver (ISA07, ISA08)"), f"{dialect.receiver_qualifier}, {receiver}"),
        Fact(_("TA1 asked for (ISA14)"), dialect.acknowledgment_requested),
        Fact(_("Usage (ISA15)"), dialect.usage),
        Fact(_("Delimiters"), str(one)),
        Fact(_("Time zone"), dialect.time_zone),
        Fact(_("Sets in one file, at most"), dialect.most_sets),
        Fact(_("File name"), dialect.file_name),
        Fact(_("Letters"), _("capitals alone") if dialect.upper_case else _("as on file")),
    ]
