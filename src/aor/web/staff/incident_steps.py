"""The steps of an incident, each a form that says first what it would do, and a receipt."""

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

from aor.cases import queries as cases
from aor.cases.models import State
from aor.cases.operations import Refused
from aor.incidents import operations as acts
from aor.incidents import queries
from aor.incidents.models import Incident
from aor.reports import queries as reports
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, NextStep, Words
from aor.web.forms import Form, Submitted, Versioned, numbered
from aor.web.staff import team
from aor.web.templatetags.components import instant

PLACED = "every row placed"
ATTESTED_BY = f"{queries.ATTESTED} by "
NAMES: Mapping[str, Words] = {
    PLACED: gettext_lazy("Every row is told apart"),
    queries.WITHDRAWN: gettext_lazy("The reports are withdrawn"),
    queries.PRIVACY_OFFICER: gettext_lazy("The privacy officer is told"),
    queries.BEGUN: gettext_lazy("The assessment has begun"),
    queries.ASSESSED: gettext_lazy("The assessment is made"),
    queries.CORRECTED: gettext_lazy("Corrected reports are issued"),
}
NOBODY = "none"


class Sure(Submitted, Versioned, Form):
    """A step without words."""


def _words(label: Any, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=450,
        required=required,
        help_text=gettext_lazy("For the record. Never write a consumer's name."),
    )


class Noted(Sure):
    """What was done, for the record."""

    words = _words(gettext_lazy("Note"), required=False)


class Place(Sure):
    """Which policy a row is, or that it is none."""

    row = forms.TypedChoiceField(label=gettext_lazy("Row"), coerce=int)
    policy = forms.CharField(
        label=gettext_lazy("Policy number"), max_length=50, required=False,
        help_text=gettext_lazy("As the report shows it. Leave it empty where the row is on no report."),
    )  # fmt: skip
    words = _words(gettext_lazy("Why it is on no report"), required=False)

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incident = incident
        told = {one.place: f"{one.place}: {one.sheet} {one.number or ''}" for one in incident.rows.filter(line=None)}
        waiting = [(str(place), told.get(place, str(place))) for place in queries.unplaced(incident)]
        self.fields["row"].choices = waiting  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        said, policy = self.cleaned_data, self.cleaned_data.get("policy", "")
        said["line"] = queries.line_of_policy(self.incident.npn, policy) if policy else None
        if policy and said["line"] is None:
            self.add_error("policy", _("No report of this broker shows policy %(policy)s.") % {"policy": policy})
        if not policy and not said.get("words", "").strip():
            self.add_error("words", _("Give the policy number, or say why the row is on no report."))
        return said


class Attested(Sure):
    """Whose word, and how it came."""

    npn = forms.ChoiceField(label=gettext_lazy("Broker"))
    words = _words(gettext_lazy("How the word came, or why none can come"))

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        done = queries.steps_done(incident)
        missing = [npn for npn in queries.holders(incident) if not done[f"{ATTESTED_BY}{npn}"]]
        self.fields["npn"].choices = [(npn, npn) for npn in missing]  # type: ignore[attr-defined]  # a ChoiceField


class Assess(Sure):
    """What was found."""

    found = forms.ChoiceField(
        label=gettext_lazy("The agent of record"),
        choices=[
            ("right", gettext_lazy("was right: the row was the broker's")),
            ("wrong", gettext_lazy("was wrong: it is taken out of the record, and the carrier is corrected")),
        ],
        widget=forms.RadioSelect,
    )
    breach = forms.ChoiceField(
        label=gettext_lazy("The disclosure"),
        choices=[
            ("no", gettext_lazy("is no breach")),
            ("yes", gettext_lazy("is a breach: the consumers are told, in their language")),
        ],
        widget=forms.RadioSelect,
    )
    words = _words(gettext_lazy("What was found"))


FORMS: Mapping[str, type[Sure]] = {
    "place": Place,
    "tell": Noted,
    "begin": Noted,
    "assess": Assess,
    "attested": Attested,
    "reissue": Sure,
    "close": Sure,
}
TITLES: Mapping[str, Words] = {
    "place": gettext_lazy("Tell a row apart"),
    "tell": gettext_lazy("The privacy officer was told"),
    "begin": gettext_lazy("Begin the assessment"),
    "assess": gettext_lazy("Record the assessment"),
    "attested": gettext_lazy("Record that copies are deleted"),
    "reissue": gettext_lazy("Issue corrected reports"),
    "close": gettext_lazy("Close the incident"),
}
LEADS: Mapping[str, Words] = {
    "place": gettext_lazy("Every report that shows the policy is withdrawn at once, and its brokers are told."),
    "tell": gettext_lazy("For a privacy officer who is told by telephone or in person: the clock stops."),
    "begin": gettext_lazy("The clock of the assessment stops."),
    "assess": gettext_lazy("This cannot be taken back."),
    "attested": gettext_lazy("Brokers say so themselves on their page. This is for one who cannot sign in any more."),
    "reissue": gettext_lazy("Each withdrawn report is issued anew with a new number, and its broker is told."),
    "close": gettext_lazy("Every step is done. The broker who reported it is told."),
}


def possible(row: Incident) -> dict[str, str]:
    """The address of what can be done now, by the step it does; "close" where all is done."""
    if row.case.state == State.CLOSED:
        return {}
    done = queries.steps_done(row)
    kinds = set(row.steps.values_list("kind", flat=True))
    wanted = {
        PLACED: "place" if not done[PLACED] else "",
        queries.PRIVACY_OFFICER: "tell" if not done[queries.PRIVACY_OFFICER] else "",
        queries.BEGUN: "begin" if queries.BEGUN not in kinds else "",
        queries.ASSESSED: "assess" if not done[queries.ASSESSED] and done[PLACED] else "",
        **{name: "attested" for name, is_done in done.items() if name.startswith(ATTESTED_BY) and not is_done},
        queries.CORRECTED: "reissue" if done[queries.ASSESSED] and not done[queries.CORRECTED] else "",
        "close": "close" if all(done.values()) else "",
    }
    number = row.case.number
    return {name: reverse("staff:incident_step", args=[number, deed]) for name, deed in wanted.items() if deed}


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.steps
def step(request: PortalRequest, incident: str, deed: str) -> HttpResponse:
    """Says what a step would do, and does it."""
    row = _of(incident)
    here, back = request.path, reverse("staff:incident", args=[incident])
    if deed not in FORMS:
        raise Http404
    if here not in possible(row).values():
        raise problems.Stale(_("This step is done, or cannot be done yet."), back=back)
    own = {"incident": row} if deed in ("place", "attested") else {}
    data = request.POST if request.method == "POST" else None
    form = FORMS[deed](data, initial={"version": row.case.version}, **own)
    if request.method == "POST" and form.is_valid():
        try:
            refused = _do(request, row, deed, form.cleaned_data)
        except Refused as because:
            raise problems.Stale(str(because), back=back) from None
        if not refused:
            return HttpResponseRedirect(reverse("staff:incident_done", args=[incident, deed]))
        form.add_error(None, refused)
    context = {
        "title": TITLES[deed],
        "caption": incident,
        "crumbs": [
            NavItem(_("Incidents"), reverse("staff:incidents")),
            NavItem(incident, back),
            NavItem(TITLES[deed]),
        ],
        "lead": LEADS[deed],
        "facts": _preview(row, deed),
        "form": form,
        "submit": TITLES[deed],
        "cancel_url": back,
    }
    return render(request, "staff/step.html", context)


def _of(number: str) -> Incident:
    try:
        return queries.incident(number)
    except Incident.DoesNotExist:
        raise Http404 from None


def _preview(row: Incident, deed: str) -> list[Fact]:
    """What would follow, in numbers."""
    if deed == "assess":
        return [
            Fact(_("If wrong: associations taken out of history"), len(queries.behind(row))),
            Fact(_("If wrong: policies whose carrier is corrected"), len(queries.identities(row))),
            Fact(_("If a breach: consumers told"), len(queries.people(row))),
        ]
    if deed == "reissue":
        issues = queries.carrying(row)
        latest = reports.latest_issues().filter(pk__in=[one.pk for one in issues])
        gone = len(reports.removed_for(row.case.number))
        left = _("they leave out %(count)s rows") % {"count": gone} if gone else _("their rows are as they were")
        return [Fact(_("Reports to be issued anew"), latest.count()), Fact(_("What they show"), left)]
    if deed == "place":
        return [Fact(_("Rows to tell apart"), len(queries.unplaced(row)))]
    return []


def _do(request: PortalRequest, row: Incident, deed: str, said: Mapping[str, Any]) -> str:
    """Takes the step; why not, "" where it was done."""
    number, by, now = row.case.number, request.actor, request.now
    match deed:
        case "place" if said["line"] is not None:
            acts.place(number, row=said["row"], line=said["line"].pk, by=by, now=now)
        case "place":
            acts.not_found(number, row=said["row"], words=said["words"], by=by, now=now)
        case "tell":
            acts.privacy_officer_told(number, words=said["words"], by=by, now=now)
        case "begin":
            acts.begin(number, words=said["words"], by=by, now=now)
        case "attested":
            acts.attested_in_writing(number, npn=said["npn"], words=said["words"], by=by, now=now)
        case "assess":
            wrong, breach = said["found"] == "wrong", said["breach"] == "yes"
            acts.assess(number, wrong=wrong, breach=breach, words=said["words"], by=by, now=now)
        case "reissue":
            acts.reissue(number, by=by, now=now)
        case "close":
            version = numbered(said["version"])
            decision = acts.close(number, version=version, by=by, now=now)
            return "; ".join(finding.because for finding in decision.unmet)
    return ""


@access.allow(*team.WRITERS)
@require_safe
def done(request: PortalRequest, incident: str, deed: str) -> HttpResponse:
    """The receipt of a step: what is next, and until when."""
    row = _of(incident)
    if deed not in TITLES:
        raise Http404
    waiting = [one for one in cases.clocks([row.case_id]).get(row.case_id, ()) if one.met_at is None]
    missing = [name for name, is_done in queries.steps_done(row).items() if not is_done]
    follows = [NextStep(_("Clock “%(name)s”") % {"name": one.name}, instant(one.due_at)) for one in waiting]
    follows += [NextStep(str(NAMES.get(name, name)).capitalize(), _("to do")) for name in missing]
    if row.case.state == State.CLOSED:
        follows = [NextStep(_("The incident is closed. Its file stays as it is."))]
    context = {
        "title": _("Done: %(what)s") % {"what": TITLES[deed]},
        "reference": incident,
        "facts": [Fact(_("Rows reported"), len(queries.identities(row)))],
        "next_steps": follows or [NextStep(_("Close the incident."), _("now"))],
        "links": [
            NavItem(_("The incident"), reverse("staff:incident", args=[incident])),
            NavItem(_("All incidents"), reverse("staff:incidents")),
        ],
    }
    return render(request, "web/confirmation.html", context)
