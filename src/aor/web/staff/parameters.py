"""The numbers of the policy with all their dates, to read; what decided when is written beside each decision."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.calendar import queries as calendar
from aor.terms.period import ONE_DAY, day_of
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Column, NavItem, Table
from aor.web.staff import team
from aor.web.templatetags.components import day, tag


@access.allow(*team.READERS)
@require_safe
def parameters(request: PortalRequest) -> HttpResponse:
    """Every parameter and its history, and open enrollment by year."""
    known, today = calendar.parameters(), day_of(request.now)
    cells = []
    for name, values in sorted(known.values.items()):
        current = max((one.since for one in values if one.since <= today), default=None)
        for one in reversed(values):
            said = "; ".join(one.value) if isinstance(one.value, list) else str(one.value)
            state = tag(_("in force"), "success") if one.since == current else ""
            cells.append((name.replace("_", " "), said, day(one.since), state))
    columns = [Column(_("Parameter")), Column(_("Value")), Column(_("Since")), Column(_("State"))]
    years = [
        (str(year), day(period.start), day(period.until - ONE_DAY if period.until else None))
        for year, period in sorted(known.open_enrollment.items())
    ]
    context = {
        "title": _("Parameters"),
        "crumbs": [NavItem(_("More"), reverse("staff:more")), NavItem(_("Parameters"))],
        "lead": _("Version %(version)s. They are changed in the state's overlay, never here.")
        % {"version": known.version},
        "table": Table(_("Parameters"), columns, cells, show_caption=False),
        "years": Table(
            _("Open enrollment"), [Column(_("Plan year")), Column(_("From")), Column(_("To"))], years,
            empty=_("Not imported: the parameters' own days count."),
        ),
    }  # fmt: skip
    return render(request, "staff/parameters.html", context)
