"""My broker: who it is, since when, what they may see, and what I can do about it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.acts import queries as acts
from aor.acts.place import Place
from aor.associations.models import Invitation
from aor.policy import association as rules
from aor.policy.association import EndKind
from aor.terms.period import day_of
from aor.transfers import queries as transfers
from aor.web import access, reads
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, Table, link
from aor.web.consumer import own
from aor.web.consumer.end import Sure
from aor.web.templatetags.components import day


@access.allow(roles.Consumer)
@require_safe
def dashboard(request: PortalRequest) -> HttpResponse:
    """The broker now, the policies, and the ways on."""
    place, today = own.place(request), day_of(request.now)
    found = own.policies(place, today)
    asking = own.invitations(place, request)
    reads.saw(request, [own.subscriber(request)], what="my broker")
    context = {
        "title": _("My broker"),
        "open": place.open,
        "facts": _facts(place, request) if place.open else [],
        "closed": own.access_closed(place),
        "waits": own.waits(place),
        "locked": place.locked,
        "undo": _undo(place, request),
        "announced": transfers.soonest(own.subscriber(request), now=request.now),
        "act": Sure(initial={"version": own.version(place)}),
        "asking": _asking(asking) if asking else None,
        "earlier": None if place.open else _earlier(place),
        "table": own.policy_table(found, today),
    }
    return render(request, "consumer/dashboard.html", context)


def _facts(place: Place, request: PortalRequest) -> list[Fact]:
    if place.open is None:
        return []
    one = own.broker_or_number(place.open.npn)
    since = place.open.confirmed_at
    return [
        Fact(_("Name"), one.name or place.open.npn),
        Fact(_("Agency"), one.agency_name or _("None")),
        Fact("NPN", place.open.npn),
        Fact(_("Your broker since"), day_of(since)),
        Fact(_("How it began"), own.PATHS.get(place.open.path, _("From earlier records"))),
        Fact(_("For"), _scope(place.open.plan_year)),
        Fact(_("What they may see"), _sees(place, request)),
        Fact(_("Lock"), _locked(place)),
    ]


def _scope(plan_year: int | None) -> str:
    if plan_year is None:
        return _("All your coverage")
    return _("Your coverage from plan year %(year)s on") % {"year": plan_year}


def _locked(place: Place) -> str:
    return _("Locked: only you can change your broker") if place.locked else _("Not locked")


def _sees(place: Place, request: PortalRequest) -> str:
    if place.open is None:
        return ""
    decision = acts.may_see(npn=place.open.npn, subscriber_id=own.subscriber(request), now=request.now)
    if decision.granted:
        return _("Your names, birth dates, address, plans and coverage, and those of the people covered with you")
    if own.access_closed(place):
        return _("Nothing. You told us that you did not ask for this broker.")
    if own.waits(place):
        return _("Nothing, until you say yes")
    return _("Nothing now. The broker is not certified or not licensed today.")


def _undo(place: Place, request: PortalRequest) -> bool:
    """Whether the last change can still be taken back."""
    return (
        place.open is not None
        and rules.undo(
            is_open=True,
            confirmed_at=place.open.confirmed_at,
            now=request.now,
            parameters=place.around.parameters,
        ).granted
    )


def _asking(asking: list[Invitation]) -> Table:
    names = own.titles(one.npn for one in asking)
    columns = [Column(_("Broker")), Column(_("Asked")), Column(_("You may answer until")), Column(_("Your answer"))]
    rows = [
        (
            names[one.npn],
            day(day_of(one.sent_at)),
            day(day_of(one.expires_at)),
            link(_("Yes or no"), reverse("consumer:confirm", args=[one.id]), described=names[one.npn]),
        )
        for one in asking
    ]
    return Table(_("Brokers who ask to help you"), columns, rows)


def _earlier(place: Place) -> dict[str, object] | None:
    """Of a broker who said no: whether the one before may come back."""
    ever = own.ever(place)
    if not ever or ever[-1].annulled_by() is not EndKind.DECLINED:
        return None
    before = [one for one in ever[:-1] if one.annulled_by() is None]
    if not before:
        return None
    return {"association": ever[-1].id, "declined": own.title(ever[-1].npn), "before": own.title(before[-1].npn)}
