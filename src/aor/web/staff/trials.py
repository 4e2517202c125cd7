"""A carrier's way is tried: one interchange of invented people, ISA15 = T, and what the carrier answers to it."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aor.carriers import queries as carriers
from aor.carriers.queries import TradingPartner
from aor.engine.locks import Busy
from aor.transmissions import trials
from aor.transmissions.models import Trial
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, NextStep, Table
from aor.web.forms import Form, Submitted
from aor.web.staff import team
from aor.web.staff.transmissions import VERDICTS
from aor.web.templatetags.components import instant, tag

LAST = 5


class Sure(Submitted, Form):
    """Nothing to fill in."""


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def test(request: PortalRequest, hios: str) -> HttpResponse:
    """Says what will be sent, then sends it."""
    one = _partner(hios)
    form = Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            trials.send(hios, by=request.actor, now=request.now)
        except trials.CannotTest as because:
            form.add_error(None, str(because))
        except Busy:
            form.add_error(None, _("Files are being sent at this moment. Try again in a minute."))
        else:
            return HttpResponseRedirect(reverse("staff:carrier_tested", args=[hios]))
    people = _("Invented people and an invented broker")
    facts = [Fact(_("Carrier"), one.name), Fact(_("Usage (ISA15)"), _("T, a test")), Fact(_("In it"), people)]
    context = {
        "title": _("Send a test file"),
        "caption": one.name,
        "crumbs": [NavItem(one.name, reverse("staff:carrier", args=[hios])), NavItem(_("Test"))],
        "sections": [("", facts)],
        "consequence": _(
            "One file goes into the carrier's mailbox, under new control numbers. Nothing of it is recorded, "
            "reported or credited. What the carrier answers is shown on its page."
        ),
        "form": form,
        "submit": _("Send the test"),
        "cancel_url": reverse("staff:carrier", args=[hios]),
    }
    return render(request, "web/check_answers.html", context)


@access.allow(*team.WRITERS)
@require_safe
def tested(request: PortalRequest, hios: str) -> HttpResponse:
    """The receipt of the last test that was handed over."""
    one = _partner(hios)
    last = Trial.objects.filter(hios_issuer_id=hios, handed_over_at__isnull=False).order_by("-id").first()
    if last is None:
        raise Http404
    hours = _("within %(hours)s hours") % {"hours": one.acknowledgment_hours}
    context = {
        "title": _("Test sent"),
        "reference": last.isa13,
        "facts": [Fact(_("File"), last.name), Fact(_("Sets"), last.sets)],
        "next_steps": [NextStep(_("The carrier answers; the answer is read and shown on its page."), hours)],
        "links": [NavItem(one.name, reverse("staff:carrier", args=[hios]))],
    }
    return render(request, "web/confirmation.html", context)


def table(hios: str) -> Table:
    """The last tests of a carrier, each with what was answered to it."""
    cells = []
    for one in trials.latest(hios, most=LAST):
        said = sorted(one.answers.all(), key=lambda answer: answer.pk)
        words = "; ".join(f"{each.answers}: {each.words}" for each in said if each.words)
        verdicts = {each.verdict for each in said}
        verdict = next((each for each in ("rejected", "accepted", "received") if each in verdicts), "")
        handed = instant(one.handed_over_at) or tag(_("Not handed over"), "warning")
        cells.append((one.name, handed, one.sets, tag(*VERDICTS[verdict]), words))
    columns = [Column(_("File")), Column(_("Handed over")), Column(_("Sets"), numeric=True)]
    columns += [Column(_("Answer")), Column(_("In words"))]
    return Table(_("Tests"), columns, cells, empty=_("No test was sent yet."), show_caption=False)


def _partner(hios: str) -> TradingPartner:
    found = carriers.trading_partners().get(hios)
    if found is None:
        raise Http404
    return found
