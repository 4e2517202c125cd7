"""Carriers as trading partners: how each is served, its last files, what is late."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aor.carriers import queries as facts
from aor.carriers.queries import WEEKDAYS, TradingPartner
from aor.transmissions import queries as transmissions
from aor.transmissions.models import Acknowledgment, Interchange, Run
from aor.web import access
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, Table, link
from aor.web.staff import partner, team, trials
from aor.web.staff.transmissions import files
from aor.web.templatetags.components import instant

LAST = 10


@access.allow(*team.READERS)
@require_safe
def carriers(request: PortalRequest) -> HttpResponse:
    """Every carrier, and how many of its answers are late."""
    late = transmissions.overdue_files(request.now)
    cells = [
        (
            link(one.name, reverse("staff:carrier", args=[hios])),
            hios,
            ", ".join(one.coverages),
            _days(one),
            one.profile,
            late.get(hios, 0),
        )
        for hios, one in facts.trading_partners().items()
    ]
    columns = [Column(_("Carrier")), Column(_("HIOS issuer id")), Column(_("Coverage")), Column(_("Send days"))]
    columns += [Column(_("Profile")), Column(_("Answers overdue"), numeric=True)]
    table = Table(_("Carriers"), columns, cells, empty=_("No carrier is on the roster."), show_caption=False)
    crumbs = [NavItem(_("More"), reverse("staff:more")), NavItem(_("Carriers"))]
    return render(request, "staff/list.html", {"title": _("Carriers"), "table": table, "crumbs": crumbs})


@access.allow(*team.READERS)
@require_safe
def carrier(request: PortalRequest, hios: str) -> HttpResponse:
    """One carrier: settings, last files, last answers."""
    one = facts.trading_partners().get(hios)
    if one is None:
        raise Http404
    rows = list(Interchange.objects.filter(hios_issuer_id=hios).order_by("-id")[:LAST])
    context = {
        "title": one.name,
        "crumbs": [NavItem(_("Carriers"), reverse("staff:carriers")), NavItem(hios)],
        "facts": _facts(one) + partner.facts(hios, change_url=_writes(request, "staff:carrier_contact", hios)),
        "table": files(rows, {hios: one.name}),
        "answers": answers(hios),
        "tests": trials.table(hios),
        "test_url": _writes(request, "staff:carrier_test", hios),
        "guide_url": reverse("staff:guide", args=[hios]),
        "all_url": f"{reverse('staff:transmissions')}?carrier={hios}",
    }
    return render(request, "staff/carrier.html", context)


def _writes(request: PortalRequest, name: str, hios: str) -> str:
    """An address that changes something, for who may."""
    return reverse(name, args=[hios]) if isinstance(request.holder, team.WRITERS) else ""


def answers(hios: str) -> Table:
    """The last files that came from a carrier, in words."""
    rows = Acknowledgment.objects.filter(hios_issuer_id=hios).order_by("-id")[:LAST]
    cells = [(one.name, instant(one.received_at), _said(one)) for one in rows]
    columns = [Column(_("File")), Column(_("Received")), Column(_("Read"))]
    return Table(_("Files from the carrier"), columns, cells, empty=_("No file came yet."), show_caption=False)


def _said(one: Acknowledgment) -> str:
    return _("with findings") if one.findings != "[]" else _("without findings")


def _days(one: TradingPartner) -> str:
    return _("every day") if len(one.send_days) == 7 else ", ".join(WEEKDAYS[day] for day in sorted(one.send_days))


def _facts(one: TradingPartner) -> list[Fact]:
    last = Run.objects.filter(hios_issuer_id=one.hios_issuer_id).order_by("-at").first()
    unknown = {"hold": _("hold"), "send": _("send"), "": _("never answered")}[one.unknown_appointment]
    return [
        Fact(_("HIOS issuer id"), one.hios_issuer_id),
        Fact(_("NAIC company code"), one.naic_company_code),
        Fact(_("Holding group"), one.holding_group or _("none")),
        Fact(_("X12 id"), one.x12_id),
        Fact(_("Profile of its 834"), one.profile),
        Fact(_("Send days"), _days(one)),
        Fact(_("Cutoff"), one.cutoff.strftime("%H:%M") if one.cutoff else _("none")),
        Fact(_("Answers within, hours"), one.acknowledgment_hours),
        Fact(_("Where no appointment is known"), unknown),
        Fact(_("Last run"), last.at if last else _("never")),
    ]
