"""Rows of a report that are not the broker's clients: ticked on the page, so that nobody types a name (R9)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import roles
from aor.cases import queries as cases
from aor.incidents import operations as incidents
from aor.incidents import queries
from aor.incidents.models import Incident
from aor.reports import queries as reports
from aor.reports.models import Line, Report
from aor.web import access, once, problems, reads
from aor.web.access import PortalRequest
from aor.web.claims import own
from aor.web.components import Column, NavItem, NextStep, Table, Words, pages_of, query_url
from aor.web.forms import Form, Submitted
from aor.web.templatetags.components import day

AT_ONCE = 100


class NotMine(Submitted, Form):
    """Which rows: some of a page, or every row of the report."""

    rows = forms.MultipleChoiceField(required=False, label=gettext_lazy("Rows"))
    every = forms.BooleanField(
        required=False,
        label=gettext_lazy("No row of this report is my client: it is another broker’s list"),
    )

    def __init__(self, *args: Any, lines: list[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rows"].choices = [(str(one.pk), str(one.pk)) for one in lines]  # type: ignore[attr-defined]  # a choice field

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not self.errors and not (said.get("rows") or said.get("every")):
            raise forms.ValidationError(_("Tick the rows that are not your clients."))
        return said


def _report(request: PortalRequest, number: str) -> Report:
    """A report of this broker that may still be fetched; another's is not found."""
    found = next((one for one in reports.of_broker(own.npn(request)) if one.number == number), None)
    if found is None:
        raise Http404
    if reports.withdrawn([found.pk]):
        words = _("This report is withdrawn already. A corrected one with a new number takes its place.")
        raise problems.Gone(words, back=reverse("broker:reports"))
    return found


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def not_mine(request: PortalRequest, number: str) -> HttpResponse:
    """The rows of a report to tick; one click opens the incident, and the report is withdrawn."""
    report = _report(request, number)
    lines = list(report.lines.select_related("enrollment__subscriber").order_by("last_name", "first_name", "pk"))
    form = NotMine(request.POST if request.method == "POST" else None, lines=lines)
    if request.method == "POST" and form.is_valid():
        every = form.cleaned_data["every"]
        chosen = [one.pk for one in lines] if every else [int(one) for one in form.cleaned_data["rows"]]
        decision, opened = incidents.report_rows(chosen, npn=own.npn(request), by=request.actor, now=request.now)
        if decision.granted:
            return HttpResponseRedirect(reverse("claims:incident_done", args=[opened, "reported"]))
        for finding in decision.unmet:
            form.add_error(None, f"{finding.because}. {finding.cure}".strip())
    page = Paginator(lines, AT_ONCE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    reads.saw(request, [one.enrollment.subscriber.exchange_subscriber_id for one in shown], what="report rows")
    context = {
        "title": _("Who is not your client?"),
        "caption": number,
        "crumbs": [NavItem(_("Reports"), reverse("broker:reports")), NavItem(_("Not my client"))],
        "form": form,
        "table": _table(shown),
        "pages": pages_of(page, lambda at: query_url(request.GET, page=at)),
        "several": page.paginator.num_pages > 1,
        "cancel_url": reverse("broker:reports"),
    }
    return render(request, "claims/not_mine.html", context)


def _table(lines: list[Line]) -> Table:
    box = (
        '<span class="usa-checkbox"><input class="usa-checkbox__input" type="checkbox" name="rows" id="row-{0}" '
        'value="{0}"><label class="usa-checkbox__label" for="row-{0}">{1}</label></span>'
    )
    rows = [
        (
            format_html(box, one.pk, f"{one.last_name}, {one.first_name}".rstrip(", ")),
            one.policy_id,
            one.carrier_name,
            day(one.coverage_effective),
            day(one.date_sent),
        )
        for one in lines
    ]
    columns = [Column(one) for one in (_("Consumer"), _("Policy"), _("Carrier"), _("Coverage"), _("Date sent"))]
    return Table(_("Rows of the report"), columns, rows, empty=_("The report has no rows of its own."))


# Afterwards ---------------------------------------------------------------------------------------------------------

DONE: dict[str, tuple[Words, Words]] = {
    "reported": (
        gettext_lazy("We received it: an incident is opened"),
        gettext_lazy(
            "Delete your copies of the report now: files, mails and prints. Then say so under the incident."
        ),
    ),
    "attested": (
        gettext_lazy("Thank you: your word is kept with the incident"),
        gettext_lazy("A privacy officer finds out why the row was on the report."),
    ),
}


def of(request: PortalRequest, number: str) -> Incident:
    """An incident that this broker opened, or whose report with the row they were given; another's is not found."""
    npn = own.npn(request)
    row = Incident.objects.select_related("case").filter(case__number=number).first()
    if row is None or not (row.npn == npn or any(one.npn == npn for one in queries.carrying(row))):
        raise Http404
    return row


@access.allow(roles.Broker)
@require_safe
def done(request: PortalRequest, incident: str, done: str) -> HttpResponse:
    """What was done, and what happens next, and when."""
    row = of(request, incident)
    if done not in DONE:
        raise Http404
    title, first = DONE[done]
    due = due_on(row)
    context = {
        "title": title,
        "reference": incident,
        "next_steps": [
            NextStep(_("The report cannot be downloaded any more. A privacy officer is told."), _("Today")),
            NextStep(first, _("Today") if done == "reported" else ""),
            NextStep(
                _("A corrected report with a new number is sent to you."),
                format_html(_("Expected by {}"), day(due)) if due else "",
            ),
        ],
        "links": [
            NavItem(_("The incident"), reverse("claims:incident", args=[incident])),
            NavItem(_("Reports"), reverse("broker:reports")),
        ],
    }
    return render(request, "web/confirmation.html", context)


def due_on(row: Incident) -> date | None:
    """The last day for the corrected report, while it is to come."""
    clocks = cases.clocks([row.case_id]).get(row.case_id, ())
    return next((one.last_day for one in clocks if one.name == queries.CORRECTED and one.met_at is None), None)
