"""A returned file: sent, shown as it was understood, submitted, and answered with a receipt for every row."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aor.audit import operations as journal
from aor.discrepancies import intake
from aor.discrepancies import queries as discrepancies
from aor.discrepancies.intake import Received
from aor.incidents import operations as incidents
from aor.incidents import queries as incident_facts
from aor.policy.discrepancy import Told
from aor.web import access, changed, once
from aor.web.access import PortalRequest
from aor.web.claims import draft, own, words
from aor.web.claims.draft import Draft
from aor.web.components import Column, Fact, NavItem, NextStep, Table, link, pages_of, query_url
from aor.web.forms import Form, Submitted, Versioned
from aor.web.templatetags.components import day
from aor.workbooks import discrepancy_return
from aor.workbooks.discrepancy_return import TableRefused
from aor.workbooks.returned import Returned, ReturnedRow

AT_ONCE, MOST_ROWS = 50, 5_000
_BESIDE_THE_NAME = [name for name in words.FIELDS if name not in ("last_name", "first_name")]


class Send(Form):
    """The returned workbook, or any table with headings."""

    file = forms.FileField(
        label=gettext_lazy("Your file"),
        help_text=gettext_lazy("Excel (.xlsx) or CSV, at most 20 MB. Never send Social Security numbers."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"empty": gettext_lazy("This file is empty. Choose the workbook with your rows.")},
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if (file.size or 0) > discrepancy_return.MOST_BYTES:
            raise forms.ValidationError(
                _("This file is larger than 20 MB: send the rows to add in a file of their own.")
            )
        return file


class _Sure(Submitted, Versioned, Form):
    """Nothing to fill in."""


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: PortalRequest) -> HttpResponse:
    """Takes a file in to be looked at: nothing is submitted yet."""
    npn = own.npn(request)
    form = Send(request.POST or None, request.FILES or None) if request.method == "POST" else Send()
    if request.method == "POST" and form.is_valid():
        try:
            draft.keep(request, understood(request, form.cleaned_data["file"]))
            return HttpResponseRedirect(reverse("claims:check"))
        except TableRefused as refused:
            form.add_error(
                "file", _("This file cannot be read: %(because)s.") % {"because": str(refused).rstrip(".")}
            )
    context = {
        "title": _("Report discrepancies"),
        "crumbs": [NavItem(_("Report questions"), reverse("claims:list")), NavItem(_("Send a file"))],
        "lead": _("Tell us whom you miss on your report, or whom you should not see on it."),
        "form": form,
        "submit": _("Look at the file"),
        "cancel_url": reverse("claims:list"),
        "npn": npn,
    }
    return render(request, "claims/send.html", context)


def understood(request: PortalRequest, file: UploadedFile[Any]) -> Draft:
    """What a file says. Raises TableRefused also where it says nothing, or too much for one page."""
    if (file.size or 0) > discrepancy_return.MOST_BYTES:
        raise TableRefused(_("it is larger than 20 MB"))
    content = file.read()
    returned = intake.read(content, npn=own.npn(request), now=request.now)
    if not (returned.claims or returned.incidents or returned.refused):
        raise TableRefused(_("no row was added or changed in it"))
    if len(returned.claims) > MOST_ROWS:
        raise TableRefused(_("it has more than %(most)s rows to report: send it in parts") % {"most": MOST_ROWS})
    return Draft(returned, (file.name or "")[:255], hashlib.sha256(content).hexdigest())


# Before it is submitted ---------------------------------------------------------------------------------------------


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def check(request: PortalRequest) -> HttpResponse:
    """Every row with what was understood, what is missing and the first finding; one click submits them all."""
    changed.still(request, draft.KEY, back=reverse("claims:send"))
    sending = draft.kept(request)
    if sending is None:
        messages.info(request, _("There is nothing to look at. Choose a file first."))
        return HttpResponseRedirect(reverse("claims:send"))
    form = _Sure(request.POST or None, initial={"version": changed.mark(request, draft.KEY)})
    if request.method == "POST" and form.is_valid():
        return _submit(request, sending)
    said = sending.returned
    page = Paginator(said.claims, AT_ONCE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    told = intake.preview(rows, npn=own.npn(request), now=request.now)
    details = _("first findings before submitting")
    journal.record_read(
        subject=("broker", own.npn(request)), what="first findings", purpose=details, by=request.actor, at=request.now
    )
    context = {
        "title": _("Check what we understood"),
        "crumbs": [NavItem(_("Report questions"), reverse("claims:list")), NavItem(_("Check"))],
        "form": form,
        "facts": _facts(sending),
        "notices": [words.sentence(one) for one in said.notices],
        "table": _table(rows, told),
        "pages": pages_of(page, lambda number: query_url(request.GET, page=number)),
        "incidents": _apart(said),
        "refused": Table(
            _("Rows that cannot be read"),
            [Column(_("Row")), Column(_("Because"))],
            [(str(one.line), words.sentence(one.because)) for one in said.refused],
        ),
        "sheets": _sheets(said),
        "submit": _submit_words(said),
        "of_a_form": not sending.sha256,
    }
    return render(request, "claims/check.html", context)


def _submit_words(said: Returned) -> str:
    count = len(said.claims) + len(said.incidents)
    return ngettext("Submit one row", "Submit %(count)s rows", count) % {"count": count}


def _facts(sending: Draft) -> list[Fact]:
    said = sending.returned
    lacking = sum(bool(row.missing) for row in said.claims)
    facts = [Fact(_("File"), sending.name)] if sending.sha256 else []
    if said.report_numbers:
        facts.append(Fact(_("Made from report"), ", ".join(said.report_numbers)))
    return [
        *facts,
        Fact(_("Rows to report"), str(len(said.claims))),
        Fact(_("Of these, something is missing in"), str(lacking)),
        Fact(_("Rows marked “not my client”"), str(len(said.incidents))),
        Fact(_("Rows that cannot be read"), str(len(said.refused))),
    ]


def _table(rows: list[ReturnedRow], told: list[Told]) -> Table:
    columns = [
        Column(_("Row")),
        Column(_("Consumer")),
        Column(_("Understood")),
        Column(_("Missing or unclear")),
        Column(_("First finding")),
    ]
    shown = [
        (
            capfirst(words.where(row.sheet, row.line)),
            words.person(row.fields),
            _understood(row),
            words.lines([words.sentence(one) for one in row.problems]) or words.fields(row.missing) or _("nothing"),
            words.lines([words.sentence(one.says), words.sentence(one.because), words.sentence(one.what_to_do)]),
        )
        for row, one in zip(rows, told, strict=True)
    ]
    return Table(_("Rows to report"), columns, shown, empty=_("No row is a discrepancy."))


def _understood(row: ReturnedRow) -> object:
    """What beside the name was read; and what was read for no field."""
    named = [f"{words.FIELDS[name]}: {row.fields[name]}" for name in _BESIDE_THE_NAME if row.fields.get(name)]
    unread = [
        f"{heading}: {text} ({_('not understood')})"
        for heading, text in row.unread.items()
        if heading not in intake.PUBLISHED
    ]
    return words.lines([*named, *unread]) or _("nothing")


def _apart(said: Returned) -> Table:
    """The rows that say that a consumer is not theirs."""
    columns = [Column(_("Row")), Column(_("Consumer"))]
    rows = [(capfirst(words.where(row.sheet, row.line)), words.person(row.fields)) for row in said.incidents]
    return Table(_("Rows marked “not my client”"), columns, rows)


def _sheets(said: Returned) -> Table:
    columns = [Column(_("Sheet")), Column(_("Columns understood")), Column(_("Columns not understood"))]
    rows = [
        (
            sheet.name or _("the file"),
            words.lines(
                f"{one.text} = {words.FIELDS.get(one.name, one.name.replace('_', ' '))}"
                for one in sheet.headings
                if one.name
            )
            or _("none"),
            words.lines(one.text for one in sheet.headings if not one.name) or _("none"),
        )
        for sheet in said.sheets
    ]
    return Table(_("Sheets and columns"), columns, rows, show_caption=False)


def _submit(request: PortalRequest, sending: Draft) -> HttpResponse:
    done = submitted(request, sending)
    draft.drop(request)
    return HttpResponseRedirect(reverse("claims:received", args=[done.batch]) + ("?again=1" if done.again else ""))


def submitted(request: PortalRequest, sending: Draft) -> Received:
    """A case for each row, and an incident for those that are not theirs."""
    npn, by, now = own.npn(request), request.actor, request.now
    done = intake.take(sending.returned, sha256=sending.sha256, name=sending.name, npn=npn, by=by, now=now)
    incidents.report_returned(sending.returned, npn=npn, batch=done.batch, by=by, now=now)
    return done


@access.allow(*own.FAMILY)
@require_POST
def drop(request: PortalRequest) -> HttpResponse:
    """Forgets what was not submitted."""
    draft.drop(request)
    return HttpResponseRedirect(reverse("claims:send"))


# Afterwards ---------------------------------------------------------------------------------------------------------


@access.allow(*own.FAMILY)
@require_safe
def received(request: PortalRequest, batch: int) -> HttpResponse:
    """One receipt a row, with its place and the day by which we answer."""
    npn = own.npn(request)
    sent = discrepancies.batch(npn, batch)
    if sent is None:
        raise Http404
    page = Paginator(discrepancies.of_broker_latest(npn).filter(batch=sent).order_by("case_id"), AT_ONCE).get_page(
        request.GET.get("page")
    )
    told = discrepancies.as_told(list(page.object_list))
    own.saw(request, [one.receipt for one in told], what="receipts")
    opened = incident_facts.of_batch(sent.pk)
    columns = [
        Column(_("Receipt")),
        Column(_("Row")),
        Column(_("Consumer")),
        Column(_("First finding")),
        Column(_("Place and expected day")),
    ]
    rows = [
        (
            link(one.receipt, reverse("claims:claim", args=[one.receipt])),
            capfirst(words.where(one.sheet, one.line)),
            words.person(one.fields),
            words.sentence(one.determination),
            words.expected(one) if one.place else words.state(one),
        )
        for one in told
    ]
    context: dict[str, Any] = {
        "title": ngettext("We received one row", "We received %(count)s rows", sent.rows) % {"count": sent.rows}
        if sent.rows
        else _("We received your file"),
        "reference": f"DB-{sent.pk:06d}",
        "again": "again" in request.GET,
        "opened": [(one, reverse("claims:incident", args=[one])) for one in opened],
        "table": Table(_("Receipts"), columns, rows),
        "pages": pages_of(page, lambda number: query_url(request.GET, page=number)),
        "next_steps": _next([one.expected_on for one in told if one.expected_on], lacking=bool(told), opened=opened),
        "links": [
            NavItem(_("All discrepancies"), reverse("claims:list")),
            NavItem(_("Send another file"), reverse("claims:send")),
        ],
    }
    return render(request, "claims/received.html", context)


def _next(expected: list[Any], *, lacking: bool, opened: list[str]) -> list[NextStep]:
    steps = []
    if lacking:
        last = format_html(_("Expected by {}"), day(max(expected))) if expected else ""
        steps = [
            NextStep(_("The broker team looks at each row, in the order received."), last),
            NextStep(_("Where something is missing we wait for you; the row keeps its place.")),
            NextStep(_("We write to you when there are answers. You find them here, and as a workbook.")),
        ]
    if opened:
        steps.append(
            NextStep(
                _("For rows that are not your clients, the report is withdrawn, checked and sent anew."),
                _("Delete your copies of it now, and say so under incident %(number)s.") % {"number": opened[0]},
            )
        )
    return steps
