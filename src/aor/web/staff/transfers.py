"""Books that move (readings, R10): the list, and one transfer from the agreement to what became of each household."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.cache import cache
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.brokers import queries as brokers
from aor.cases import queries as cases
from aor.cases.models import State
from aor.policy.decision import Finding
from aor.transfers import queries
from aor.transfers.models import Household, Transfer
from aor.transfers.queries import MOVED, Preview
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.broker.transfers import which
from aor.web.components import Column, Fact, NavItem, Pages, Table, Tone, Words, link, pages_of, query_url
from aor.web.staff import team
from aor.web.templatetags.components import day, instant, tag

AT_ONCE, MOST, MINUTE = 50, 200, 60
ONE_DAY = timedelta(days=1)
STEPS = (
    gettext_lazy("The two brokers"),
    gettext_lazy("The agreement"),
    gettext_lazy("Household by household"),
    gettext_lazy("Letters, then the day"),
)
BECAME: dict[str, tuple[Words, Tone]] = {
    "opted out": (gettext_lazy("said no"), "warning"),
    "moved": (gettext_lazy("moved"), "success"),
    "left out": (gettext_lazy("left out"), "warning"),
    "undone": (gettext_lazy("taken back"), "neutral"),
}


class Line(NamedTuple):
    """A household of a preview, as the page shows it."""

    subscriber_id: str
    people: int
    moves: bool
    because: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A preview as its pages need it."""

    findings: tuple[Finding, ...]
    can_move: int
    reasons: dict[str, int]
    households: tuple[Line, ...]
    strange: tuple[str, ...]


@access.allow(*team.READERS)
@require_safe
def transfers(request: PortalRequest) -> HttpResponse:
    """Those that are asked for or to come, the oldest first; or those that are through."""
    closed = request.GET.get("state") == "closed"
    rows = list(queries.transfers(opened=not closed)[:MOST])
    names = brokers.names({npn for one in rows for npn in (one.from_npn, one.to_npn)})
    cells = [
        (
            link(one.case.number, reverse("staff:transfer", args=[one.case.number])),
            f"{names.get(one.from_npn, '')}, {one.from_npn}",
            f"{names.get(one.to_npn, '')}, {one.to_npn}",
            day(one.on),
            stage(one),
        )
        for one in rows
    ]
    columns = [Column(one) for one in (_("Transfer"), _("From"), _("To"), _("On"), _("State"))]
    other = NavItem(_("Open transfers"), "?") if closed else NavItem(_("Transfers that are through"), "?state=closed")
    links = [other, NavItem(_("Brokers who are gone, and their households"), reverse("staff:orphans"))]
    if isinstance(request.holder, team.WRITERS):
        links.insert(0, NavItem(_("Enter a transfer"), reverse("staff:transfer_new")))
    context = {
        "title": _("Transfers that are through") if closed else _("Transfers of books"),
        "lead": _("A broker's households go to another, on a first of a month, but for those who say no."),
        "crumbs": [NavItem(_("Tasks"), reverse("staff:dashboard")), NavItem(_("Transfers"))],
        "table": Table(_("Transfers"), columns, cells, empty=_("There is none."), show_caption=False),
        "links": links,
    }
    return render(request, "staff/list.html", context)


def stage(row: Transfer) -> SafeString:
    """How far a transfer is."""
    ruling = getattr(row, "ruling", None)
    closed = row.case.state == State.CLOSED
    if ruling is None:
        if row.case.state == State.WAITING:
            return tag(_("waits for the new broker"), "neutral")
        return tag(_("not pursued"), "neutral") if closed else tag(_("to decide"), "warning")
    if not ruling.approved:
        return tag(_("denied"), "neutral")
    return tag(_("through"), "success") if closed else tag(_("letters are out"), "info")


@access.allow(*team.READERS)
@require_safe
def transfer(request: PortalRequest, transfer: str) -> HttpResponse:
    """One transfer: before it is decided each household with whether it can move, then what became of each."""
    row = of(transfer)
    decided = getattr(row, "ruling", None)
    context: dict[str, object] = {
        "title": _("Transfer %(number)s") % {"number": transfer},
        "crumbs": [NavItem(_("Transfers"), reverse("staff:transfers")), NavItem(transfer)],
        "stage": stage(row),
        "step_labels": STEPS,
        "links": [NavItem(_("Messages, documents and who works on it"), reverse("staff:case", args=[transfer]))],
    }
    if decided is None and row.case.state != State.CLOSED:
        context |= _undecided(request, row, _looked_at(row, now=request.now))
    else:
        context |= _decided(request, row)
    context["step"] = 4 if decided else 3 if queries.has_evidence(row) else 2
    return render(request, "staff/transfer.html", context)


def of(number: str) -> Transfer:
    """The transfer of a case number, or 404."""
    try:
        return queries.transfer(number)
    except Transfer.DoesNotExist:
        raise Http404 from None


def facts(row: Transfer) -> list[Fact]:
    """The two brokers, why, and the day."""
    names = brokers.names([row.from_npn, row.to_npn])
    why = _("The former broker died, retired or left, and named the new one.") if row.successor else _(
        "Both brokers agreed.")  # fmt: skip
    return [
        Fact(_(words), link(f"{names.get(npn, '')}, NPN {npn}", reverse("staff:broker", args=[npn])))
        for words, npn in ((_("From"), row.from_npn), (_("To"), row.to_npn))
    ] + [
        Fact(_("Why"), why),
        Fact(_("On"), row.on),
        Fact(_("Households can say no through"), row.on - ONE_DAY),
        Fact(_("Agreements on file"), len(cases.evidence(row.case))),
        Fact(_("Clients"), which(len(row.policies.split()))),
    ]


def _looked_at(row: Transfer, *, now: datetime) -> Looked:
    """The preview, remembered for a minute: a page turned asks nothing of the whole book again. Deciding does."""
    evidence = len(cases.evidence(row.case))
    key = f"transfer:{row.pk}:{row.case.version}:{evidence}"
    known: Looked | None = cache.get(key)
    if known is None:
        found = queries.preview(row, now=now)
        lines = (
            Line(one.subscriber_id, len(one.people), one.decision.granted, one.because) for one in found.households
        )
        known = Looked(found.decision.findings, found.can_move, found.reasons, tuple(lines), found.strange)
        cache.set(key, known, MINUTE)
    return known


def counts(found: Preview | Looked) -> list[Fact]:
    """How many households move, and why others cannot."""
    lines = [
        Fact(_("Households that can move"), found.can_move),
        Fact(_("Households that cannot"), len(found.households) - found.can_move),
    ]
    lines += [Fact(because[:1].upper() + because[1:], count) for because, count in found.reasons.items()]
    return (
        [*lines, Fact(_("Policies named that are not of this book"), ", ".join(found.strange))]
        if found.strange
        else lines
    )


def _undecided(request: PortalRequest, row: Transfer, found: Looked) -> dict[str, object]:
    paginator = Paginator(found.households, AT_ONCE)
    page = paginator.get_page(request.GET.get("page"))
    shown: Sequence[Line] = list(page)
    reads.saw(request, [one.subscriber_id for one in shown], what="transfer preview")
    number, acts = row.case.number, list[NavItem]()
    if isinstance(request.holder, team.WRITERS):
        acts.append(NavItem(_("Add the agreement"), reverse("staff:transfer_step", args=[number, "agreement"])))
        if row.case.state != State.WAITING:
            acts.append(NavItem(_("Ask for more"), reverse("staff:transfer_step", args=[number, "ask"])))
        if queries.has_evidence(row):
            acts.insert(0, NavItem(_("Decide"), reverse("staff:transfer_step", args=[number, "decide"])))
    return {
        "facts": facts(row),
        "findings": found.findings,
        "counts": counts(found),
        "table": _prospects(shown),
        "pages": _pages(page, request, len(found.households)),
        "acts": acts,
    }


def _pages(page: object, request: PortalRequest, count: int) -> Pages | None:
    if count <= AT_ONCE:
        return None
    return pages_of(page, lambda number: query_url(request.GET, page=number))  # type: ignore[arg-type]  # a Page


def _prospects(shown: Sequence[Line]) -> Table:
    cells = [
        (
            link(one.subscriber_id, reverse("staff:household", args=[one.subscriber_id])),
            one.people,
            tag(_("can move"), "success") if one.moves else tag(_("cannot"), "warning"),
            one.because,
        )
        for one in shown
    ]
    columns = [Column(_("Household of")), Column(_("People"), numeric=True), Column(_("Moves")), Column(_("Why not"))]
    return Table(_("Households"), columns, cells, empty=_("No household is with this broker."), show_caption=False)


def _decided(request: PortalRequest, row: Transfer) -> dict[str, object]:
    """Progress: how many were written to, said no, moved or were left out; and each."""
    households = row.households.prefetch_related("steps").order_by("pk")
    page = Paginator(households, AT_ONCE).get_page(request.GET.get("page"))
    shown = list(page)
    reads.saw(request, [one.subscriber_id for one in shown], what="transfer")
    progress, number = queries.progress(row), row.case.number
    acts = list[NavItem]()
    if isinstance(request.holder, team.WRITERS) and progress[MOVED] > progress["undone"]:
        acts.append(NavItem(_("Take the transfer back"), reverse("staff:transfer_step", args=[number, "undo"])))
    ruling = getattr(row, "ruling", None)
    lines = facts(row)
    if ruling is not None:
        by = team.who([ruling.by_name])[ruling.by_name]
        words = _("Approved") if ruling.approved else _("Denied")
        lines.append(Fact(_("Decided"), format_html("{}, {}, {} {}", words, by, instant(ruling.at), ruling.because)))
    names = {"in all": _("Households in all"), "written to": _("Written to")}
    return {
        "facts": lines,
        "counts": [
            Fact(names.get(what) or str(BECAME[what][0]).capitalize(), count) for what, count in progress.items()
        ],
        "table": _households(shown),
        "pages": _pages(page, request, page.paginator.count),
        "acts": acts,
    }


def _households(shown: Sequence[Household]) -> Table:
    cells = [
        (
            link(one.subscriber_id, reverse("staff:household", args=[one.subscriber_id])),
            instant(one.written_at) or _("no letter"),
            _became(one),
            one.because or "; ".join(step.because for step in one.steps.all() if step.because),
        )
        for one in shown
    ]
    columns = [Column(one) for one in (_("Household of"), _("Letter"), _("What became of it"), _("Why"))]
    return Table(_("Households"), columns, cells, empty=_("No household was listed."), show_caption=False)


def _became(one: Household) -> SafeString:
    last = max(one.steps.all(), key=lambda step: step.pk, default=None)
    if last is not None:
        return tag(*BECAME[last.kind])
    return tag(_("stays"), "neutral") if one.written_at is None else tag(_("waits for the day"), "info")
