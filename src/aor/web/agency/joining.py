"""A broker answers agencies that ask, and leaves the agency they are of."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import roles
from aor.acts import roster as acts
from aor.brokers import agencies
from aor.brokers import queries as brokers
from aor.terms.period import day_of
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.agency import done, own
from aor.web.agency.roster import refuse
from aor.web.components import Column, Fact, NavItem, Table, link
from aor.web.templatetags.components import day, instant


def _mine(request: PortalRequest) -> str:
    return str(getattr(request.holder, "npn", ""))


@access.allow(roles.Broker)
@require_safe
def joining(request: PortalRequest) -> HttpResponse:
    """The agencies that ask, and the agency now."""
    npn = _mine(request)
    rows = [
        (
            _called(one.agency_npn),
            instant(one.sent_at),
            day(day_of(one.expires_at)),
            link(_("Answer"), reverse("agency:answer", args=[one.agency_npn]), described=_called(one.agency_npn)),
        )
        for one in agencies.agency_invitations(npn=npn, now=request.now)
    ]
    columns = [Column(_("Agency")), Column(_("Asked")), Column(_("Open until")), Column(_("To do"))]
    own_agency = _agency(npn)
    context = {
        "title": _("My agency"),
        "crumbs": [_crumb(), NavItem(_("My agency"))],
        "lead": "" if own_agency else _("You are of no agency now."),
        "agency": [Fact(_("Agency"), _called(own_agency)), Fact("NPN", own_agency)] if own_agency else [],
        "table": Table(_("Agencies that ask you to join"), columns, rows, empty=_("No agency asks you now.")),
    }
    return render(request, "agency/joining.html", context)


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def answer(request: PortalRequest, agency_npn: str) -> HttpResponse:
    """Yes or no to one agency."""
    npn = _mine(request)
    asked = agencies.agency_invitations(agency_npn=agency_npn, npn=npn, now=request.now)
    if not asked:
        raise Http404
    form = own.Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        yes = request.POST.get("answer") == "yes"
        decision = acts.answer_agency(
            invitation=asked[0].pk, npn=npn, accepted=yes, by=request.actor, now=request.now
        )
        if decision.granted:
            return done.go(request, "joined" if yes else "declined")
        refuse(form, decision)
    text = _(
        "With a yes the agency sees your clients, and its support staff may act for you. Your clients stay yours."
    )
    if before := _agency(npn):
        text = f"{text} " + _("You leave %(agency)s.") % {"agency": _called(before)}
    context = {
        "title": _("An agency asks you to join"),
        "crumbs": [NavItem(_("My agency"), reverse("agency:joining")), NavItem(_("Answer"))],
        "form": form,
        "facts": [Fact(_("Agency"), _called(agency_npn)), Fact("NPN", agency_npn)],
        "text": text,
    }
    return render(request, "agency/answer.html", context)


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def leave(request: PortalRequest) -> HttpResponse:
    """A broker leaves their agency."""
    npn = _mine(request)
    agency_npn = _agency(npn)
    if not agency_npn:
        raise Http404
    form = own.Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        decision = acts.remove_from_agency(agency_npn=agency_npn, npn=npn, by=request.actor, now=request.now)
        if decision.granted:
            return done.go(request, "left")
        refuse(form, decision)
    return own.sure(
        request,
        form,
        title=_("Leave your agency"),
        crumb=NavItem(_("My agency"), reverse("agency:joining")),
        facts=[Fact(_("Agency"), _called(agency_npn)), Fact("NPN", agency_npn)],
        text=_("The agency and its support staff no longer see your clients. Your clients stay yours."),
        submit=_("Leave"),
    )


def _agency(npn: str) -> str:
    one = brokers.roster([npn]).get(npn)
    return one.agency_npn if one else ""


def _called(agency_npn: str) -> str:
    known = agencies.agency(agency_npn)
    return known.name if known else agency_npn


def _crumb() -> NavItem:
    return NavItem(_("Today"), reverse("broker:dashboard"))
