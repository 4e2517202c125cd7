"""A roster from a file: first what was understood of each row, then one click for all."""

from __future__ import annotations

from dataclasses import astuple

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from aor.acts import people
from aor.acts.people import ASKED, COLUMNS, MEMBER, NEW, Row
from aor.web import access, changed, once
from aor.web.access import PortalRequest
from aor.web.agency import done, own
from aor.web.components import Column, NavItem, Table, Words
from aor.web.forms import Form, Submitted
from aor.web.tables import TableField

MOST_ROWS = 500
BECOMES: dict[str, Words] = {
    MEMBER: gettext_lazy("Is of the agency: nothing changes"),
    ASKED: gettext_lazy("Will be asked to join"),
    NEW: gettext_lazy("Comes on the roster, and will be asked to join"),
}


class File(Submitted, Form):
    """A file with one broker a row."""

    file = TableField(
        columns=COLUMNS,
        most_rows=MOST_ROWS,
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "Excel or CSV, with the columns npn, first_name, last_name and email; 500 rows at most."
        ),
    )


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def roster_file(request: PortalRequest) -> HttpResponse:
    """Shows what a file would do, and does it at a second click."""
    key = _kept_as(request)
    kept = request.session.get(key)
    if "send" in request.POST:
        changed.still(request, key, back=reverse("agency:roster_file"))
        if kept:
            return _take(request, [Row(*row) for row in kept])
    form = File(request.POST if request.method == "POST" else None, request.FILES or None)
    rows: list[Row] = []
    refused: list[tuple[int, str]] = []
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        rows, refused = people.understood(own.npn(request), file.rows)
        refused = sorted([*refused, *((row.line, row.because) for row in file.refused)])
        if rows:
            request.session[key] = [astuple(row) for row in rows]
    columns = [Column(_("Broker")), Column("NPN"), Column(_("What will happen"))]
    shown = [(f"{row.first_name} {row.last_name}", row.npn, BECOMES[row.becomes]) for row in rows]
    context = {
        "title": _("Roster from a file"),
        "crumbs": [NavItem(_("Roster"), reverse("agency:roster")), NavItem(_("From a file"))],
        "form": form,
        "rows": rows,
        "version": changed.mark(request, key),
        "asking": sum(row.becomes != MEMBER for row in rows),
        "table": Table(_("Understood"), columns, shown),
        "refused": Table(_("Not understood"), [Column(_("Line")), Column(_("Because"))], refused),
    }
    return render(request, "agency/roster_file.html", context)


def _kept_as(request: PortalRequest) -> str:
    """Who goes on for another of their agencies does not ask there whom they had listed for the first."""
    return f"agency_roster_file {own.npn(request)}"


def _take(request: PortalRequest, rows: list[Row]) -> HttpResponse:
    trouble = people.take(own.npn(request), rows, by=request.actor, now=request.now)
    request.session.pop(_kept_as(request), None)
    for npn, because in trouble[:10]:
        messages.warning(request, f"NPN {npn}: {because}")
    return done.go(request, "imported")


@access.allow(*own.FAMILY)
@require_POST
def drop(request: PortalRequest) -> HttpResponse:
    """Drops the file that was shown."""
    request.session.pop(_kept_as(request), None)
    return HttpResponseRedirect(reverse("agency:roster_file"))
