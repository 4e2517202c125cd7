"""A caller whose identity was checked says no to a broker who is to take over (readings, R10)."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from aor.audit import queries as journal
from aor.brokers import queries as brokers
from aor.cases.operations import Refused
from aor.transfers import entering, queries
from aor.web import access, once, problems, reads
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, NextStep
from aor.web.forms import Form, Submitted
from aor.web.staff import caller, team


class SaidNo(Submitted, Form):
    """Nothing to fill in: who called, and how they were known, is in the journal."""


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def opt_out(request: PortalRequest) -> HttpResponse:
    """For the caller who was checked last in this visit; the letter says that they may call."""
    subscriber = caller.consumer_who_calls(request)
    if not subscriber:
        return HttpResponseRedirect(reverse("staff:caller"))
    reads.saw(request, [subscriber], what="change of broker")
    one = queries.soonest(subscriber, now=request.now)
    if one is None:
        words = _("No change of broker is to come for this household that they can say no to.")
        raise problems.Gone(words, back=reverse("staff:caller_told"))
    if request.method == "POST":
        try:
            entering.opt_out(one.transfer.case.number, subscriber_id=subscriber, by=request.actor, now=request.now)
        except Refused as refused:
            raise problems.Gone(str(refused), back=reverse("staff:caller_told")) from None
        return HttpResponseRedirect(reverse("staff:opted_out"))
    names = brokers.names([one.transfer.from_npn, one.transfer.to_npn])
    context = {
        "title": _("The caller says no to the new broker"),
        "lead": _("Read this to the caller. If they say no, they do not go along; nothing else changes."),
        "crumbs": [NavItem(_("A caller"), reverse("staff:caller_told")), NavItem(_("Says no"))],
        "facts": [
            Fact(_("From"), names.get(one.transfer.from_npn, one.transfer.from_npn)),
            Fact(_("To"), f"{names.get(one.transfer.to_npn, '')}, NPN {one.transfer.to_npn}"),
            Fact(_("On"), one.transfer.on),
        ],
        "form": SaidNo(),
        "submit": _("The caller says no"),
        "cancel_url": reverse("staff:caller_told"),
    }
    return render(request, "consumer/sure.html", context)


@access.allow(*team.WRITERS)
@require_safe
def opted_out(request: PortalRequest) -> HttpResponse:
    """The receipt to tell the caller."""
    subscriber = caller.consumer_who_calls(request)
    last = journal.latest(["transfer.opted out"], ("subscriber", subscriber)) if subscriber else None
    if last is None:
        raise Http404
    context = {
        "title": _("The caller does not go along"),
        "reference": f"J-{last.id}",
        "facts": [Fact(_("When"), last.at)],
        "next_steps": [
            NextStep(_("Nothing changes with the household's broker now, nor on the day of the change.")),
            NextStep(_("The consumer may choose another broker at any time.")),
        ],
        "links": [NavItem(_("What may be said"), reverse("staff:caller_told"))],
    }
    return render(request, "web/confirmation.html", context)
