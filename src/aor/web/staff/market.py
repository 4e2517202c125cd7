"""What the coming renewal carries, holds and loses of the market, by carrier, agency or broker, and as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import batched

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.acts import renewals as acts
from aor.brokers import queries as brokers
from aor.brokers.queries import RosterBroker
from aor.carriers import queries as carriers
from aor.policy.renewal import Renewal
from aor.record.models import Entry
from aor.terms.period import day_of
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, CountCard, NavItem, Table, Words, link, query_url
from aor.web.staff import team
from aor.web.staff.exceptions import MEDIA, download
from aor.web.templatetags.components import instant
from aor.workbooks import listing

MOST, AT_ONCE = 200, 500
SMALL = 10_000  # agents of record that are counted while one waits
BY: Mapping[str, Words] = {
    "carrier": gettext_lazy("By carrier"),
    "agency": gettext_lazy("By agency"),
    "broker": gettext_lazy("By broker"),
}
HEADINGS = (
    "exchange_policy_id", "exchange_subscriber_id", "hios_issuer_id", "coverage", "npn", "renewal", "because",
    "who_must_act",
)  # fmt: skip


@access.allow(*team.READERS)
@require_safe
def market(request: PortalRequest) -> HttpResponse:
    """Counts, those who lose most first."""
    year = day_of(request.now).year + 1
    if Entry.objects.known_at()[:SMALL].count() < SMALL:
        acts.count(now=request.now)
    found = acts.counted(year, now=request.now)
    by = request.GET.get("by", "")
    by = by if by in BY else "carrier"
    total: Counter[str] = sum(found.counts.values(), Counter()) if found else Counter()
    context = {
        "title": _("Renewal for %(year)s, whole market") % {"year": year},
        "lead": format_html(_("Counted {}"), instant(found.at)) if found else _("The worker counts it once a day."),
        "crumbs": [NavItem(_("Renewals"), reverse("staff:renewals")), NavItem(_("Whole market"))],
        "cards": [CountCard(str(one).capitalize(), total[one], query_url({}, by=by)) for one in Renewal],
        "ways": [NavItem(words, query_url({}, by=one), current=one == by) for one, words in BY.items()],
        "table": _table(found.counts if found else {}, by),
        "links": [
            NavItem(words, reverse("staff:renewals_export", args=[kind]))
            for kind, words in (("xlsx", _("Held and lost, as a workbook")), ("csv", _("Held and lost, as CSV")))
        ],
    }
    return render(request, "staff/market.html", context)


def _table(counts: Mapping[tuple[str, str], Counter[str]], by: str) -> Table:
    """A line a carrier, agency or broker; each broker leads to the list of their policies."""
    roster = brokers.roster({npn for _hios, npn in counts}) if by != "carrier" else {}
    lines: dict[str, Counter[str]] = {}
    for (hios, npn), each in counts.items():
        one = roster.get(npn)
        key = hios if by == "carrier" else npn if by == "broker" else one.agency_npn if one else ""
        lines.setdefault(key, Counter()).update(each)
    names = _names(by, lines, roster)
    ordered = sorted(lines, key=lambda key: (-lines[key][Renewal.LOST], -lines[key][Renewal.HELD], key))
    cells = [(_named(key, by, names), *(lines[key][one] for one in Renewal)) for key in ordered[:MOST]]
    columns = [Column(BY[by])] + [Column(str(one).capitalize(), numeric=True) for one in Renewal]
    return Table(_("Whole market"), columns, cells, empty=_("Nothing was counted yet."), show_caption=False)


def _names(by: str, lines: Mapping[str, object], roster: Mapping[str, RosterBroker]) -> Mapping[str, str]:
    if by == "carrier":
        return carriers.names()
    if by == "broker":
        return {npn: one.name for npn, one in roster.items()}
    return {one.agency_npn: one.agency_name for one in roster.values() if one.agency_npn in lines}


def _named(key: str, by: str, names: Mapping[str, str]) -> object:
    name = names.get(key) or key or _("no agency")
    if by == "broker":
        return link(f"{name}, {key}", f"{reverse('staff:renewals')}{query_url({}, npn=key)}")
    return link(name, reverse("staff:carrier", args=[key])) if by == "carrier" and key in names else name


@access.allow(*team.READERS)
@require_safe
def export(request: PortalRequest, kind: str) -> StreamingHttpResponse:
    """Every agent of record that is held or lost, with why; no names of consumers."""
    if kind not in MEDIA:
        raise Http404
    year = day_of(request.now).year + 1
    return download(f"renewals-{year}", kind, HEADINGS, _rows(request, year))


def _rows(request: PortalRequest, year: int) -> Iterator[tuple[listing.Cell, ...]]:
    """As they are decided; whose they are is on record before they are told."""
    wanted = (row for row in acts.renewals(year, now=request.now) if row.prospect.renewal is not Renewal.CARRIED)
    for some in batched(wanted, AT_ONCE):
        reads.saw(request, (row.subscriber_id for row in some), what="renewals")
        for row in some:
            one = row.prospect
            because = "; ".join(finding.because for finding in one.findings if not finding.met)
            yield (
                row.policy_id, row.subscriber_id, row.hios_issuer_id, row.coverage, one.npn, str(one.renewal),
                because, one.who_must_act,
            )  # fmt: skip
