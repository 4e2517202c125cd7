"""An NPN that was written wrongly: one officer asks, after seeing what moves; another approves (readings, R12)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import queries as acts
from aor.brokers import queries as brokers
from aor.carriers import queries as carriers
from aor.cases.models import State
from aor.cases.operations import Refused
from aor.incidents import corrections as rules
from aor.incidents import queries
from aor.incidents.models import NpnCorrection
from aor.terms.npn import Npn
from aor.terms.period import ONE_DAY, day_of
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, NextStep, Table, Words, link, query_url
from aor.web.forms import Form, Submitted, Versioned, numbered
from aor.web.staff import team
from aor.web.templatetags.components import day, instant

SHOWN = 50
APPROVE, REFUSE = "approve", "refuse"
STEPS = (gettext_lazy("The two NPNs"), gettext_lazy("What would move"), gettext_lazy("Another officer approves"))


class Npns(Form):
    """Which NPN stands there, and which should."""

    wrong = forms.CharField(label=gettext_lazy("The NPN that was written"), max_length=10)
    right = forms.CharField(
        label=gettext_lazy("The NPN that is right"), max_length=10,
        help_text=gettext_lazy("Its broker is on the roster."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for name in ("wrong", "right"):
            try:
                said[name] = str(Npn.parse(said.get(name, "")))
            except ValueError as because:
                if name in said:
                    self.add_error(name, str(because))
        if not self.errors and said["wrong"] == said["right"]:
            self.add_error("right", _("These are the same NPN."))
        if not self.errors and not brokers.roster([said["right"]]):
            self.add_error("right", _("NPN %(npn)s is not on the roster.") % {"npn": said["right"]})
        if not self.errors and not rules.preview(wrong=said["wrong"]).associations:
            self.add_error("wrong", _("There is no association under NPN %(npn)s.") % {"npn": said["wrong"]})
        waits = queries.npn_corrections().filter(wrong_npn=said.get("wrong", "")).first()
        if waits is not None:
            self.add_error("wrong", _("A correction of this NPN waits: %(number)s.") % {"number": waits.case.number})
        return said


class Because(Submitted, Form):
    """Why."""

    because = forms.CharField(
        label=gettext_lazy("Because"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=450,
        help_text=gettext_lazy("How you know. Never write a consumer's name."),
    )


class Word(Submitted, Versioned, Form):
    """The second officer's word."""

    word = forms.ChoiceField(
        label=gettext_lazy("Your decision"),
        choices=[(APPROVE, gettext_lazy("I approve: do it")), (REFUSE, gettext_lazy("I do not approve"))],
        widget=forms.RadioSelect,
    )


@access.allow(*team.READERS)
@require_safe
def corrections(request: PortalRequest) -> HttpResponse:
    """Those that wait for a second officer."""
    rows = list(queries.npn_corrections()[:SHOWN])
    called = team.who(one.by_name for one in rows)
    cells = [
        (
            link(one.case.number, reverse("staff:correction", args=[one.case.number])),
            one.wrong_npn, one.right_npn, called[one.by_name], instant(one.at),
        )
        for one in rows
    ]  # fmt: skip
    columns = [Column(each) for each in (_("Request"), _("Written"), _("Right"), _("Asked by"), _("On"))]
    empty = _("No correction waits for a second officer.")
    context = {
        "title": _("Corrections of NPNs"),
        "table": Table(_("Corrections of NPNs"), columns, cells, empty=empty, show_caption=False),
        "lead": _("One officer asks, another approves. Then the record, the carriers and the next reports follow."),
        "crumbs": [NavItem(_("Tasks"), reverse("staff:dashboard")), NavItem(_("Corrections of NPNs"))],
        "links": [NavItem(_("Correct an NPN"), reverse("staff:correction_new"))] if _writes(request) else [],
    }
    return render(request, "staff/list.html", context)


def _writes(request: PortalRequest) -> bool:
    return isinstance(request.holder, team.WRITERS)


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def new(request: PortalRequest) -> HttpResponse:
    """First the two NPNs, then what would move and why it should."""
    context: dict[str, object] = {
        "title": _("Correct an NPN"),
        "crumbs": [NavItem(_("Corrections of NPNs"), reverse("staff:corrections")), NavItem(_("New"))],
        "step_labels": STEPS,
        "cancel_url": reverse("staff:corrections"),
    }
    npns = Npns(request.GET if "wrong" in request.GET else request.POST if "wrong" in request.POST else None)
    if not npns.is_valid():
        return render(request, "web/form.html", {**context, "form": npns, "step": 1})
    wrong, right = npns.cleaned_data["wrong"], npns.cleaned_data["right"]
    if "wrong" in request.POST:
        return HttpResponseRedirect(query_url({}, wrong=wrong, right=right))
    form = Because(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        decision, number = rules.propose(
            wrong=wrong, right=right, because=form.cleaned_data["because"], by=request.actor, now=request.now
        )
        if decision.granted:
            return HttpResponseRedirect(reverse("staff:correction_done", args=[number]))
        form.add_error(None, "; ".join(finding.because for finding in decision.unmet))
    return render(request, "staff/step.html", {**context, **_shown(wrong, right, request), "form": form, "step": 2,
        "submit": _("Ask another officer")})  # fmt: skip


def _shown(wrong: str, right: str, request: PortalRequest) -> dict[str, object]:
    """What moves, policy by policy, and what the right broker lacks."""
    found, names = rules.preview(wrong=wrong), brokers.names([wrong, right])
    called = carriers.names()
    by_carrier = [(called.get(hios, hios), count) for hios, count in found.carriers.items()]
    rows = [
        (one.policy_id, called.get(one.hios_issuer_id, one.hios_issuer_id), day(one.effective_from),
         day(one.effective_until - ONE_DAY))
        for one in found.moved[:SHOWN]
    ]  # fmt: skip
    more = len(found.moved) - len(rows)
    last = _("The first %(shown)s of %(all)s policies") % {"shown": len(rows), "all": len(found.moved)}
    headings = [Column(each) for each in (_("Policy"), _("Carrier"), _("From"), _("To"))]
    facts = [
        Fact(_("Written"), f"{names.get(wrong, _('not on the roster'))}, NPN {wrong}"),
        Fact(_("Right"), f"{names.get(right, '')}, NPN {right}"),
        Fact(_("Associations entered anew"), found.associations),
        Fact(_("Agents of record that move"), len(found.moved)),
    ]
    if found.stay:
        facts.append(Fact(_("Opening balances and retroactive approvals, which stay"), found.stay))
    counted = [Column(_("Carrier")), Column(_("Policies"), numeric=True)]
    title = _("Policy by policy")
    return {
        "facts": facts,
        "unmet": [one for one in acts.own_standings([right], day_of(request.now))[right] if not one.met],
        "tables": [
            (_("By carrier"), Table(_("By carrier"), counted, by_carrier, _("No agent of record moves."), False)),
            (title, Table(last if more else title, headings, rows, _("No agent of record moves."), bool(more))),
        ],
    }


@access.allow(*team.READERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.steps
def correction(request: PortalRequest, correction: str) -> HttpResponse:
    """One request: what would move, and the second officer's word."""
    row = _of(correction)
    own, closed = row.by_name == request.actor.name, row.case.state == State.CLOSED
    may = _writes(request) and not closed
    form = Word(request.POST if request.method == "POST" else None, initial={"version": row.case.version})
    if request.method == "POST":
        if not may:
            raise problems.Stale(_("This was decided, or is not yours to decide."), back=request.path)
        if form.is_valid() and (because := _decide(request, row, form)):
            form.add_error(None, because)
        elif form.is_valid():
            return HttpResponseRedirect(reverse("staff:correction_done", args=[correction]))
    warning: Words = ""
    if own and may:
        warning = _("You asked for this yourself: another officer must approve it.")
    elif not may:
        warning = _("This is decided.") if closed else _("This waits for an officer.")
    shown = _shown(row.wrong_npn, row.right_npn, request)
    by = Fact(_("Asked by"), f"{team.who([row.by_name])[row.by_name]}: {row.because}")
    context = {
        **shown,
        "facts": [by, *shown["facts"]] if not closed else [by, Fact(_("State"), row.case.state)],  # type: ignore[misc]  # a list of facts
        "title": _("NPN %(wrong)s becomes %(right)s") % {"wrong": row.wrong_npn, "right": row.right_npn},
        "caption": correction,
        "crumbs": [NavItem(_("Corrections of NPNs"), reverse("staff:corrections")), NavItem(correction)],
        "tables": [] if closed else shown["tables"],
        "step_labels": STEPS,
        "step": len(STEPS),
        "warning": warning,
        "closed": own or not may,
        "form": form,
        "submit": _("Send"),
        "cancel_url": reverse("staff:corrections"),
    }
    return render(request, "staff/step.html", context)


def _of(number: str) -> NpnCorrection:
    row = queries.npn_correction(number)
    if row is None:
        raise Http404
    return row


def _decide(request: PortalRequest, row: NpnCorrection, form: Word) -> str:
    """Approves or refuses; why not, "" where it was done."""
    version, number = form.cleaned_data["version"], row.case.number
    seen = numbered(version)
    try:
        if form.cleaned_data["word"] == REFUSE:
            rules.refuse(number, version=seen, by=request.actor, now=request.now)
            return ""
        decision = rules.approve(number, version=seen, by=request.actor, now=request.now)
    except Refused as because:
        raise problems.Stale(str(because), back=request.path) from None
    return "; ".join(finding.because for finding in decision.unmet)


@access.allow(*team.WRITERS)
@require_safe
def done(request: PortalRequest, correction: str) -> HttpResponse:
    """The receipt: asked, approved or not approved."""
    row = _of(correction)
    last = row.case.events.order_by("-version")[0]
    if row.case.state != State.CLOSED:
        title, steps = _("Asked for"), [NextStep(_("Another officer looks at it."), _("within ten business days"))]
    elif last.note == "approved":
        title = _("Approved")
        steps = [
            NextStep(_("The record follows, and both brokers are told."), _("now")),
            NextStep(_("Carriers get the right NPN."), _("with their next run")),
            NextStep(_("Reports show it."), _("with the next close")),
        ]
    else:
        title, steps = _("Not approved"), [NextStep(_("Nothing changes."))]
    facts = [Fact(_("Written"), row.wrong_npn), Fact(_("Right"), row.right_npn)]
    links = [
        NavItem(_("The request"), reverse("staff:correction", args=[correction])),
        NavItem(_("All that wait"), reverse("staff:corrections")),
    ]
    context = {"title": title, "reference": correction, "facts": facts, "next_steps": steps, "links": links}
    return render(request, "web/confirmation.html", context)
