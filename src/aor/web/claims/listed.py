"""What a broker has asked about reports: discrepancies with receipt and state, and all answers as a workbook."""

from __future__ import annotations

import io

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.cases.models import State
from aor.discrepancies import answers as answer_books
from aor.discrepancies import queries as discrepancies
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.broker.reports import XLSX
from aor.web.claims import own, words
from aor.web.components import Chip, Column, Table, link, pages_of, query_url
from aor.web.templatetags.components import day

AT_ONCE = 50
SHOWN = {
    "waiting": (gettext_lazy("Waiting for you"), State.WAITING),
    "closed": (gettext_lazy("Closed"), State.CLOSED),
}


@access.allow(*own.FAMILY)
@require_safe
def claims(request: PortalRequest) -> HttpResponse:
    """Discrepancies, the latest first; those that wait for the broker can be shown alone."""
    found = discrepancies.of_broker_latest(own.npn(request))
    waiting = found.filter(case__state=State.WAITING).count()
    only = SHOWN.get(request.GET.get("state", ""))
    page = Paginator(found.filter(case__state=only[1]) if only else found, AT_ONCE).get_page(request.GET.get("page"))
    told = discrepancies.as_told(list(page.object_list))
    own.saw(request, [one.receipt for one in told], what="discrepancies")
    rows = [
        (
            link(one.receipt, reverse("claims:claim", args=[one.receipt])),
            words.person(one.fields),
            words.state(one),
            words.sentence(one.determination),
            words.expected(one) if one.determined_on is None else day(one.determined_on),
        )
        for one in told
    ]
    columns = [
        Column(_("Receipt")),
        Column(_("Consumer")),
        Column(_("State")),
        Column(_("Finding")),
        Column(_("Expected, or answered")),
    ]
    empty = _("Nothing here. Is somebody missing on your report, or on it by mistake? Tell us by a file or a form.")
    context = {
        "title": _("Questions about reports"),
        "lead": _("Tell us when somebody is missing on your report, or on it by mistake, and see what we found."),
        "waiting": waiting,
        "waiting_url": "?state=waiting",
        "chips": [Chip(only[0], query_url(request.GET, state=None))] if only else [],
        "clear_url": reverse("claims:list"),
        "table": Table(_("Discrepancies"), columns, rows, empty=empty),
        "any": bool(rows),
        "pages": pages_of(page, lambda number: query_url(request.GET, page=number)),
    }
    return render(request, "claims/list.html", context)


@access.allow(*own.FAMILY)
@require_safe
def answers(request: PortalRequest) -> FileResponse:
    """Every discrepancy with its determination, as a workbook in the shape in which they were reported."""
    book = answer_books.answer(own.npn(request), by=request.actor, purpose=request.holder.label, now=request.now)
    return FileResponse(io.BytesIO(book.content), as_attachment=True, filename=book.name, content_type=XLSX)
