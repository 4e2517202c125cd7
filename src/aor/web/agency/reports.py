"""What was published for the agency, and which mails to its brokers did not arrive."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.notices import queries as notices
from aor.reports import statements
from aor.reports.models import Statement
from aor.reports.operations import NoReport
from aor.reports.statement_pages import AGENCY
from aor.terms.month import Month
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.agency import own
from aor.web.components import Column, Table, link
from aor.web.templatetags.components import instant

FORMS = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@access.allow(*own.FAMILY)
@require_safe
def reports(request: PortalRequest) -> HttpResponse:
    """Statements, the latest first, and mails that bounced or had no address."""
    published = [
        (one.number, one.month, instant(one.published_at), _files(one))
        for one in statements.of_agency(own.npn(request))
    ]
    members = {one.npn: one.name for one in own.members(request)}
    bounced = [
        (
            link(members[one.recipient_id], reverse("agency:broker", args=[one.recipient_id]), described=one.subject),
            one.subject,
            instant(one.queued_at),
            _("no address") if one.state == "unaddressed" else one.words or _("refused"),
        )
        for one in reversed(notices.undelivered_to("broker", members))
    ]
    columns = [Column(_("Statement")), Column(_("Month")), Column(_("Published")), Column(_("Files"))]
    headings = [Column(_("Broker")), Column(_("Mail")), Column(_("Written")), Column(_("Why it did not arrive"))]
    context = {
        "title": _("Reports"),
        "table": Table(_("Statements of the agency"), columns, published, empty=_("No statement is published yet.")),
        "undelivered": Table(_("Mails that did not arrive"), headings, bounced, empty=_("Every mail arrived.")),
    }
    return render(request, "agency/reports.html", context)


def _files(one: Statement) -> object:
    links = [
        link(kind.upper(), reverse("agency:report", args=[one.number, kind]), described=one.number) for kind in FORMS
    ]
    return own.doings(*links)


@access.allow(*own.FAMILY)
@require_safe
def report(request: PortalRequest, number: str, kind: str) -> HttpResponse:
    """A statement as a file; that it was taken is journaled."""
    row = next((one for one in statements.of_agency(own.npn(request)) if one.number == number), None)
    if row is None or kind not in FORMS:
        raise Http404
    try:
        taken = statements.hand_out(
            Month.parse(row.month), kind=AGENCY, npn=row.npn, form=kind,
            by=request.actor, purpose=request.holder.label, now=request.now,
        )  # fmt: skip
    except NoReport as none:
        raise Http404 from none
    response = HttpResponse(taken.content, content_type=FORMS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{taken.name}"'
    return response
