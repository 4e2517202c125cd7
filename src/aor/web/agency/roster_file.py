"""A roster from a file: first what was understood of each row, then one click for all."""

from __future__ import annotations

from dataclasses import astuple
from pathlib import Path
from tempfile import TemporaryDirectory

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from aor.acts import people
from aor.acts.people import ASKED, COLUMNS, MEMBER, NEW, Row
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.agency import done, own
from aor.web.components import Column, NavItem, Table, Words
from aor.web.forms import Form, Submitted
from aor.workbooks.tables import TableRefused, read_table

MOST_ROWS, MOST_BYTES = 500, 2_000_000
KEPT = "agency_roster_file"
BECOMES: dict[str, Words] = {
    MEMBER: gettext_lazy("Is of the agency: nothing changes"),
    ASKED: gettext_lazy("Will be asked to join"),
    NEW: gettext_lazy("Comes on the roster, and will be asked to join"),
}


class File(Submitted, Form):
    """A file with one broker a row."""

    file = forms.FileField(
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
    kept = request.session.get(KEPT)
    if request.method == "POST" and "send" in request.POST and kept:
        return _take(request, [Row(*row) for row in kept])
    form = File(request.POST if request.method == "POST" else None, request.FILES or None)
    rows: list[Row] = []
    refused: list[tuple[int, str]] = []
    if request.method == "POST" and form.is_valid():
        rows, refused = _read(request, form)
        if rows:
            request.session[KEPT] = [astuple(row) for row in rows]
    columns = [Column(_("Broker")), Column("NPN"), Column(_("What will happen"))]
    shown = [(f"{row.first_name} {row.last_name}", row.npn, BECOMES[row.becomes]) for row in rows]
    context = {
        "title": _("Roster from a file"),
        "crumbs": [NavItem(_("Roster"), reverse("agency:roster")), NavItem(_("From a file"))],
        "form": form,
        "rows": rows,
        "asking": sum(row.becomes != MEMBER for row in rows),
        "table": Table(_("Understood"), columns, shown),
        "refused": Table(_("Not understood"), [Column(_("Line")), Column(_("Because"))], refused),
    }
    return render(request, "agency/roster_file.html", context)


def _take(request: PortalRequest, rows: list[Row]) -> HttpResponse:
    trouble = people.take(own.npn(request), rows, by=request.actor, now=request.now)
    request.session.pop(KEPT, None)
    for npn, because in trouble[:10]:
        messages.warning(request, f"NPN {npn}: {because}")
    return done.go(request, "imported")


def _read(request: PortalRequest, form: forms.Form) -> tuple[list[Row], list[tuple[int, str]]]:
    """The brokers of the file, and the lines that name nobody; an unreadable file is an error of its field."""
    uploaded = form.cleaned_data["file"]
    try:
        if uploaded.size > MOST_BYTES:
            raise TableRefused(_("the file is larger than 2 MB"))
        with TemporaryDirectory() as folder:
            path = Path(folder) / "roster"
            path.write_bytes(b"".join(uploaded.chunks()))
            table = read_table(path)
            if missing := [name for name in COLUMNS if name not in table.columns]:
                raise TableRefused(_("the file lacks the column %(name)s") % {"name": missing[0]})
            rows: list[tuple[int, dict[str, str]]] = []
            for row in table.rows:
                if len(rows) == MOST_ROWS:
                    raise TableRefused(_("at most %(most)s rows a file") % {"most": MOST_ROWS})
                rows.append(row)
            found, refused = people.understood(own.npn(request), rows)
            return found, sorted([*refused, *((row.line, row.because) for row in table.refused)])
    except TableRefused as because:
        form.add_error("file", str(because))
        return [], []


@access.allow(*own.FAMILY)
@require_POST
def drop(request: PortalRequest) -> HttpResponse:
    """Drops the file that was shown."""
    request.session.pop(KEPT, None)
    return HttpResponseRedirect(reverse("agency:roster_file"))
