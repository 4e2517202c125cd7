"""The agency's book: the clients of all its brokers, found, filtered and taken along exactly as shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched

from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from aor.carriers import queries as carriers
from aor.engine import kept
from aor.enrollments.models import Enrollment
from aor.transmissions import book as lines
from aor.transmissions.book import Line
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.agency import own
from aor.web.agency.ready import EXPORTS
from aor.web.broker.book import COVERAGES, ORDERS, STATES, states_drawn
from aor.web.components import Chip, Table, Words, link, pages_of, query_url, sorting
from aor.web.components import Column as Heading
from aor.web.forms import typed
from aor.web.templatetags.components import day
from aor.workbooks import listing

AT_ONCE, MINUTE, CHUNK = 50, 60, 2_000
WORDS = "agency_book_words"
COLUMNS: Mapping[str, Words] = {
    "name": gettext_lazy("Consumer"),
    "policy": gettext_lazy("Policy"),
    "broker": gettext_lazy("Broker"),
    "carrier": gettext_lazy("Carrier"),
    "coverage": gettext_lazy("Coverage"),
    "start": gettext_lazy("Coverage from"),
    "state": gettext_lazy("Agent of record"),
    "sent_on": gettext_lazy("Date sent"),
    "why": gettext_lazy("Why"),
}


@dataclass(frozen=True, slots=True)
class View:
    """What of the book is shown; the words searched for are kept in the visit, never in an address."""

    members: Mapping[str, str]
    broker: str = ""
    state: str = ""
    carrier: str = ""
    words: str = ""
    sort: str = "name"

    @classmethod
    def asked(cls, request: PortalRequest) -> View:
        """From the address; what is not one of the choices counts as not asked."""
        query = request.GET
        members = {one.npn: one.name for one in own.members(request)}
        return cls(
            members=members,
            broker=query.get("broker", "") if query.get("broker") in members else "",
            state=query.get("state", "") if query.get("state") in STATES else "",
            carrier=query.get("carrier", "") if query.get("carrier", "").isdigit() else "",
            words=str(request.session.get(WORDS, "")),
            sort=query.get("sort", "name") if query.get("sort", "").lstrip("-") in ORDERS else "name",
        )

    @property
    def query(self) -> dict[str, str]:
        """The filters that are on, by their name in the address."""
        return {key: value for key in ("broker", "state", "carrier", "sort") if (value := getattr(self, key))}

    @property
    def npns(self) -> list[str]:
        """Whose clients are shown."""
        return [self.broker] if self.broker else list(self.members)

    def rows(self, request: PortalRequest) -> QuerySet[Enrollment]:
        """The enrollments shown, in order; one query, whatever the filters."""
        seen = own.clients(request, list(self.members)).filter(npn__in=self.npns)
        rows = Enrollment.objects.filter(subscriber__in=seen.values_list("subscriber_id", flat=True))
        if self.carrier:
            rows = rows.filter(hios_issuer_id=self.carrier)
        for word in self.words.split()[:4]:
            rows = rows.filter(
                Q(last_name__istartswith=word) | Q(first_name__istartswith=word) | Q(policy_id__startswith=word)
            )
        if self.state:
            found = _states(request, list(self.members), request.now)
            rows = rows.filter(id__among=[id for id, state in found.items() if state == self.state])
        turned = "-" if self.sort.startswith("-") else ""
        return rows.order_by(*(f"{turned}{name}" for name in ORDERS[self.sort.lstrip("-")]))

    def chips(self, names: Mapping[str, str]) -> list[Chip]:
        """The filters that are on, each with the address without it."""
        on: list[tuple[str, Words]] = []
        if self.broker:
            on.append(("broker", self.members[self.broker]))
        if self.state:
            on.append(("state", STATES[self.state]))
        if self.carrier:
            on.append(("carrier", names.get(self.carrier, self.carrier)))
        return [Chip(label, query_url(self.query, **{key: None})) for key, label in on]


def _states(request: PortalRequest, npns: Sequence[str], now: datetime) -> dict[int, str]:
    """How each enrollment of the book stands, at most a minute old; other members are another book."""
    members = hashlib.sha256(" ".join(sorted(npns)).encode()).hexdigest()
    key = f"agency-book:{own.npn(request)}:{members}"
    known = cache.get(key)
    if known is None:
        ids = list(own.enrollments(request, npns).values_list("id", flat=True))
        known = {id: line.state for id, line in lines.lines(ids, npns, now=now).items()}
        cache.set(key, known, MINUTE)
    return dict(known)


@access.allow(*own.FAMILY)
@require_safe
@kept.page()
def book(request: PortalRequest) -> HttpResponse:
    """The book, a page at a time."""
    view, names = View.asked(request), carriers.names()
    pages = Paginator(view.rows(request).select_related("subscriber"), AT_ONCE)
    page = pages.get_page(request.GET.get("page"))
    shown = list(page.object_list)
    reads.saw(request, (one.subscriber.exchange_subscriber_id for one in shown), what="book of an agency")
    headings = [
        sorting(label, name, view.query, by=view.sort) if name in ORDERS else Heading(label)
        for name, label in COLUMNS.items()
    ]
    empty = _("No client fits these filters.") if view.chips(names) or view.words else _("No clients yet.")
    context = {
        "title": _("Book"),
        "lead": _("The clients of your brokers, while they are of the agency."),
        "view": view,
        "table": Table(_("Clients"), headings, list(_cells(request, view, shown, names)), empty, show_caption=False),
        "pages": pages_of(page, lambda number: query_url(view.query, page=number), said=_said(pages.count)),
        "chips": view.chips(names),
        "clear_url": reverse("agency:book"),
        "brokers": view.members,
        "states": STATES,
        "carriers": names,
        "exports": [
            (label, f"{reverse('agency:export', args=[kind])}{query_url(view.query)}")
            for kind, label in (("xlsx", _("Excel")), ("csv", _("CSV")))
        ],
    }
    return render(request, "agency/book.html", context)


@access.allow(*own.FAMILY)
@require_POST
def search(request: PortalRequest) -> HttpResponse:
    """Keeps the words searched for in the visit."""
    request.session[WORDS] = typed(request.POST.get("words", ""), 100)
    filters = {key: request.POST.get(key) for key in ("broker", "state", "carrier", "sort")}
    return HttpResponseRedirect(f"{reverse('agency:book')}{query_url(filters)}")


@access.allow(*own.FAMILY)
@require_safe
def export(request: PortalRequest, kind: str) -> StreamingHttpResponse:
    """Exactly the rows, order and columns shown, all pages of them."""
    if kind not in EXPORTS:
        raise Http404
    view, names = View.asked(request), carriers.names()
    rows = view.rows(request).select_related("subscriber")
    subscribers = rows.order_by().values_list("subscriber__exchange_subscriber_id", flat=True).distinct()
    reads.saw(request, subscribers, what=f"book of an agency, {kind}")
    headings = [str(label) for label in COLUMNS.values()]
    cells = _exported(request, view, rows, names)
    chunks = listing.xlsx_chunks("Book", headings, cells) if kind == "xlsx" else listing.csv_chunks(headings, cells)
    response = StreamingHttpResponse(chunks, content_type=EXPORTS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="book-{own.npn(request)}.{kind}"'
    return response


def _exported(
    request: PortalRequest, view: View, rows: QuerySet[Enrollment], names: Mapping[str, str]
) -> Iterator[Sequence[listing.Cell]]:
    for some in batched(rows.iterator(chunk_size=CHUNK), CHUNK):
        for one, line, broker in _lines(request, view, some):
            yield [_plain(name, one, line, broker, names) for name in COLUMNS]


def _lines(request: PortalRequest, view: View, some: Sequence[Enrollment]) -> Iterator[tuple[Enrollment, Line, str]]:
    """Each enrollment with how it stands and whose client it is, in a few queries for all."""
    found = lines.lines([one.pk for one in some], list(view.members), now=request.now)
    seen = own.clients(request, list(view.members)).filter(subscriber__in=[one.subscriber_id for one in some])
    brokers = dict(seen.values_list("subscriber_id", "npn"))
    for one in some:
        yield one, found[one.pk], view.members.get(brokers.get(one.subscriber_id, ""), "")


def _plain(name: str, one: Enrollment, line: Line, broker: str, names: Mapping[str, str]) -> listing.Cell:
    """A cell as data."""
    match name:
        case "name":
            return f"{one.last_name}, {one.first_name}".strip(", ")
        case "policy":
            return one.policy_id
        case "broker":
            return broker
        case "carrier":
            return names.get(one.hios_issuer_id, one.hios_issuer_id)
        case "coverage":
            return str(COVERAGES.get(one.coverage_kind, one.coverage_kind))
        case "start":
            return one.start
        case "state":
            return str(STATES[line.state])
        case "sent_on":
            return line.sent_on
    return line.because


def _cells(
    request: PortalRequest, view: View, shown: Sequence[Enrollment], names: Mapping[str, str]
) -> Iterator[list[object]]:
    drawn = set(COLUMNS) - {"broker", "state", "start", "sent_on"}
    npns = {name: npn for npn, name in view.members.items()}
    found = list(_lines(request, view, shown))
    tags = states_drawn(line.state for _one, line, _broker in found)
    for one, line, broker in found:
        cells: dict[str, object] = {name: _plain(name, one, line, broker, names) or "" for name in drawn}
        cells["name"] = link(str(cells["name"]), reverse("agency:why", args=[one.pk]), described=one.policy_id)
        cells["broker"] = link(broker, reverse("agency:broker", args=[npns[broker]])) if broker else ""
        cells["state"] = tags[line.state]
        cells |= {"start": day(one.start), "sent_on": day(line.sent_on)}
        yield [cells[name] for name in COLUMNS]


def _said(count: int) -> str:
    return ngettext("%(count)s policy", "%(count)s policies", count) % {"count": f"{count:,}"}
