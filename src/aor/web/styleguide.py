"""Every component in every state on one page, in demonstrations only: what the look is judged by."""

from __future__ import annotations

from datetime import UTC, date, datetime

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from aor.policy.decision import Finding
from aor.web import access
from aor.web import components as c
from aor.web import forms as portal_forms
from aor.web.access import PortalRequest
from aor.web.templatetags import components as tags

CITES = "Agent of Record, Broker Requirements"
FINDINGS = (
    Finding("CERTIFIED", True, "certified for 2026 since 2025-09-10", CITES, tested_on=date(2026, 1, 15)),
    Finding(
        "APPOINTED",
        False,
        "not appointed by HealthCo on 2026-01-15",
        CITES,
        "HealthCo appoints the broker; the agent of record then begins on the first day of the next month.",
        date(2026, 1, 15),
    ),
    Finding("CARRIER_KNOWN", None, "the carrier 99999 is not known here", CITES, "The broker team adds the carrier."),
)
EVENTS = (
    c.Event(datetime(2026, 1, 5, 20, 5, tzinfo=UTC), "The consumer confirmed the association.", "the consumer"),
    c.Event(date(2026, 1, 15), "Held: a rule is not met.", findings=FINDINGS[1:2], tone="warning"),
    c.Event(datetime(2026, 2, 20, 15, 0, tzinfo=UTC), "Sent to HealthCo.", "the system", "Set 0001", tone="info"),
    c.Event(datetime(2026, 2, 21, 9, 30, tzinfo=UTC), "HealthCo rejected the set.", "HealthCo", tone="error"),
    c.Event(datetime(2026, 2, 24, 9, 30, tzinfo=UTC), "HealthCo accepted the set.", "HealthCo", tone="success"),
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SENT = (310, 284, 190, 120, 96, 101, 88, 93, 140, 260, 905, 760)


class Everything(portal_forms.Form, portal_forms.Versioned, portal_forms.Submitted):
    """One field of every kind."""

    name = forms.CharField(label="Name", help_text="As it stands on the licence.")
    email = forms.EmailField(label="E-mail address", required=False)
    born = portal_forms.DayField(label="Date of birth")
    households = forms.IntegerField(label="Number of households", min_value=0)
    carrier = forms.ChoiceField(label="Carrier", choices=[("1", "HealthCo"), ("2", "Northern Dental")])
    path = forms.ChoiceField(
        label="How did it begin?",
        help_text="Choose one.",
        choices=[("invited", "The broker invited me"), ("designated", "I chose the broker")],
        widget=forms.RadioSelect,
    )
    languages = forms.MultipleChoiceField(
        label="Languages",
        required=False,
        choices=[("es", "Spanish"), ("hmn", "Hmong"), ("so", "Somali")],
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label="Reason", widget=forms.Textarea(attrs={"rows": 4}), help_text="One or two sentences."
    )
    evidence = forms.FileField(label="Evidence", help_text="PDF, PNG or JPEG, up to 10 MB.")
    agreed = forms.BooleanField(label="I have read the agreement", help_text="It holds for one plan year.")


def table(request: PortalRequest, rows: int = 3) -> c.Table:
    """A book of business in small, sortable by what the address says."""
    by = request.GET.get("sort", "name")
    states = ("accepted", "held", "sent")
    return c.Table(
        "Your clients",
        (
            c.sorting("Consumer", "name", request.GET, by=by),
            c.Column("Carrier"),
            c.sorting("Effective", "effective", request.GET, by=by),
            c.Column("State"),
            c.Column("People", numeric=True),
        ),
        [
            (
                c.link(f"Example Person {number + 1}", "#why", described="why"),
                "HealthCo",
                tags.day(date(2026, number + 1, 1)),
                tags.state_tag(states[number % 3]),
                number + 1,
            )
            for number in range(rows)
        ],
        empty="You have no clients yet.",
    )


@access.public
@require_safe
def styleguide(request: PortalRequest) -> HttpResponse:
    """All of it; `?errors=1` shows the forms with errors, `?show=` a whole page such as a confirmation."""
    if not (settings.AOR_TIME_TRAVEL or settings.AOR_DEMO):
        raise Http404
    if whole := WHOLE_PAGES.get(request.GET.get("show", "")):
        template, shown = whole
        return render(request, template, shown | {"form": Everything() if template == "web/form.html" else Nothing()})
    wrong = "errors" in request.GET
    asked = Everything({"email": "not an address", "submission": ""} if wrong else None, initial={"version": "7"})
    page = Paginator(range(2310), 50).page(7)
    shown = PARTS | {
        "title": "Style guide",
        "form": asked,
        "table": table(request),
        "pages": c.pages_of(page, lambda number: c.query_url({}, page=number), said="301 to 350 of 2,310"),
        "whole_pages": WHOLE_PAGES,
    }
    return render(request, "web/styleguide.html", shown)


class Nothing(portal_forms.Form, portal_forms.Submitted):
    """What is sent with checked answers."""


POINTS = [c.Point(month, count) for month, count in zip(MONTHS, SENT, strict=True)]
CAUSES = [c.Point("enrollment sent", 41), c.Point("appointed", 12), c.Point("certified", 0)]
FACTS = (
    c.Fact("Broker", "Example Broker, NPN 1234567", "#change"),
    c.Fact("Carrier", "HealthCo"),
    c.Fact("Begins", date(2026, 2, 1), "#change"),
)
CRUMBS = (c.NavItem("Start", "/"), c.NavItem("Style guide"))
STEPS = ("Consumer", "Consent", "Check", "Done")
PARTS: dict[str, object] = {
    "crumbs": CRUMBS,
    "facts": FACTS,
    "no_rows": c.Table("Nobody", (c.Column("Name"),), (), empty="No invitation is waiting."),
    "chips": (c.Chip("State: held", "?"), c.Chip("Carrier: HealthCo", "?")),
    "cards": (
        c.CountCard("At risk", 12, "?state=risk", "error", hint="5 end this month"),
        c.CountCard("Held", 34, "?state=held", "warning", current=True),
        c.CountCard("Not yet sent", 3, "?state=ready", "info"),
        c.CountCard("Accepted", 2261, "?state=accepted", "success"),
        c.CountCard("Ended", 0, "?state=ended"),
    ),
    "events": EVENTS,
    "findings": FINDINGS,
    "states": tuple(tags.STATES),
    "tasks": (
        c.Task("Sign the agreement for 2027", "Completed", "#", tone="success"),
        c.Task("Add your licence", "In progress", "#", "The number is on the state's letter.", "info"),
        c.Task("Name the carriers that appointed you", "Not yet started", "#"),
        c.Task("Send your registration", "Cannot start yet", hint="Complete the tasks above first."),
    ),
    "labels": STEPS,
    "bars": c.Chart("Agents of record sent, 2026", POINTS, "bar", "Month", "Sent"),
    "lines": c.Chart("Agents of record sent, 2026, as a line", POINTS, "line", "Month", "Sent"),
    "rows": c.Chart("Held, by cause", CAUSES, "rows", "Cause", "Agents of record"),
}
WHOLE_PAGES: dict[str, tuple[str, dict[str, object]]] = {
    "form": (
        "web/form.html",
        {
            "title": "Who is your client?",
            "crumbs": CRUMBS,
            "lead": "As on their card.",
            "step_labels": STEPS,
            "step": 1,
        }
        | {"cancel_url": "?"},
    ),
    "check-answers": (
        "web/check_answers.html",
        {"title": "Check your answers", "step_labels": STEPS, "step": 3, "cancel_url": "?"}
        | {"sections": (("Your broker", FACTS), ("What they may see", FACTS[1:]))}
        | {"consequence": "Example Broker sees your data at once, and is agent of record from February 1."},
    ),
    "confirmation": (
        "web/confirmation.html",
        {
            "title": "You have chosen your broker",
            "reference": "AB-2026-000123",
            "facts": FACTS[1:2],
            "next_steps": (
                c.NextStep("We tell HealthCo who your broker is", "Tonight, after 6 p.m."),
                c.NextStep("HealthCo answers", "Within two business days"),
            ),
            "links": (c.NavItem("Go to My broker", "#"),),
        },
    ),
    "problem": (
        "web/problem.html",
        {
            "title": "This changed in the meantime",
            "because": "Ben Example ended it on January 5, 2026, at 2:05 p.m. Nothing that you entered was lost.",
            "back": "?",
        },
    ),
    "too-many-tries": ("429.html", {}),
}
