"""The steps of a transfer: who and when, the agreement, the decision, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.brokers import queries as brokers
from aor.cases.models import State
from aor.cases.operations import Refused
from aor.documents import evidence
from aor.policy.decision import Finding
from aor.terms.npn import Npn
from aor.terms.period import day_of
from aor.transfers import entering, queries
from aor.transfers import operations as acts
from aor.transfers.models import Transfer
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.claims.own import accepted
from aor.web.components import Fact, NavItem, NextStep, Words
from aor.web.forms import DayField, Form, PoliciesField, Submitted, Versioned, numbered
from aor.web.staff import team
from aor.web.staff.transfers import ONE_DAY, STEPS, counts, facts, of
from aor.web.templatetags.components import day

AGREED, SUCCESSOR = "agreed", "successor"
APPROVE, DENY = "approve", "deny"


class Asked(Submitted, Form):
    """From whom, to whom, when and why."""

    from_npn = forms.CharField(label=gettext_lazy("NPN of the former broker"), max_length=10)
    to_npn = forms.CharField(label=gettext_lazy("NPN of the new broker"), max_length=10)
    why = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=[
            (AGREED, gettext_lazy("Both brokers agreed")),
            (SUCCESSOR, gettext_lazy("The former broker died, retired or left, and named the new one")),
        ],
        widget=forms.RadioSelect,
    )
    on = DayField(
        label=gettext_lazy("Day of the transfer"),
        help_text=gettext_lazy("The first of a month, thirty days away or more: the letters need the time."),
    )
    policies = PoliciesField()

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        for name in ("from_npn", "to_npn"):
            try:
                said[name] = str(Npn.parse(said.get(name, "")))
            except ValueError as because:
                if name in said:
                    self.add_error(name, str(because))
            else:
                if not brokers.roster([said[name]]):
                    self.add_error(name, _("NPN %(npn)s is not on the roster.") % {"npn": said[name]})
        return said


class Agreement(Submitted, Form):
    """The document."""

    document = forms.FileField(
        label=gettext_lazy("The signed agreement"),
        help_text=gettext_lazy("PDF, PNG or JPEG, at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )


class Decide(Submitted, Versioned, Form):
    """The officer's word."""

    word = forms.ChoiceField(
        label=gettext_lazy("Your decision"),
        choices=[(APPROVE, gettext_lazy("Approve: the letters go today")), (DENY, gettext_lazy("Deny"))],
        widget=forms.RadioSelect,
    )
    because = forms.CharField(
        label=gettext_lazy("Because"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=450,
        required=False,
        help_text=gettext_lazy("Needed where you deny it: the new broker reads it. Never write a consumer's name."),
    )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("word") == DENY and not said.get("because", "").strip():
            self.add_error("because", _("Say why you deny it."))
        return said


class AskMore(Submitted, Versioned, Form):
    """What is missing."""

    words = forms.CharField(
        label=gettext_lazy("What the new broker should send"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5_000,
        help_text=gettext_lazy("Goes as a secure message. The clock stands still until a document comes."),
    )


class Sure(Submitted, Versioned, Form):
    """Nothing to fill in."""


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def new(request: PortalRequest) -> HttpResponse:
    """The first step opens the case, or says which rule is not met."""
    data = request.POST if request.method == "POST" else None
    form = Asked(data, initial={"from_npn": request.GET.get("from", ""), "why": request.GET.get("why", "")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        decision, number = acts.ask(
            from_npn=said["from_npn"], to_npn=said["to_npn"], on=said["on"], successor=said["why"] == SUCCESSOR,
            policies=said["policies"], by=request.actor, now=request.now,
        )  # fmt: skip
        if decision.granted:
            return HttpResponseRedirect(reverse("staff:transfer_step", args=[number, "agreement"]))
        for finding in decision.unmet:
            form.add_error(None, f"{finding.because}. {finding.cure}".strip())
    context = {
        "title": _("Enter a transfer"),
        "crumbs": [NavItem(_("Transfers"), reverse("staff:transfers")), NavItem(_("New"))],
        "lead": _("Most are asked for by the new broker. Enter here what came to you on paper."),
        "form": form,
        "step_labels": STEPS,
        "step": 1,
        "cancel_url": reverse("staff:transfers"),
    }
    return render(request, "web/form.html", context)


FORMS: Mapping[str, type[Form]] = {"agreement": Agreement, "ask": AskMore, "decide": Decide, "undo": Sure}
TITLES: Mapping[str, Words] = {
    "agreement": gettext_lazy("Add the agreement"),
    "ask": gettext_lazy("Ask for more"),
    "decide": gettext_lazy("Decide on the transfer"),
    "undo": gettext_lazy("Take the transfer back"),
}
BUTTONS: Mapping[str, Words] = {
    "agreement": gettext_lazy("Add"),
    "ask": gettext_lazy("Ask"),
    "decide": gettext_lazy("Send"),
    "undo": gettext_lazy("Take it back"),
}


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.steps
def step(request: PortalRequest, transfer: str, deed: str) -> HttpResponse:
    """Says what a step would do, and does it."""
    row, back = of(transfer), reverse("staff:transfer", args=[transfer])
    if deed not in FORMS:
        raise Http404
    if not _possible(row, deed):
        raise problems.Stale(_("This was decided, or cannot be done yet."), back=back)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = FORMS[deed](*sent, initial={"version": row.case.version})
    if request.method == "POST" and form.is_valid() and _do(request, row, deed, form):
        return HttpResponseRedirect(reverse("staff:transfer_done", args=[transfer, deed]))
    shown, unmet = _preview(request, row, deed)
    context = {
        "title": TITLES[deed],
        "caption": transfer,
        "crumbs": [NavItem(transfer, back), NavItem(TITLES[deed])],
        "facts": shown,
        "facts_heading": _("The transfer") if deed == "agreement" else "",
        "unmet": unmet,
        "form": form,
        "step_labels": STEPS if deed != "undo" else (),
        "step": {"agreement": 2, "decide": 3}.get(deed, 0),
        "submit": BUTTONS[deed],
        "cancel_url": back,
    }
    return render(request, "staff/step.html", context)


def _possible(row: Transfer, deed: str) -> bool:
    decided, closed = getattr(row, "ruling", None) is not None, row.case.state == State.CLOSED
    if deed == "undo":
        progress = queries.progress(row)
        return progress[queries.MOVED] > progress[queries.UNDONE]
    if deed == "ask" and row.case.state == State.WAITING:
        return False
    return not decided and not closed and (deed in ("agreement", "ask") or queries.has_evidence(row))


def _preview(request: PortalRequest, row: Transfer, deed: str) -> tuple[list[Fact], tuple[Finding, ...]]:
    """What would follow, in numbers; and what stands against it."""
    if deed == "decide":
        found = queries.preview(row, now=request.now)
        letters = [
            Fact(_("Letters, in each household's language"), day_of(request.now)),
            Fact(_("Households can say no through"), row.on - ONE_DAY),
            Fact(_("Those who do not say no move on"), row.on),
        ]
        return [*counts(found), *letters], found.decision.unmet
    if deed == "undo":
        progress = queries.progress(row)
        left = progress[queries.MOVED] - progress[queries.UNDONE]
        stay = _("those who confirmed the new broker, or chose another since")
        return [Fact(_("Households that go back, at most"), left), Fact(_("Who stays"), stay)], ()
    return facts(row), ()


def _do(request: PortalRequest, row: Transfer, deed: str, form: Form) -> bool:
    """Takes the step; False where the form says what is wrong."""
    number, by, now, said = row.case.number, request.actor, request.now, form.cleaned_data
    try:
        if deed == "agreement":
            document = accepted(request, "document")
            if document is None:
                form.add_error("document", _("This document is empty."))
                return False
            acts.add_evidence(
                number, content=document.content, name=document.name, media_type=document.media_type, by=by, now=now
            )
            return True
        if deed == "ask":
            acts.ask_more(number, version=_seen(said), words=said["words"], by=by, now=now)
            return True
        if deed == "undo":
            decision, _count = entering.undo(number, by=by, now=now)
        elif said["word"] == DENY:
            acts.deny(number, version=_seen(said), because=said["because"], by=by, now=now)
            return True
        else:
            decision = acts.approve(number, version=_seen(said), because=said["because"], by=by, now=now)
    except evidence.Refused as refused:
        form.add_error("document", _("This document cannot be taken: %(because)s.") % {"because": refused.because})
        return False
    except Refused as because:
        raise problems.Stale(str(because), back=reverse("staff:transfer", args=[number])) from None
    for finding in decision.unmet:
        form.add_error(None, f"{finding.because}. {finding.cure}".strip())
    return decision.granted


def _seen(said: Mapping[str, Any]) -> int:
    return numbered(said["version"])


@access.allow(*team.WRITERS)
@require_safe
def done(request: PortalRequest, transfer: str, deed: str) -> HttpResponse:
    """The receipt: approved, denied or taken back, and what follows when."""
    row = of(transfer)
    ruling = getattr(row, "ruling", None)
    if deed not in FORMS or (ruling is None and deed in ("decide", "undo")):
        raise Http404
    progress = queries.progress(row)
    lines: list[Fact]
    if deed == "agreement":
        title, lines = _("The agreement is added"), []
        steps = [NextStep(_("Read it, see whom the transfer would move, and decide."), _("Now"))]
    elif deed == "ask":
        title, lines = _("The new broker is asked"), []
        steps = [NextStep(_("When a document comes, the clock runs on and the case has its old place again."))]
    elif deed == "undo":
        title = _("Taken back")
        lines = [Fact(_("Households that went back"), progress[queries.UNDONE])]
        steps = [
            NextStep(_("The former broker is restored without a gap, and the households are told."), _("now")),
            NextStep(_("Carriers are told."), _("with their next run")),
        ]
    elif ruling is not None and ruling.approved:
        title = _("The transfer is approved")
        lines = [Fact(_("Households written to"), progress["written to"]), Fact(_("On"), row.on)]
        steps = [
            NextStep(_("Each household gets a letter, and can say no."), day(row.on - ONE_DAY)),
            NextStep(_("Those who did not say no move. Carriers are told with their next run."), day(row.on)),
            NextStep(_("The new broker sees a household's data when the consumer confirms.")),
        ]
    else:
        title, lines = _("The transfer is denied"), [Fact(_("Because"), ruling.because if ruling else "")]
        steps = [NextStep(_("Nothing moves."))]
    links = [
        NavItem(_("The transfer"), reverse("staff:transfer", args=[transfer])),
        NavItem(_("All transfers"), reverse("staff:transfers")),
    ]
    context = {"title": title, "reference": transfer, "facts": lines, "next_steps": steps, "links": links}
    return render(request, "web/confirmation.html", context)
