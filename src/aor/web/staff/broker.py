"""One broker's whole story: standing and what it lacks, clients, reports, cases, what was done and written."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.acts import queries as acts
from aor.associations import queries as associations
from aor.audit import queries as journal
from aor.brokers import queries as brokers
from aor.brokers.queries import RosterBroker
from aor.carriers import queries as carriers
from aor.cases import queries as cases
from aor.notices import queries as notices
from aor.policy.standing import BrokerStanding
from aor.reports import queries as reports
from aor.terms.period import ONE_DAY, Period, day_of
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, Table, link
from aor.web.staff import team
from aor.web.staff.standing import ACTS
from aor.web.templatetags.components import day, instant

MOST = 50


@access.allow(*team.READERS)
@require_safe
def broker(request: PortalRequest, npn: str) -> HttpResponse:
    """Everything of one broker."""
    one = brokers.roster([npn]).get(npn)
    if one is None:
        raise Http404
    standing = brokers.standings([npn])[npn]
    left_out = "suspend" if brokers.suspended_since(npn) else "restore"
    changes = [
        (words, reverse("staff:standing_change", args=[npn, act])) for act, words in ACTS.items() if act != left_out
    ]
    context = {
        "title": one.name or npn,
        "caption": _("NPN %(npn)s") % {"npn": npn},
        "crumbs": [NavItem(_("Search"), reverse("staff:search")), NavItem(npn)],
        "findings": acts.own_standings([npn], day_of(request.now))[npn],
        "facts": _facts(one, request),
        "standing": _standing(standing),
        "changes": changes if isinstance(request.holder, team.WRITERS) else [],
        "events": team.events(journal.story(("broker", npn))[-MOST:]),
        "reports": _reports(npn),
        "cases": _cases(npn),
        "notices": _notices(npn),
        "message_url": f"{reverse('messages:new')}?npn={npn}" if isinstance(request.holder, team.WRITERS) else "",
    }
    return render(request, "staff/broker.html", context)


def _facts(one: RosterBroker, request: PortalRequest) -> list[Fact]:
    today = day_of(request.now)
    suspended = brokers.suspended_since(one.npn)
    lines = [
        Fact(_("Kind"), one.kind),
        Fact(_("Agency"), one.agency_name or _("none")),
        Fact(_("Registered e-mail address"), one.email or _("none")),
        Fact(_("Consumers whom associations let them see"), associations.open_to([one.npn], today).count()),
        Fact(_("Invitations waiting"), associations.waiting(one.npn, request.now)),
    ]
    return [*lines, Fact(_("Suspended since"), suspended)] if suspended else lines


def _standing(standing: BrokerStanding) -> Table:
    names = carriers.names()
    cells: list[tuple[object, ...]] = [
        (_("Certified for %(year)s") % {"year": one.plan_year}, day(one.certified_on), day(one.revoked_on))
        for one in standing.certifications
    ]
    cells += [(_("Licensed for health in Minnesota"), *_days(one)) for one in standing.licenses]
    cells += [
        (_("Appointed by %(carrier)s") % {"carrier": names.get(hios, hios)}, *_days(one))
        for hios, periods in sorted(standing.appointments.items())
        for one in periods
    ]
    columns = [Column(_("What")), Column(_("From")), Column(_("To"))]
    return Table(_("Standing"), columns, cells, empty=_("Nothing is on file."), show_caption=False)


def _days(period: Period) -> tuple[str, str]:
    return day(period.start), day(period.until - ONE_DAY) if period.until else _("no end known")


def _reports(npn: str) -> Table:
    cells = [(one.number, one.month, instant(one.published_at), one.note) for one in reports.of_broker(npn)[:MOST]]
    columns = [Column(_("Report")), Column(_("Month")), Column(_("Published")), Column(_("Note"))]
    return Table(_("Reports"), columns, cells, empty=_("No report was published."), show_caption=False)


def _cases(npn: str) -> Table:
    cells = [
        (link(one.number, reverse("staff:case", args=[one.number])), one.kind, one.state, instant(one.opened_at))
        for one in cases.of_broker(npn)[:MOST]
    ]
    columns = [Column(_("Case")), Column(_("Kind")), Column(_("State")), Column(_("Opened"))]
    return Table(_("Cases"), columns, cells, empty=_("No case was opened."), show_caption=False)


def _notices(npn: str) -> Table:
    found = notices.told("broker", npn)[-MOST:]
    cells = [(one.subject, instant(one.queued_at), one.state, one.words) for one in reversed(found)]
    columns = [Column(_("Notice")), Column(_("Queued")), Column(_("State")), Column(_("What the mail server said"))]
    return Table(_("Notices"), columns, cells, empty=_("Nothing was written."), show_caption=False)
