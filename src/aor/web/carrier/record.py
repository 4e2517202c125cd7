"""The record of a carrier's own enrollments on a day: who is agent of record, on the page and as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.brokers import queries as brokers
from aor.record.models import Entry
from aor.terms.period import ONE_DAY, day_of
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.carrier.dashboard import own
from aor.web.components import Column, Pages, Table, query_url
from aor.web.forms import DayField, Form
from aor.web.templatetags.components import day
from aor.workbooks import listing

AT_ONCE = 50
HEADINGS = ("exchange_policy_id", "npn", "effective_from", "effective_to")


class Asked(Form):
    """The day asked about."""

    on = DayField(label=gettext_lazy("On the day"), required=False)


@access.allow(roles.CarrierStaff)
@require_safe
def record(request: PortalRequest) -> HttpResponse:
    """The agents of record in force on a day, by policy, some at a time."""
    form = Asked(request.GET if "on" in request.GET else None)
    on = _on(request, form)
    rows = _rows(own(request), on).select_related("enrollment__subscriber")
    after = request.GET.get("after", "")[:50]
    if after:
        rows = rows.filter(enrollment__policy_id__gt=after)
    found = list(rows[: AT_ONCE + 1])
    cut = found[:AT_ONCE]
    reads.saw(request, (one.enrollment.subscriber.exchange_subscriber_id for one in cut), what="record of a carrier")
    names = brokers.names({one.npn for one in cut})
    cells = [
        (
            one.enrollment.policy_id,
            f"{one.enrollment.last_name}, {one.enrollment.first_name}",
            f"{names.get(one.npn, '')}, NPN {one.npn}",
            day(one.effective_from),
            day(one.effective_until - ONE_DAY),
        )
        for one in cut
    ]
    headings = (_("Policy"), _("Subscriber"), _("Agent of record"), _("From"), _("To"))
    empty = _("Nobody is agent of record of your policies on this day.")
    more = query_url(request.GET, after=cut[-1].enrollment.policy_id) if len(found) > AT_ONCE else ""
    context = {
        "title": _("Record"),
        "form": form,
        "on": on,
        "table": Table(_("Record"), [Column(one) for one in headings], cells, empty=empty, show_caption=False),
        "pages": Pages(next=more),
    }
    return render(request, "carrier/record.html", context)


@access.allow(roles.CarrierStaff)
@require_safe
def export(request: PortalRequest) -> StreamingHttpResponse:
    """The whole record of a day as CSV: policies and NPNs, no names."""
    hios = own(request)
    on = _on(request, Asked(request.GET if "on" in request.GET else None))
    columns = ("enrollment__policy_id", "npn", "effective_from", "effective_until")
    rows = _rows(hios, on).values_list(*columns).iterator(chunk_size=2_000)
    response = StreamingHttpResponse(listing.csv_chunks(HEADINGS, _cells(rows)), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="record-{hios}-{on}.csv"'
    return response


def _cells(rows: Iterable[tuple[str, str, date, date]]) -> Iterator[tuple[listing.Cell, ...]]:
    for policy, npn, start, until in rows:
        yield policy, npn, start, until - ONE_DAY


def _on(request: PortalRequest, form: Asked) -> date:
    asked: date | None = form.cleaned_data.get("on") if form.is_bound and form.is_valid() else None
    return asked or day_of(request.now)


def _rows(hios: str, on: date) -> QuerySet[Entry]:
    """The agents of record of a carrier's enrollments on a day, as known now."""
    rows = Entry.objects.known_at().filter(
        enrollment__hios_issuer_id=hios, effective_from__lte=on, effective_until__gt=on, in_standing=True
    )
    return rows.order_by("enrollment__policy_id")
