"""A broker's published reports, to download as they were published."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.audit import operations as journal
from aor.engine import store
from aor.reports import queries as reports
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.broker import own
from aor.web.components import Column, Table, link
from aor.web.templatetags.components import instant

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@access.allow(*own.FAMILY)
@require_safe
def published(request: PortalRequest) -> HttpResponse:
    """Every report, the latest first; a corrected one names the number it replaces."""
    issues = reports.of_broker(own.npn(request))
    closed = reports.withdrawn(one.pk for one in issues)
    rows = [
        (
            link(one.number, reverse("broker:report", args=[one.number]))
            if one.workbook and one.pk not in closed
            else one.number,
            one.month,
            instant(one.published_at),
            one.note,
            link(_("Not my client"), reverse("claims:not_mine", args=[one.number]), described=one.number)
            if one.pk not in closed and isinstance(request.holder, roles.Broker)
            else "",
        )
        for one in issues
    ]
    columns = [Column(_("Report")), Column(_("Month")), Column(_("Published")), Column(_("Note")), Column(_("To do"))]
    empty = _("No report has been published for you yet.")
    context = {
        "title": _("Reports"),
        "table": Table(_("Reports"), columns, rows, empty=empty, show_caption=False),
    }
    return render(request, "broker/reports.html", context)


@access.allow(*own.FAMILY)
@require_safe
def report(request: PortalRequest, number: str) -> FileResponse:
    """The stored workbook, byte for byte; that it was taken is journaled."""
    found = next((one for one in reports.of_broker(own.npn(request)) if one.number == number), None)
    if found is None or not found.workbook or found.pk in reports.withdrawn([found.pk]):
        raise Http404
    journal.record_read(
        subject=("report", number), what="workbook", purpose=request.holder.label, by=request.actor, at=request.now
    )
    return FileResponse(
        store.open_document(found.workbook), as_attachment=True, filename=f"{number}.xlsx", content_type=XLSX
    )
