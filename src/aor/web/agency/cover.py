"""Cover for leave: a colleague sees a broker's clients for set days; credit stays (readings, R10)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.acts import roster as acts
from aor.brokers import queries as brokers
from aor.brokers.queries import RosterBroker
from aor.terms.period import ONE_DAY, day_of
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.agency import done, own
from aor.web.agency.roster import refuse
from aor.web.components import Column, Fact, NavItem, Table, link
from aor.web.forms import DayField, Form, Submitted
from aor.web.templatetags.components import day


class Lend(Submitted, Form):
    """Who is on leave, who covers, and when."""

    npn = forms.ChoiceField(label=gettext_lazy("The broker on leave"))
    colleague = forms.ChoiceField(label=gettext_lazy("The colleague who covers"))
    first = DayField(label=gettext_lazy("First day"))
    last = DayField(label=gettext_lazy("Last day"))

    def __init__(self, *args: Any, members: list[RosterBroker], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("Choose")), *((one.npn, f"{one.name}, NPN {one.npn}") for one in members)]
        for name in ("npn", "colleague"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def cover(request: PortalRequest) -> HttpResponse:
    """The covers that are set, and a new one."""
    members = own.members(request)
    form = Lend(request.POST if request.method == "POST" else None, members=members)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        decision = acts.lend_cover(
            npn=said["npn"],
            colleague_npn=said["colleague"],
            start=said["first"],
            until=said["last"] + ONE_DAY,
            by=request.actor,
            now=request.now,
        )
        if decision.granted:
            return done.go(request, "cover")
        refuse(form, decision)
    context = {
        "title": _("Cover for leave"),
        "crumbs": [NavItem(_("Agency"), reverse("agency:dashboard")), NavItem(_("Cover for leave"))],
        "lead": _("A colleague sees the clients of a broker on leave for set days. Credit stays with the broker."),
        "table": _table(request, members),
        "form": form,
        "submit": _("Set the cover"),
    }
    return render(request, "agency/cover.html", context)


def _table(request: PortalRequest, members: list[RosterBroker]) -> Table:
    lent = brokers.covers_lent((one.npn for one in members), day_of(request.now))
    names = brokers.names({npn for one in lent for npn in (one.npn, one.colleague_npn)})
    rows = [
        (
            names.get(one.npn, one.npn),
            names.get(one.colleague_npn, one.colleague_npn),
            day(one.start),
            day(one.until - ONE_DAY),
            link(_("End"), reverse("agency:cover_end", args=[one.npn]), described=names.get(one.npn, one.npn)),
        )
        for one in lent
    ]
    columns = [
        Column(_("On leave")),
        Column(_("Covered by")),
        Column(_("First day")),
        Column(_("Last day")),
        Column(_("To do")),
    ]
    return Table(_("Covers set"), columns, rows, empty=_("No cover is set."))


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def end(request: PortalRequest, npn: str) -> HttpResponse:
    """Ends every cover of a broker, from today on."""
    one = own.member(request, npn)
    form = own.Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        acts.end_cover(npn=npn, by=request.actor, now=request.now)
        return done.go(request, "cover-ended")
    return own.sure(
        request,
        form,
        title=_("End the cover"),
        crumb=NavItem(_("Cover for leave"), reverse("agency:cover")),
        facts=[Fact(_("On leave"), one.name), Fact("NPN", npn)],
        text=_("Colleagues no longer see this broker’s clients, from today on."),
        submit=_("End the cover"),
    )
