"""A broker is certified, suspended, decertified or restored: first what it would do, then the word, the receipt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import standing as acts
from aor.acts.standing import Preview
from aor.audit import queries as journal
from aor.brokers import queries as brokers
from aor.carriers import queries as carriers
from aor.policy.decision import Decision
from aor.terms.period import day_of
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, NextStep, Table, Words
from aor.web.forms import DayField, Form, Submitted, Versioned
from aor.web.staff import second, team
from aor.web.templatetags.components import day

ACTS: Mapping[str, Words] = {
    "certify": gettext_lazy("Certify"),
    "suspend": gettext_lazy("Suspend"),
    "restore": gettext_lazy("Restore"),
    "decertify": gettext_lazy("Decertify"),
    "died": gettext_lazy("Record a death"),
}
DOES: Mapping[str, Words] = {
    "certify": gettext_lazy("The broker is certified for the plan year from today."),
    "suspend": gettext_lazy("No certification counts from today: access closes, nothing new is sent, nothing ends."),
    "restore": gettext_lazy("The suspension ends today."),
    "decertify": gettext_lazy("Associations end today, credit with the month; each household is told."),
    "died": gettext_lazy("Associations end on the day, credit with the month; each household is told."),
}
ASKED = {"certify": "plan_year", "died": "on"}  # of every other act the reason is asked
MASS = 25  # households whose broker goes: from so many on, a second officer consents (readings, R12)
SHOWN = 50


class Change(Submitted, Versioned, Form):
    """Why, for which plan year, or since which day."""

    plan_year = forms.IntegerField(label=gettext_lazy("Plan year"), min_value=2014, max_value=2100)
    because = forms.CharField(
        label=gettext_lazy("Because"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=300,
        help_text=gettext_lazy("For the record. Never write a consumer's name."),
    )

    on = DayField(label=gettext_lazy("Died on"), error_messages={"invalid": gettext_lazy("Enter a real day.")})

    def __init__(self, *args: Any, act: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for name in {"plan_year", "because", "on"} - {ASKED.get(act, "because")}:
            del self.fields[name]

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > self.today:
            raise forms.ValidationError(_("This day is to come."))
        return on


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.steps
def change(request: PortalRequest, npn: str, act: str) -> HttpResponse:
    """Shows which agents of record, carriers and households an act would move, and does it."""
    one = brokers.roster([npn]).get(npn)
    if one is None or act not in ACTS:
        raise Http404
    version = _version(npn)
    form = Change(
        request.POST if request.method == "POST" else None,
        act=act,
        today=day_of(request.now),
        initial={"version": version, "plan_year": _plan_year(request)},
    )
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["version"] != version:
            raise problems.Stale(_stale(npn), back=request.path)
        if _needs_second(request, npn, act):
            number = second.ask(
                subject=(second.DECERTIFY, npn),
                because=form.cleaned_data["because"],
                by=request.actor,
                now=request.now,
            )
            return HttpResponseRedirect(reverse("staff:second_asked", args=[number]))
        decision = _do(request, npn, act, form.cleaned_data)
        if decision.granted:
            return HttpResponseRedirect(reverse("staff:standing_changed", args=[npn, act]))
        for finding in decision.unmet:
            form.add_error(None, f"{finding.because}. {finding.cure}".strip())
    preview = _previewed(request, npn, act, form.cleaned_data if form.is_bound and form.is_valid() else {})
    context = {
        "title": _("%(act)s %(name)s") % {"act": ACTS[act], "name": one.name},
        "caption": _("NPN %(npn)s") % {"npn": npn},
        "crumbs": [NavItem(one.name, reverse("staff:broker", args=[npn])), NavItem(ACTS[act])],
        "lead": DOES[act],
        "form": form,
        "facts": _facts(preview),
        "carriers": _carriers(preview),
        "moved": _moved(preview),
        "more": max(0, len(preview.moved) - SHOWN),
        "granted": preview.decision.granted,
        "unmet": preview.decision.unmet,
        "mass": act == "decertify" and preview.households_ended >= MASS,
        "submit": ACTS[act],
        "cancel_url": reverse("staff:broker", args=[npn]),
    }
    return render(request, "staff/standing_change.html", context)


@access.allow(*team.WRITERS)
@require_safe
def changed(request: PortalRequest, npn: str, act: str) -> HttpResponse:
    """The receipt: the number of the act in the journal, and what follows when."""
    if act not in ACTS:
        raise Http404
    last = journal.latest([f"broker.{VERBS[act]}"], ("broker", npn))
    if last is None:
        raise Http404
    context = {
        "title": _("Done: %(act)s") % {"act": ACTS[act]},
        "reference": f"J-{last.id}",
        "facts": [Fact(_("Broker"), npn), Fact(_("When"), last.at)],
        "next_steps": [
            NextStep(DOES[act], _("now")),
            NextStep(_("The broker, and each household concerned, gets a notice."), _("within the hour")),
            NextStep(_("Carriers are told of what ends."), _("with their next run")),
        ],
        "links": [NavItem(_("The broker's page"), reverse("staff:broker", args=[npn])), *_orphans(npn, act)],
    }
    return render(request, "web/confirmation.html", context)


def _orphans(npn: str, act: str) -> list[NavItem]:
    """Where the households are listed whose broker is gone."""
    if act not in ("decertify", "died"):
        return []
    return [NavItem(_("Households that nobody has followed"), reverse("staff:orphans_of", args=[npn]))]


VERBS = {
    "certify": "certified",
    "suspend": "suspended",
    "restore": "restored",
    "decertify": "decertified",
    "died": "died",
}
PREVIEWS: Mapping[str, Callable[..., Preview]] = {
    "suspend": acts.preview_suspend,
    "restore": acts.preview_restore,
    "decertify": acts.preview_decertify,
}
DOING: Mapping[str, Callable[..., Decision]] = {
    "suspend": acts.suspend,
    "restore": acts.restore,
    "decertify": acts.decertify,
}


def _previewed(request: PortalRequest, npn: str, act: str, said: Mapping[str, Any]) -> Preview:
    if act == "certify":
        return acts.preview_certify(npn=npn, plan_year=said.get("plan_year") or _plan_year(request), now=request.now)
    if act == "died":
        return acts.preview_died(npn=npn, on=said.get("on") or day_of(request.now), now=request.now)
    return PREVIEWS[act](npn=npn, now=request.now)


def _do(request: PortalRequest, npn: str, act: str, said: Mapping[str, Any]) -> Decision:
    by, now = request.actor, request.now
    if act == "certify":
        return acts.certify(npn=npn, plan_year=said["plan_year"], by=by, now=now)
    if act == "died":
        return acts.died(npn=npn, on=said["on"], by=by, now=now)
    return DOING[act](npn=npn, because=said["because"], by=by, now=now)


def _needs_second(request: PortalRequest, npn: str, act: str) -> bool:
    if act != "decertify":
        return False
    preview = acts.preview_decertify(npn=npn, now=request.now)
    return preview.decision.granted and preview.households_ended >= MASS


def _plan_year(request: PortalRequest) -> int:
    """The year asked for in the address, else the next from October on, when it is sold."""
    asked, today = request.GET.get("plan_year", ""), day_of(request.now)
    return int(asked) if asked.isdecimal() and len(asked) == 4 else today.year + (today.month >= 10)


def _version(npn: str) -> str:
    """Changes with what the acts rest on."""
    facts = (brokers.held_certifications(npn), brokers.suspended_since(npn), brokers.standings([npn])[npn].ends)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _stale(npn: str) -> str:
    last = journal.latest([f"broker.{verb}" for verb in VERBS.values()], ("broker", npn))
    if last is None:
        return _("The broker's certifications have changed since you opened the page.")
    by = team.who([last.by.name])[last.by.name]
    return _("In the meantime %(name)s made a change: %(what)s.") % {"name": by, "what": last.verb}


def _facts(preview: Preview) -> list[Fact]:
    return [
        Fact(_("Agents of record that move"), len(preview.moved)),
        Fact(_("Households whose broker goes, each told by a notice"), preview.households_ended),
        Fact(_("Consumers whom the broker sees today"), preview.subscribers_seen),
    ]


def _carriers(preview: Preview) -> Table:
    names = carriers.names()
    cells = [(names.get(hios, hios), what, count) for (hios, what), count in sorted(preview.carriers.items())]
    columns = [Column(_("Carrier")), Column(_("What")), Column(_("Policies"), numeric=True)]
    return Table(_("By carrier"), columns, cells, empty=_("No agent of record moves."))


def _moved(preview: Preview) -> Table:
    names = carriers.names()
    cells = [
        (one.policy_id, names.get(one.hios_issuer_id, one.hios_issuer_id), one.what, day(one.on))
        for one in preview.moved[:SHOWN]
    ]
    columns = [Column(_("Policy")), Column(_("Carrier")), Column(_("What")), Column(_("On"))]
    return Table(_("Policy by policy"), columns, cells, show_caption=False)
