"""A broker's monthly statements, to download as PDF or workbook."""

from __future__ import annotations

from io import BytesIO

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.reports import statements as reports
from aor.reports.operations import NoReport
from aor.reports.statement_pages import BROKER
from aor.reports.statements import PDF
from aor.terms.month import Month
from aor.web import access, problems
from aor.web.access import PortalRequest
from aor.web.broker.reports import XLSX
from aor.web.claims import own, words
from aor.web.components import Column, NavItem, Table, link
from aor.web.templatetags.components import instant

TYPES = {PDF: "application/pdf", "xlsx": XLSX}


@access.allow(*own.FAMILY)
@require_safe
def statements(request: PortalRequest) -> HttpResponse:
    """Every statement, the latest first."""
    rows = [
        (
            one.number,
            one.month,
            instant(one.published_at),
            format_html("{} {}", *(_download(one.month, form) for form in TYPES)),
        )
        for one in reports.of_broker(own.npn(request))
    ]
    columns = [Column(_("Statement")), Column(_("Month")), Column(_("Published")), Column(_("Download"))]
    empty = _("No statement has been published for you yet. One comes with each monthly report.")
    context = {
        "title": _("Monthly statements"),
        "crumbs": [NavItem(_("Report questions"), reverse("claims:list")), NavItem(_("Statements"))],
        "lead": _("What was sent for you in the month and in the year to date, by program, and what changed."),
        "table": Table(_("Statements"), columns, rows, empty=empty, show_caption=False),
    }
    return render(request, "claims/statements.html", context)


def _download(month: str, form: str) -> object:
    words_of = {PDF: _("PDF"), "xlsx": _("Excel")}
    return link(words_of[form], reverse("claims:statement", args=[month, form]), described=month)


@access.allow(*own.FAMILY)
@require_safe
def statement(request: PortalRequest, month: str, kind: str) -> FileResponse:
    """One statement, as published; that it was taken is journaled."""
    npn = own.npn(request)
    try:
        wanted = Month.parse(month)
    except ValueError:
        raise Http404 from None
    if kind not in TYPES or reports.statement(wanted, BROKER, npn) is None:
        raise Http404
    try:
        file = reports.hand_out(
            wanted, kind=BROKER, npn=npn, form=kind, by=request.actor, purpose=request.holder.label, now=request.now
        )
    except NoReport as no:
        raise problems.Gone(words.sentence(str(no)), back=reverse("claims:statements")) from None
    return FileResponse(BytesIO(file.content), as_attachment=True, filename=file.name, content_type=TYPES[kind])
