"""One case: whose it is and until when, what was said, and its steps. One that comes too late says why."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from aor.accounts import queries as accounts
from aor.acts import messages as threads
from aor.acts.messages import TEAM
from aor.cases import operations as cases
from aor.cases import queries as case_facts
from aor.cases.models import Case, State
from aor.discrepancies import operations as claims
from aor.policy.discrepancy import Determination
from aor.policy.retro import Outcome
from aor.retro import operations as retro
from aor.retro import rulings
from aor.web import access, evidence, once, problems
from aor.web.access import PortalRequest
from aor.web.components import Event, Fact, NavItem, NextStep, Tone
from aor.web.forms import Form, Submitted, Versioned, numbered
from aor.web.staff import inside, places, second, team
from aor.web.staff.dashboard import KINDS

AS_FOUND = "as found"


class Step(Submitted, Versioned, Form):
    """A step without words."""


class HandOver(Step):
    """To whom."""

    to = forms.ChoiceField(label=gettext_lazy("Hand over to"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(f"{team.ACCOUNT}{one.pk}", one.name or str(one)) for one in accounts.officers()]
        self.fields["to"].choices = people  # type: ignore[attr-defined]  # a ChoiceField


class AskMore(Step):
    """What we need."""

    words = forms.CharField(
        label=gettext_lazy("What the broker should send or say"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5_000,
        help_text=gettext_lazy("Goes as a secure message. The clock stands still until the broker answers."),
    )


class Determine(Step):
    """The officer's word on a claim."""

    determination = forms.ChoiceField(
        label=gettext_lazy("Determination"),
        choices=[(AS_FOUND, gettext_lazy("As found")), *((one.value, one.value) for one in Determination)],
    )
    because = forms.CharField(
        label=gettext_lazy("Reason, where it is another than found"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=300,
        required=False,
        help_text=gettext_lazy("For the record; it is not told."),
    )


class Decide(Step):
    """The officer's word on a retroactive request."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[
            (Outcome.APPROVED.value, gettext_lazy("Approve: the record is corrected, the carrier is told")),
            (Outcome.PROSPECTIVE.value, gettext_lazy("From now on only: the consumer is invited to confirm")),
            (Outcome.DENIED.value, gettext_lazy("Deny")),
        ],
        widget=forms.RadioSelect,
    )
    because = forms.CharField(
        label=gettext_lazy("Because"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        required=False,
        help_text=gettext_lazy("For the record; the letter does not quote it."),
    )


class CloseIt(Step):
    """The end of any other case."""

    note = forms.CharField(
        label=gettext_lazy("What was done"),
        max_length=300,
        help_text=gettext_lazy("Never write a consumer's name."),
    )


@access.allow(*team.READERS)
@require_safe
def case(request: PortalRequest, case: str) -> HttpResponse:
    """Everything of one case. A conversation is for its two sides; a second consent has a page of its own."""
    row = _row(case)
    if row.kind == second.KIND:
        return HttpResponseRedirect(reverse("staff:second_one", args=[case]))
    if row.kind == "message":
        if threads.of(case, TEAM) is None:
            raise Http404
        return HttpResponseRedirect(reverse("messages:thread", args=[case]))
    mine = row.assigned_to in ("", request.actor.name)
    may = isinstance(request.holder, team.WRITERS) and row.state != State.CLOSED
    called = team.who([row.assigned_to, row.opened_name, *(event.by_name for event in case_facts.story(row))])
    context = {
        "title": row.number,
        "caption": KINDS.get(row.kind, row.kind),
        "crumbs": [NavItem(_("Cases"), f"{reverse('staff:cases')}?kind={row.kind}"), NavItem(row.number)],
        "facts": _facts(row, called),
        "events": _events(row, called),
        "said": inside.messages(request, row),
        "inside": inside.of(request, row),
        "evidence": evidence.listed(row, "staff:evidence"),
        "steps": _steps(row) if may and mine else [],
        "claim": {"url": _step_url(row, "claim"), "form": _form(Step, row)} if may and not row.assigned_to else None,
        "own_page": places.page_of(row),
        "taken_by": called.get(row.assigned_to, "") if not mine else "",
    }
    return render(request, "staff/case.html", context)


def _row(number: str) -> Case:
    row = case_facts.cases([number]).get(number)
    if row is None:
        raise Http404
    return row


def _facts(row: Case, called: dict[str, str]) -> list[Fact]:
    clocks = [one for one in case_facts.clocks([row.pk]).get(row.pk, ()) if one.met_at is None]
    place = case_facts.place(row)
    lines = [
        Fact(_("State"), row.state),
        Fact(_("Opened"), row.opened_at),
        Fact(_("Opened by"), f"{called[row.opened_name]} ({row.opened_role})"),
        Fact(_("Claimed by"), called.get(row.assigned_to, "") or _("nobody")),
    ]
    if place:
        lines.append(Fact(_("Place in the queue"), place))
    for one in clocks:
        due: date | str = _("stands still while we wait") if one.stopped else one.last_day
        lines.append(Fact(_("Clock “%(name)s”, last day") % {"name": one.name}, due))
    return lines


def _events(row: Case, called: dict[str, str]) -> list[Event]:
    tones: dict[str, Tone] = {"answered": "success", "escalated": "warning"}
    return [
        Event(
            one.at, one.what.capitalize(), f"{called[one.by_name]} ({one.by_role})", one.note,
            tone=tones.get(one.what, "neutral"),
        )
        for one in case_facts.story(row)
    ]  # fmt: skip


def _form(kind: type[forms.Form], row: Case) -> forms.Form:
    return kind(initial={"version": row.version}, auto_id=f"{kind.__name__.lower()}_%s")


def _step_url(row: Case, step: str) -> str:
    return reverse("staff:case_step", args=[row.number, step])


def _steps(row: Case) -> list[dict[str, object]]:
    """The forms that this case can take now: what, its heading, its button."""
    found: list[tuple[str, str, str]] = []
    ours = row.state in (State.QUEUED, State.ESCALATED)
    if row.kind == "discrepancy" and ours:
        found += [("determine", _("Determine"), _("Determine")), ("ask", _("Ask for more"), _("Ask"))]
    elif row.kind == "retro" and ours:
        found += [("decide", _("Decide"), _("Decide")), ("ask", _("Ask for more"), _("Ask"))]
    elif row.kind not in ("discrepancy", "retro", *places.OWN):
        found.append(("close", _("Close the case"), _("Close")))
    if row.assigned_to:
        found.append(("release", _("Give it back to the queue"), _("Release")))
    found.append(("hand-over", _("Hand over"), _("Hand over")))
    return [
        {"url": _step_url(row, step), "heading": heading, "button": button, "form": _form(FORMS[step], row)}
        for step, heading, button in found
    ]


FORMS: dict[str, type[forms.Form]] = {
    "claim": Step,
    "release": Step,
    "hand-over": HandOver,
    "ask": AskMore,
    "determine": Determine,
    "decide": Decide,
    "close": CloseIt,
}
QUIET = ("claim", "release")


@access.allow(*team.WRITERS)
@require_POST
@once.effect
def step(request: PortalRequest, case: str, step: str) -> HttpResponse:
    """Takes one step of one case, in the version that was seen; who comes second is told what happened."""
    row = _row(case)
    if step not in FORMS or row.kind in ("message", second.KIND) or (step == "close" and row.kind in places.OWN):
        raise Http404
    form = FORMS[step](request.POST)
    back = reverse("staff:case", args=[case])
    if not form.is_valid() or not numbered(form.cleaned_data["version"]):
        words = [str(error) for errors in form.errors.values() for error in errors]
        raise problems.Problem(" ".join(words) or _("This form is not complete."), back=back)
    try:
        _take(request, row, step, form.cleaned_data)
    except cases.Refused as refused:
        raise problems.Stale(str(refused), back=back) from None
    return HttpResponseRedirect(back if step in QUIET else reverse("staff:case_done", args=[case]))


def _take(request: PortalRequest, row: Case, step: str, said: dict[str, Any]) -> None:
    version = numbered(said["version"])
    match step:
        case "claim":
            cases.claim(row.number, version=version, by=request.actor, now=request.now)
        case "release":
            cases.release(row.number, version=version, by=request.actor, now=request.now)
        case "hand-over":
            cases.hand_over(row.number, to=said["to"], version=version, by=request.actor, now=request.now)
        case "close":
            cases.close(row.number, version=version, by=request.actor, now=request.now, note=said["note"])
        case "ask" if row.kind == "retro":
            retro.ask_more(row.number, version=version, words=said["words"], by=request.actor, now=request.now)
        case "ask":
            claims.ask_more(row.number, version=version, body=said["words"], by=request.actor, now=request.now)
        case "determine":
            chosen = None if said["determination"] == AS_FOUND else Determination(said["determination"])
            claims.confirm(
                row.number, version=version, by=request.actor, now=request.now, determination=chosen,
                because=said["because"],
            )  # fmt: skip
        case "decide":
            _decide(request, row, version, said)


def _decide(request: PortalRequest, row: Case, version: int, said: dict[str, Any]) -> None:
    decided = rulings.decide(
        row.number, version=version, outcome=Outcome(said["outcome"]), because=said["because"], by=request.actor,
        now=request.now,
    )  # fmt: skip
    if not decided.decision.granted:
        raise cases.Refused("; ".join(f"{one.because}. {one.cure}".strip() for one in decided.decision.unmet))


@access.allow(*team.READERS)
@require_safe
def done(request: PortalRequest, case: str) -> HttpResponse:
    """The receipt of a step: the case's number, where it is now, what follows."""
    row = _row(case)
    last = case_facts.story(row)[-1]
    following = {
        State.ANSWERED: NextStep(_("The broker is told by a notice, and may agree or ask for another review.")),
        State.WAITING: NextStep(_("The broker is asked; when the answer comes, the case has its old place again.")),
        State.CLOSED: NextStep(_("The case is closed.")),
    }
    context = {
        "title": _("Done: %(what)s") % {"what": last.what},
        "reference": row.number,
        "facts": [Fact(_("State"), row.state), Fact(_("When"), last.at)],
        "next_steps": [following.get(State(row.state), NextStep(_("The case waits in the queue.")))],
        "links": [
            NavItem(_("The case"), reverse("staff:case", args=[case])),
            NavItem(_("All cases of its kind"), f"{reverse('staff:cases')}?kind={row.kind}"),
            NavItem(_("Tasks"), reverse("staff:dashboard")),
        ],
    }
    return render(request, "web/confirmation.html", context)
