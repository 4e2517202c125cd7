"""A broker's book of business: find, filter, sort, and take along exactly what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from aor.accounts import operations as account_operations
from aor.accounts import queries as accounts
from aor.carriers import queries as carriers
from aor.engine import kept
from aor.enrollments.models import Enrollment
from aor.transmissions import book as lines
from aor.transmissions.book import NOBODY, Line
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.broker import own, standings
from aor.web.components import Chip, Table, Words, link, pages_of, query_url, sorting
from aor.web.components import Column as Heading
from aor.web.forms import numbered, typed
from aor.web.templatetags.components import day, state_tag, tag
from aor.workbooks import listing

PAGE = "book"
SIZES = (50, 100, 250)
STATES: Mapping[str, Words] = {
    "held": gettext_lazy("Held"),
    "ready": gettext_lazy("Ready to send"),
    "sent": gettext_lazy("Sent"),
    "accepted": gettext_lazy("Accepted"),
    "rejected": gettext_lazy("Rejected by the carrier"),
    "ended": gettext_lazy("Ended"),
    NOBODY: gettext_lazy("Not agent of record"),
}
FILTERS: Mapping[str, Words] = {**STATES, standings.RISK: gettext_lazy("At risk within 60 days")}
COVERAGES: Mapping[str, Words] = {"HLT": gettext_lazy("Medical"), "DEN": gettext_lazy("Dental")}
ORDERS = {
    "name": ("last_name", "first_name", "id"),
    "policy": ("policy_id", "id"),
    "carrier": ("hios_issuer_id", "last_name", "id"),
    "start": ("start", "last_name", "id"),
}
COLUMNS: Mapping[str, Words] = {
    "name": gettext_lazy("Consumer"),
    "policy": gettext_lazy("Policy"),
    "carrier": gettext_lazy("Carrier"),
    "coverage": gettext_lazy("Coverage"),
    "start": gettext_lazy("Coverage from"),
    "until": gettext_lazy("to"),
    "state": gettext_lazy("Agent of record"),
    "from": gettext_lazy("Credited from"),
    "sent_on": gettext_lazy("Date sent"),
    "why": gettext_lazy("Why"),
}
ALWAYS = ("name", "policy")
USUAL = ("name", "policy", "carrier", "coverage", "start", "state", "sent_on")


@dataclass(frozen=True, slots=True)
class View:
    """What of the book is shown: filters by code, order, columns; the words searched for are kept in the visit."""

    state: str = ""
    carrier: str = ""
    coverage: str = ""
    year: str = ""
    words: str = ""
    sort: str = "name"
    size: int = SIZES[0]
    columns: tuple[str, ...] = USUAL

    @classmethod
    def asked(cls, request: PortalRequest) -> View:
        """From the address; what is not one of the choices counts as not asked."""
        query = request.GET
        size = query.get("size", "")
        chosen = tuple(name for name in COLUMNS if name in query.getlist("column") or name in ALWAYS)
        return cls(
            state=query.get("state", "") if query.get("state") in FILTERS else "",
            carrier=query.get("carrier", "") if query.get("carrier", "").isdigit() else "",
            coverage=query.get("coverage", "") if query.get("coverage") in COVERAGES else "",
            year=query.get("year", "") if query.get("year", "").isdecimal() and len(query["year"]) == 4 else "",
            words=str(request.session.get("book_words", "")),
            sort=query.get("sort", "name") if query.get("sort", "").lstrip("-") in ORDERS else "name",
            size=numbered(size) if numbered(size) in SIZES else SIZES[0],
            columns=chosen if query.getlist("column") else USUAL,
        )

    def rows(self, request: PortalRequest) -> QuerySet[Enrollment]:
        """The enrollments shown, in order; one query, whatever the filters."""
        rows = own.enrollments(request)
        if self.carrier:
            rows = rows.filter(hios_issuer_id=self.carrier)
        if self.coverage:
            rows = rows.filter(coverage_kind=self.coverage)
        if self.year:
            rows = rows.filter(start__year=int(self.year))
        for word in self.words.split()[:4]:
            rows = rows.filter(
                Q(last_name__istartswith=word) | Q(first_name__istartswith=word) | Q(policy_id__startswith=word)
            )
        if self.state == standings.RISK:
            rows = rows.filter(id__among=standings.at_risk(own.npn(request), now=request.now))
        elif self.state:
            found = standings.states(own.npn(request), now=request.now)
            rows = rows.filter(id__among=[id for id, state in found.items() if state == self.state])
        order = ORDERS[self.sort.lstrip("-")]
        turned = "-" if self.sort.startswith("-") else ""
        return rows.order_by(*(f"{turned}{name}" for name in order))

    def chips(self, query: QueryDict, names: Mapping[str, str]) -> list[Chip]:
        """The filters that are on, each with the address without it."""
        on: list[tuple[str, Words]] = []
        if self.state:
            on.append(("state", FILTERS[self.state]))
        if self.carrier:
            on.append(("carrier", names.get(self.carrier, self.carrier)))
        if self.coverage:
            on.append(("coverage", COVERAGES[self.coverage]))
        if self.year:
            on.append(("year", _("Plan year %(year)s") % {"year": self.year}))
        return [Chip(label, query_url(query, **{key: None})) for key, label in on]


@access.allow(*own.FAMILY)
@require_safe
@kept.page()
def book(request: PortalRequest) -> HttpResponse:
    """The book, a page at a time."""
    view, names = View.asked(request), carriers.names()
    pages = Paginator(view.rows(request).select_related("subscriber"), view.size)
    page = pages.get_page(request.GET.get("page"))
    shown = list(page.object_list)
    reads.saw(request, (one.subscriber.exchange_subscriber_id for one in shown), what="book of business")
    found = lines.lines([one.pk for one in shown], [own.npn(request)], now=request.now)
    context = {
        "title": _("Clients"),
        "view": view,
        "table": _table(request, view, shown, found, names),
        "pages": pages_of(page, lambda number: query_url(request.GET, page=number), said=_said(pages.count)),
        "chips": view.chips(request.GET, names),
        "clear_url": reverse("broker:book"),
        "closed": () if shown else own.closed_because(request),
        "states": FILTERS,
        "coverages": COVERAGES,
        "carriers": {hios: names.get(hios, hios) for hios in _carriers(request)},
        "sizes": SIZES,
        "column_choices": {key: label for key, label in COLUMNS.items() if key not in ALWAYS},
        "exports": [(_("Excel"), _export_url(request, "xlsx")), (_("CSV"), _export_url(request, "csv"))],
        "saved": saved_views(request),
    }
    return render(request, "broker/book.html", context)


def saved_views(request: PortalRequest) -> list[tuple[str, str]]:
    """Names and addresses of the views that this person kept."""
    kept = accounts.kept_views(request.holder.account, PAGE)
    return [(name, f"{reverse('broker:book')}?{query}") for name, query in kept]


@access.allow(*own.FAMILY)
@require_POST
def search(request: PortalRequest) -> HttpResponse:
    """Keeps the words searched for in the visit: a name is never part of an address."""
    request.session["book_words"] = typed(request.POST.get("words", ""), 100)
    return HttpResponseRedirect(f"{reverse('broker:book')}{query_url(_filters(request))}")


@access.allow(*own.FAMILY)
@require_POST
def save(request: PortalRequest) -> HttpResponse:
    """Keeps the filters under a name."""
    name = typed(request.POST.get("name", ""), 40)
    query = query_url(_filters(request)).lstrip("?")
    if name:
        account_operations.keep_view(account=request.holder.account, page=PAGE, name=name, query=query)
    return HttpResponseRedirect(f"{reverse('broker:book')}?{query}")


@access.allow(*own.FAMILY)
@require_safe
def export(request: PortalRequest, kind: str) -> StreamingHttpResponse:
    """Exactly the rows, order and columns shown, all pages of them."""
    if kind not in ("xlsx", "csv"):
        raise Http404
    view, names = View.asked(request), carriers.names()
    rows = view.rows(request).select_related("subscriber")
    reads.saw(
        request,
        rows.order_by().values_list("subscriber__exchange_subscriber_id", flat=True).distinct(),
        what=f"book of business, {kind}",
    )
    headings = [str(COLUMNS[name]) for name in view.columns]
    cells = _exported(request, view, rows, names)
    chunks = (
        listing.xlsx_chunks("Clients", headings, cells) if kind == "xlsx" else listing.csv_chunks(headings, cells)
    )
    media = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}[kind]
    response = StreamingHttpResponse(chunks, content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="clients-{own.npn(request)}.{kind}"'
    return response


def _exported(
    request: PortalRequest, view: View, rows: QuerySet[Enrollment], names: Mapping[str, str]
) -> Iterator[Sequence[listing.Cell]]:
    for some in batched(rows.iterator(chunk_size=2_000), 2_000):
        found = lines.lines([one.pk for one in some], [own.npn(request)], now=request.now)
        for one in some:
            yield [_plain(name, one, found[one.pk], names) for name in view.columns]


def _plain(name: str, one: Enrollment, line: Line, names: Mapping[str, str]) -> listing.Cell:
    """A cell as data."""
    match name:
        case "name":
            return f"{one.last_name}, {one.first_name}".strip(", ")
        case "policy":
            return one.policy_id
        case "carrier":
            return names.get(one.hios_issuer_id, one.hios_issuer_id)
        case "coverage":
            return str(COVERAGES.get(one.coverage_kind, one.coverage_kind))
        case "start":
            return one.start
        case "until":
            return one.until
        case "state":
            return str(STATES[line.state])
        case "from":
            return line.start
        case "sent_on":
            return line.sent_on
    return line.because


def _table(
    request: PortalRequest,
    view: View,
    shown: Sequence[Enrollment],
    found: Mapping[int, Line],
    names: Mapping[str, str],
) -> Table:
    headings = [
        sorting(COLUMNS[name], name, request.GET, by=view.sort) if name in ORDERS else Heading(COLUMNS[name])
        for name in view.columns
    ]
    tags = states_drawn(line.state for line in found.values())
    rows = [[_cell(name, one, found[one.pk], names, tags) for name in view.columns] for one in shown]
    empty = (
        _("No client fits these filters.") if view.chips(request.GET, names) or view.words else _("No clients yet.")
    )
    return Table(_("Clients"), headings, rows, empty=empty, show_caption=False)


def states_drawn(states: Iterable[str]) -> dict[str, SafeString]:
    """The tag of each state, drawn once for all rows that have it."""
    return {state: tag(STATES[NOBODY]) if state == NOBODY else state_tag(state) for state in set(states)}


def _cell(
    name: str, one: Enrollment, line: Line, names: Mapping[str, str], tags: Mapping[str, SafeString]
) -> SafeString | str:
    value = _plain(name, one, line, names)
    match name:
        case "name":
            return link(str(value), reverse("broker:why", args=[one.pk]), described=one.policy_id)
        case "state":
            return tags[line.state]
        case "start" | "until" | "from" | "sent_on":
            return day(value)  # type: ignore[arg-type]  # these columns hold days
    return str(value or "")


def _carriers(request: PortalRequest) -> list[str]:
    return sorted(own.enrollments(request).order_by().values_list("hios_issuer_id", flat=True).distinct())


def _filters(request: PortalRequest) -> dict[str, Any]:
    """The filters that the form carried along."""
    return {
        key: request.POST.getlist(key)
        for key in ("state", "carrier", "coverage", "year", "sort", "size", "column")
        if request.POST.get(key)
    }


def _export_url(request: PortalRequest, kind: str) -> str:
    return f"{reverse('broker:export', args=[kind])}{query_url(request.GET)}"


def _said(count: int) -> str:
    return ngettext("%(count)s policy", "%(count)s policies", count) % {"count": f"{count:,}"}
