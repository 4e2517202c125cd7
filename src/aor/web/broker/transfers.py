"""Books that a broker, or an agency for one of its own, asked to take over: the list, and how far each is.

Nobody reads here whose clients a stranger has: a book is counts and reasons until its households are the asker's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.audit import operations as journal
from aor.brokers import agencies
from aor.brokers import queries as brokers
from aor.cases import correspondence
from aor.cases import queries as cases
from aor.cases.models import State
from aor.terms.actor import Actor, Role
from aor.transfers import operations as acts
from aor.transfers import queries
from aor.transfers.models import Transfer
from aor.web import access
from aor.web import evidence as documents
from aor.web.access import PortalRequest
from aor.web.broker import own
from aor.web.components import Column, Event, Fact, NavItem, Table, Tone, Words, link
from aor.web.templatetags.components import day, instant, tag

FAMILY = (*own.FAMILY, roles.AgencyManager)
ASKERS = (roles.Broker, roles.AgencyManager)
MOST = 200
BECAME: Mapping[str, Words] = {
    "in all": gettext_lazy("Households in all"),
    "written to": gettext_lazy("Written to"),
    queries.OPTED_OUT: gettext_lazy("Said no"),
    queries.MOVED: gettext_lazy("Moved"),
    queries.LEFT_OUT: gettext_lazy("Left out on the day"),
    queries.UNDONE: gettext_lazy("Given back"),
}


def named(request: PortalRequest, name: str) -> str:
    """The name of a page of this family, in the part of the portal in which the reader is."""
    return f"{'agency' if isinstance(request.holder, roles.AgencyManager) else 'broker'}:{name}"


def address(request: PortalRequest, name: str, *args: object) -> str:
    return reverse(named(request, name), args=args)


def mine(request: PortalRequest) -> QuerySet[Transfer]:
    """Those to this broker; of a manager those that the agency asked for, to its brokers of now."""
    if not isinstance(request.holder, roles.AgencyManager):
        return queries.to_broker(own.npn(request))
    agency = request.holder.agency_npn
    return queries.for_agency(agency, [one.npn for one in agencies.members(agency)])


def one_of(request: PortalRequest, number: str) -> Transfer:
    """One of them; another's is not found, as if it were not there."""
    row = mine(request).filter(case__number=number).first()
    if row is None:
        raise Http404
    return row


def acting(request: PortalRequest, row: Transfer) -> Actor:
    """Who acts, and for which broker: a manager for the one who is to follow."""
    return replace(request.actor, npn=row.to_npn)


def decided(row: Transfer) -> bool:
    return getattr(row, "ruling", None) is not None


def state(row: Transfer) -> SafeString:
    """How far it is."""
    closed = row.case.state == State.CLOSED
    told: tuple[Words, Tone]
    if not decided(row):
        waits = row.case.state == State.WAITING
        open_still: tuple[Words, Tone] = (_("Waiting for you"), "warning") if waits else (_("In review"), "info")
        told = (_("Taken back"), "neutral") if closed else open_still
    elif not row.ruling.approved:
        told = (_("Denied"), "neutral")
    else:
        told = (_("Through"), "success") if closed else (_("Approved: the letters are out"), "success")
    return tag(*told)


@access.allow(*FAMILY)
@require_safe
def transfers(request: PortalRequest) -> HttpResponse:
    """What was asked, the latest first."""
    rows = list(mine(request)[:MOST])
    names = brokers.names({npn for one in rows for npn in (one.from_npn, one.to_npn)})
    cells = [
        (
            link(one.case.number, address(request, "transfer", one.case.number)),
            f"{names.get(one.from_npn, '')}, {one.from_npn}",
            f"{names.get(one.to_npn, '')}, {one.to_npn}",
            day(one.on),
            state(one),
        )
        for one in rows
    ]
    columns = [Column(one) for one in (_("Request"), _("From"), _("To"), _("On"), _("State"))]
    context = {
        "title": _("Books taken over"),
        "crumbs": [home(request), NavItem(_("Books taken over"))],
        "lead": _("The clients of a broker go to another on a first of a month, but for those who say no."),
        "table": Table(_("Requests"), columns, cells, empty=_("Nothing was asked yet."), show_caption=False),
        "ask_url": address(request, "transfer_ask") if isinstance(request.holder, ASKERS) else "",
    }
    return render(request, "broker/transfers.html", context)


def home(request: PortalRequest) -> NavItem:
    """Where the crumbs begin."""
    label = _("Agency") if isinstance(request.holder, roles.AgencyManager) else _("Today")
    return NavItem(label, address(request, "dashboard"))


def crumbs(request: PortalRequest, *others: NavItem) -> list[NavItem]:
    return [NavItem(_("Books taken over"), address(request, "transfers")), *others]


@access.allow(*FAMILY)
@require_safe
def transfer(request: PortalRequest, book: str) -> HttpResponse:
    """One request: its state, how many households can move or did, and why others do not."""
    row = one_of(request, book)
    by, closed = acting(request, row), row.case.state == State.CLOSED
    open_still = not closed and not decided(row)
    told, can_move, reasons = acts.told(book, by=by, now=request.now) if open_still else (None, 0, {})
    journal.record_read(
        subject=("case", book), what="book taken over", purpose=request.holder.label, by=by, at=request.now
    )
    counts = [Fact(_("Households that can move now"), can_move)] if open_still and queries.has_evidence(row) else []
    if decided(row) and row.ruling.approved:
        counts = [Fact(BECAME[kind], count) for kind, count in queries.progress(row).items()]
        reasons = queries.stayed(row)
    may = open_still and isinstance(request.holder, ASKERS)
    context = {
        "title": _("A book taken over"),
        "caption": book,
        "crumbs": crumbs(request, NavItem(book)),
        "facts": [Fact(_("State"), state(row)), *facts(row), *_word(row)],
        "findings": told.findings if told else (),
        "counts": counts,
        "reasons": Table(
            _("Why others do not"),
            [Column(_("Because")), Column(_("Households"), numeric=True)],
            [(capfirst(because), count) for because, count in reasons.items()],
        ),
        "events": _asked(request, row, by),
        "evidence": documents.listed(row.case, named(request, "transfer_evidence")),
        "add_url": address(request, "transfer_add", book) if may else "",
        "withdraw_url": address(request, "transfer_withdraw", book) if may else "",
    }
    return render(request, "broker/transfer.html", context)


def _asked(request: PortalRequest, row: Transfer, by: Actor) -> list[Event]:
    """What the broker team wrote; a manager's look leaves it unread for the broker."""
    me = Role.AGENCY_MANAGER if isinstance(request.holder, roles.AgencyManager) else Role.BROKER
    written = correspondence.read_messages(
        row.case.number, purpose=request.holder.label, by=by, now=request.now, recipient=(me, row.to_npn)
    )
    return [
        Event(one.at, _("The broker team wrote"), detail=one.body)
        for one in written
        if (one.to_role, one.to_id) == (Role.BROKER, row.to_npn)
    ]


def facts(row: Transfer) -> list[Fact]:
    """The two brokers, why, and the day."""
    names = brokers.names([row.from_npn, row.to_npn])
    why = _("The former broker died, retired or left, and named who follows") if row.successor else _(
        "Both sides agreed")  # fmt: skip
    return [
        Fact(_("From"), f"{names.get(row.from_npn, '')}, NPN {row.from_npn}"),
        Fact(_("To"), f"{names.get(row.to_npn, '')}, NPN {row.to_npn}"),
        Fact(_("Why"), why),
        Fact(_("On"), row.on),
        Fact(_("Clients"), which(len(row.policies.split()))),
    ]


def which(policies: int) -> str:
    """Whether the whole book is asked for, or a part."""
    if not policies:
        return _("all of the broker’s clients")
    words = ngettext("the household of one policy", "the households of %(count)s policies", policies)
    return words % {"count": policies}


def _word(row: Transfer) -> list[Fact]:
    """Our word and its reason, or the day by which it is expected."""
    if decided(row):
        lines = [Fact(_("Decided"), instant(row.ruling.at))]
        return lines if row.ruling.approved else [*lines, Fact(_("Because"), row.ruling.because)]
    expected = expected_on(row)
    return [Fact(_("We expect to answer by"), day(expected))] if expected else []


def expected_on(row: Transfer) -> date | None:
    """The day by which the broker team decides."""
    return cases.expected_on(cases.clocks([row.case_id]).get(row.case_id, ()))
