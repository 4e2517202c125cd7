"""All that waits for a person about what carriers were told: one list, by kind and carrier, and as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.audit import operations as journal
from aor.carriers import queries as carriers
from aor.enrollments.models import Enrollment
from aor.transmissions import queries as transmissions
from aor.transmissions.models import Interchange
from aor.transmissions.queries import StaffException
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Column, CountCard, NavItem, Table, Words, link, pages_of, query_url
from aor.web.staff import team
from aor.workbooks import listing

AT_ONCE = 100
KINDS: Mapping[str, Words] = {
    "rejected": gettext_lazy("Rejected by the carrier"),
    "cannot be written": gettext_lazy("Cannot be written"),
    "overdue": gettext_lazy("Answer overdue"),
    "contradicted": gettext_lazy("Accepted and rejected"),
    "receipt": gettext_lazy("Carrier's receipt differs"),
    "another broker": gettext_lazy("File names another broker"),
    "not in standing after all": gettext_lazy("Sent, not in standing after all"),
    "never sent": gettext_lazy("Answer to nothing of ours"),
    "unreadable": gettext_lazy("Cannot be read"),
}
OF_POLICIES = ("rejected", "cannot be written", "receipt", "another broker", "not in standing after all")
HEADINGS = ("kind", "hios_issuer_id", "subject", "because")
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@access.allow(*team.READERS)
@require_safe
def exceptions(request: PortalRequest) -> HttpResponse:
    """The list, each kind's count a filter."""
    names, carrier, kind = carriers.names(), request.GET.get("carrier", ""), request.GET.get("kind", "")
    found = _found(request, carrier, names)
    counts = Counter(one.kind for one in found)
    cards = [
        CountCard(
            words, counts[one], query_url(request.GET, kind=None if one == kind else one, page=None),
            current=one == kind, tone="warning" if counts[one] else "neutral",
        )
        for one, words in KINDS.items()
        if counts[one] or one == kind
    ]  # fmt: skip
    shown = [one for one in found if kind not in KINDS or one.kind == kind]
    page = Paginator(shown, AT_ONCE).get_page(request.GET.get("page"))
    pages = _pages(list(page))
    cells = [
        (
            _subject(one, pages),
            KINDS.get(one.kind, one.kind),
            names.get(one.hios_issuer_id, one.hios_issuer_id),
            one.because,
        )
        for one in page
    ]
    headings = (_("What"), _("Kind"), _("Carrier"), _("Because"))
    empty = _("Nothing waits for a person.")
    context = {
        "title": _("All exceptions"),
        "lead": _("What could not be written is as of the carrier's last run; all else is as of now."),
        "crumbs": [NavItem(_("Transmissions"), reverse("staff:transmissions")), NavItem(_("Exceptions"))],
        "names": names,
        "carrier": carrier,
        "cards": cards,
        "table": Table(_("Exceptions"), [Column(one) for one in headings], cells, empty=empty, show_caption=False),
        "pages": pages_of(page, lambda n: query_url(request.GET, page=n)) if len(shown) > AT_ONCE else None,
        "links": [
            NavItem(words, reverse("staff:exceptions_export", args=[media]) + query_url(request.GET, page=None))
            for media, words in (("xlsx", _("As a workbook")), ("csv", _("As CSV")))
        ],
    }
    return render(request, "staff/exceptions.html", context)


@access.allow(*team.READERS)
@require_safe
def export(request: PortalRequest, kind: str) -> StreamingHttpResponse:
    """The rows of the page, all of them; `kind` is csv or xlsx."""
    if kind not in MEDIA:
        raise Http404
    wanted = request.GET.get("kind", "")
    found = _found(request, request.GET.get("carrier", ""), carriers.names())
    rows = (
        (one.kind, one.hios_issuer_id, one.subject, one.because)
        for one in found
        if wanted not in KINDS or one.kind == wanted
    )
    return download("exceptions", kind, HEADINGS, rows)


def download(
    name: str, kind: str, headings: Sequence[str], rows: Iterable[Sequence[listing.Cell]]
) -> StreamingHttpResponse:
    """Rows as a file; `kind` is of MEDIA."""
    chunks = listing.xlsx_chunks(name, headings, rows) if kind == "xlsx" else listing.csv_chunks(headings, rows)
    response = StreamingHttpResponse(chunks, content_type=MEDIA[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def _found(request: PortalRequest, carrier: str, names: Mapping[str, str]) -> list[StaffException]:
    """Of one carrier or all, on record as read."""
    hios = carrier if carrier in names else ""
    journal.record_read(
        subject=("carrier", hios or "all"), what="exceptions", purpose=request.holder.label, by=request.actor,
        at=request.now,
    )  # fmt: skip
    return list(transmissions.exceptions(now=request.now, hios_issuer_id=hios))


def _pages(rows: Sequence[StaffException]) -> dict[tuple[str, str], str]:
    """The page of each enrollment and file by carrier and subject: a query for each of the two."""
    policies = {one.subject for one in rows if one.kind in OF_POLICIES}
    known = Enrollment.objects.filter(policy_id__in=policies).values_list("hios_issuer_id", "policy_id", "id")
    files = Interchange.objects.filter(name__in={one.subject for one in rows if one.kind == "overdue"})
    sent = files.values_list("hios_issuer_id", "name", "id")
    found = {(hios, policy): reverse("staff:enrollment", args=[id]) for hios, policy, id in known}
    return found | {(hios, name): reverse("staff:interchange", args=[id]) for hios, name, id in sent}


def _subject(one: StaffException, pages: Mapping[tuple[str, str], str]) -> str | SafeString:
    url = pages.get((one.hios_issuer_id, one.subject), "") if one.kind in (*OF_POLICIES, "overdue") else ""
    return link(one.subject, url) if url else one.subject
