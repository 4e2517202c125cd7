"""Readiness: broker by certification, licence and appointment of each carrier, and the agents of record at risk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from aor.acts import readiness as acts
from aor.acts.readiness import AtRisk
from aor.brokers.queries import RosterBroker
from aor.carriers import queries as carriers
from aor.policy.readiness import CERTIFICATION, LICENSE, Holding
from aor.terms.period import ONE_DAY, day_of
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.agency import own
from aor.web.components import Column, Table, link, pages_of, query_url
from aor.web.templatetags.components import tag
from aor.workbooks import listing

SOON = timedelta(days=60)
AT_ONCE = 50
EXPORTS = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}

type Key = tuple[str, str]  # what, and the carrier's HIOS issuer id


def left(holding: Holding, request: PortalRequest) -> int | None:
    """The days left of something held, where its end is known."""
    return (holding.until - day_of(request.now)).days if holding.held and holding.until else None


def held_tag(holding: Holding, request: PortalRequest) -> SafeString:
    """In force, ending soon with the days left, or missing."""
    days = left(holding, request)
    if not holding.held:
        return tag(_("Missing"), "error", "close")
    if days is not None and days <= SOON.days:
        words = ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}
        return tag(words, "warning", "schedule")
    return tag(_("In force"), "success", "check")


def endangered(one: AtRisk, request: PortalRequest) -> bool:
    """Whether agents of record rest on something that is missing or ends soon."""
    days = left(one.holding, request)
    return one.agents_of_record > 0 and (not one.holding.held or (days is not None and days <= SOON.days))


@access.allow(*own.FAMILY)
@require_safe
def readiness(request: PortalRequest) -> HttpResponse:
    """The brokers, a page at a time, each with all that they hold."""
    members, held, keys = _matrix(request)
    names = carriers.names()
    pages = Paginator(members, AT_ONCE)
    page = pages.get_page(request.GET.get("page"))
    rows = [_row(request, one, held[one.npn], keys) for one in page.object_list]
    columns = [
        Column(_("Broker")),
        *(Column(_heading(key, names)) for key in keys),
        Column(_("At risk"), numeric=True),
    ]
    only = bool(request.GET.get("risk"))
    context = {
        "title": _("Readiness"),
        "lead": _("What each broker holds today, and the agents of record that rest on what is missing or ends."),
        "table": Table(
            _("Readiness"),
            columns,
            rows,
            empty=_("Nothing is at risk within 60 days.") if only else _("The agency has no brokers yet."),
            show_caption=False,
        ),
        "only": only,
        "pages": pages_of(page, lambda number: query_url(request.GET, page=number)),
        "exports": [
            (label, f"{reverse('agency:readiness_export', args=[kind])}{query_url(request.GET)}")
            for kind, label in (("xlsx", _("Excel")), ("csv", _("CSV")))
        ],
    }
    return render(request, "agency/readiness.html", context)


def _matrix(request: PortalRequest) -> tuple[list[RosterBroker], dict[str, dict[Key, AtRisk]], list[Key]]:
    """The brokers shown, what each holds by its column, and the columns."""
    members = own.members(request)
    held: defaultdict[str, dict[Key, AtRisk]] = defaultdict(dict)
    for one in acts.holdings((one.npn for one in members), on=day_of(request.now)):
        held[one.holding.npn][one.holding.what, one.holding.hios_issuer_id] = one
    if request.GET.get("risk"):
        members = [one for one in members if any(endangered(risk, request) for risk in held[one.npn].values())]
    own_keys = {key for one in members for key in held[one.npn]}
    fixed: list[Key] = [(CERTIFICATION, ""), (LICENSE, "")]
    return members, held, [*fixed, *sorted(own_keys - set(fixed))]


def _heading(key: Key, names: dict[str, str]) -> str:
    what, hios = key
    if what == CERTIFICATION:
        return _("Certification")
    return _("License") if what == LICENSE else names.get(hios, hios)


def _row(request: PortalRequest, one: RosterBroker, held: dict[Key, AtRisk], keys: Sequence[Key]) -> list[object]:
    name = link(one.name, reverse("agency:broker", args=[one.npn]))
    return [name, *(_cell(request, held.get(key)) for key in keys), str(_at_risk(held.values(), request))]


def _cell(request: PortalRequest, one: AtRisk | None) -> object:
    if one is None:
        return ""
    shown = held_tag(one.holding, request)
    if not endangered(one, request):
        return format_html("<span>{}</span>", shown)
    words = ngettext("%(count)s agent of record", "%(count)s agents of record", one.agents_of_record)
    return format_html("<span>{}<br>{}</span>", shown, words % {"count": one.agents_of_record})


def _at_risk(held: Iterable[AtRisk], request: PortalRequest) -> int:
    """Of each carrier the most that rests on one thing: an agent of record is counted once."""
    most: dict[str, int] = {}
    for one in held:
        if endangered(one, request):
            for hios, count in one.by_carrier.items():
                most[hios] = max(most.get(hios, 0), count)
    return sum(most.values())


@access.allow(*own.FAMILY)
@require_safe
def export(request: PortalRequest, kind: str) -> StreamingHttpResponse:
    """The same brokers and columns, all of them, with the last day of each thing held."""
    if kind not in EXPORTS:
        raise Http404
    members, held, keys = _matrix(request)
    names = carriers.names()
    headings = ["NPN", _("Broker"), *(_heading(key, names) for key in keys), _("At risk")]
    rows = (
        [
            one.npn,
            one.name,
            *(_plain(held[one.npn].get(key)) for key in keys),
            _at_risk(held[one.npn].values(), request),
        ]
        for one in members
    )
    chunks = (
        listing.xlsx_chunks("Readiness", headings, rows) if kind == "xlsx" else listing.csv_chunks(headings, rows)
    )
    response = StreamingHttpResponse(chunks, content_type=EXPORTS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="readiness-{own.npn(request)}.{kind}"'
    return response


def _plain(one: AtRisk | None) -> listing.Cell:
    if one is None:
        return ""
    if not one.holding.held:
        return _("Missing")
    return one.holding.until - ONE_DAY if one.holding.until else _("In force")
