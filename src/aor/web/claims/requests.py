"""A broker's retroactive requests: the list, one with its clocks and letter, and what the broker can do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields as fields_of
from io import BytesIO
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import roles
from aor.cases import correspondence
from aor.cases import operations as cases
from aor.cases import queries as case_facts
from aor.cases.models import State
from aor.cases.operations import Refused
from aor.documents import evidence
from aor.policy.decision import Decision
from aor.policy.retro import Outcome
from aor.retro import operations as retro
from aor.retro import queries, rulings
from aor.retro.models import Request
from aor.retro.queries import Fields
from aor.web import access, once
from aor.web import evidence as documents
from aor.web.access import PortalRequest
from aor.web.claims import asking, own, words
from aor.web.claims.answering import evidence_field
from aor.web.claims.claim import messages, own_steps
from aor.web.components import Column, Event, Fact, NavItem, NextStep, Table, Tone, Words, link, pages_of, query_url
from aor.web.forms import Form, Submitted, Versioned, numbered
from aor.web.templatetags.components import day, tag
from aor.workbooks.returned_fields import REMOVED, SOCIAL_SECURITY

AT_ONCE = 50
STATES: dict[str, tuple[Words, Tone]] = {
    State.QUEUED: (gettext_lazy("In review"), "info"),
    State.WAITING: (gettext_lazy("Waiting for you"), "warning"),
    State.ANSWERED: (gettext_lazy("Decided"), "success"),
    State.ESCALATED: (gettext_lazy("Appeal in review"), "info"),
    State.CLOSED: (gettext_lazy("Closed"), "neutral"),
}
OUTCOMES: dict[str, Words] = {
    Outcome.APPROVED: gettext_lazy("Approved"),
    Outcome.PROSPECTIVE: gettext_lazy("Not for the earlier date"),
    Outcome.DENIED: gettext_lazy("Denied"),
    Outcome.WITHDRAWN: gettext_lazy("Withdrawn"),
}
CLOCKS: dict[str, Words] = {
    cases.ANSWER: gettext_lazy("Our decision"),
    retro.IN_ALL: gettext_lazy("Decision and carrier, in all"),
    retro.CARRIER: gettext_lazy("The carrier's change"),
}
DONE: dict[str, tuple[Words, tuple[Words, ...]]] = {
    "received": (
        gettext_lazy("We received your request"),
        (
            gettext_lazy("The consumer is told of the request, and may object."),
            gettext_lazy("The broker team decides. You get a letter, here."),
        ),
    ),
    "added": (
        gettext_lazy("We received what you added"),
        (gettext_lazy("The request goes on, at its old place."),),
    ),
    "appealed": (
        gettext_lazy("Another officer hears your appeal"),
        (gettext_lazy("You get a new letter, here."),),
    ),
    "withdrawn": (gettext_lazy("The request was taken back"), (gettext_lazy("The case is closed."),)),
}


@access.allow(*own.FAMILY)
@require_safe
def requests(request: PortalRequest) -> HttpResponse:
    """Every request, the latest first."""
    page = Paginator(queries.of_broker(own.npn(request)), AT_ONCE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    clocks = case_facts.clocks([one.case_id for one in found])
    own.saw(request, [one.case.number for one in found], what="retroactive requests")
    rows = [
        (
            link(one.case.number, reverse("claims:request", args=[one.case.number])),
            f"{one.last_name}, {one.first_name}",
            day(one.effective_on),
            tag(*STATES[one.case.state]),
            _outcome(one),
            _expected(clocks.get(one.case_id, ())),
        )
        for one in found
    ]
    columns = [
        Column(_("Request")),
        Column(_("Consumer")),
        Column(_("From")),
        Column(_("State")),
        Column(_("Decision")),
        Column(_("Expected by")),
    ]
    empty = _("You have not asked for an earlier date yet.")
    context = {
        "title": _("Earlier dates"),
        "crumbs": [NavItem(_("Report questions"), reverse("claims:list")), NavItem(_("Earlier dates"))],
        "lead": _("Ask to be agent of record from the day on which the coverage began, within six months of it."),
        "table": Table(_("Requests"), columns, rows, empty=empty, show_caption=False),
        "pages": pages_of(page, lambda number: query_url(request.GET, page=number)),
        "is_broker": isinstance(request.holder, roles.Broker),
    }
    return render(request, "claims/requests.html", context)


def _outcome(one: Request) -> str:
    rulings = sorted(one.rulings.all(), key=lambda ruling: ruling.number)
    return str(OUTCOMES[rulings[-1].outcome]) if rulings else "–"


def _expected(clocks: tuple[case_facts.ClockFacts, ...]) -> SafeString | str:
    expected = case_facts.expected_on(clocks)
    return day(expected) if expected else "–"


@access.allow(*own.FAMILY)
@require_safe
def one(request: PortalRequest, retro: str) -> HttpResponse:
    """One request: its state and clocks, what may be told of it, the letter, and what can be done now."""
    row = own.request_of(request, retro)
    shown = _show(request, retro)
    state = row.case.state
    place = case_facts.place(row.case)
    facts = [Fact(_("State"), tag(*STATES[state]))]
    if shown.outcome:
        facts.append(Fact(_("Decision"), OUTCOMES[shown.outcome]))
    if place is not None:
        facts.append(Fact(_("Place in the queue"), str(place)))
    said = Fields(**{one.name: getattr(row, one.name) for one in fields_of(Fields)})
    context = {
        "title": f"{row.first_name} {row.last_name}",
        "caption": retro,
        "crumbs": [NavItem(_("Earlier dates"), reverse("claims:requests")), NavItem(retro)],
        "number": retro,
        "facts": [*facts, *_clocks(row)],
        "findings": shown.told.findings,
        "asked": asking.facts(said),
        "events": sorted(
            [*own_steps(row.case, asked=True), *_rulings(row), *messages(request, row.case)],
            key=lambda event: event.at,
        ),
        "evidence": documents.listed(row.case, "claims:evidence"),
        "letter": shown.letter,
        "waits": state == State.WAITING,
        "open": state in (State.QUEUED, State.WAITING, State.ESCALATED),
        "is_broker": isinstance(request.holder, roles.Broker),
        "may_appeal": state == State.ANSWERED and shown.outcome != Outcome.APPROVED,
    }
    return render(request, "claims/request.html", context)


def _show(request: PortalRequest, number: str) -> Any:
    return retro.show(number, purpose=request.holder.label, by=request.actor, now=request.now)


def _clocks(row: Request) -> list[Fact]:
    facts = []
    for one in case_facts.clocks([row.case_id]).get(row.case_id, ()):
        value = words.lines([day(one.last_day), _("stands still: we wait for you") if one.stopped else ""])
        facts.append(Fact(CLOCKS.get(one.name, one.name), _("done") if one.met_at else value))
    return facts


def _rulings(row: Request) -> list[Event]:
    return [
        Event(one.at, OUTCOMES[one.outcome], tone="success")
        for one in row.rulings.all()
        if one.outcome != Outcome.WITHDRAWN
    ]


@access.allow(*own.FAMILY)
@require_safe
def letter(request: PortalRequest, retro: str) -> FileResponse:
    """The letter of the latest decision, as PDF; the read is recorded."""
    own.request_of(request, retro)
    try:
        content = _letter(request, retro)
    except Refused:
        raise Http404 from None
    return FileResponse(BytesIO(content), as_attachment=True, filename=f"{retro}.pdf", content_type="application/pdf")


def _letter(request: PortalRequest, number: str) -> bytes:
    return retro.read_letter(number, purpose=request.holder.label, by=request.actor, now=request.now)


# What the broker does -----------------------------------------------------------------------------------------------


class Sure(Submitted, Versioned, Form):
    """Nothing to fill in."""


class Added(Submitted, Versioned, Form):
    """Words, a document, or both."""

    body = forms.CharField(
        label=gettext_lazy("Your words to the broker team"),
        help_text=gettext_lazy("Never write a Social Security number."),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=10_000,
        required=False,
    )
    evidence = evidence_field(gettext_lazy("A document, such as the signed agreement"))

    def clean(self) -> dict[str, Any]:
        if not self.errors and not (self.files or self.cleaned_data.get("body", "").strip()):
            raise forms.ValidationError(_("Add words or a document."))
        return self.cleaned_data


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def add(request: PortalRequest, retro: str) -> HttpResponse:
    """More is added; where we waited for it the clocks run on."""
    row = own.request_of(request, retro)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = Added(*sent, initial={"version": row.case.version})
    return _step(request, row, form, lambda: _add(request, row, form), _("Add to the request"), _("Send"), "added")


def _add(request: PortalRequest, row: Request, form: forms.Form) -> None:
    number, by, now = row.case.number, request.actor, request.now
    document = own.accepted(request, "evidence")
    if document is not None:
        retro.add_evidence(
            number, content=document.content, name=document.name, media_type=document.media_type, by=by, now=now
        )
    if body := SOCIAL_SECURITY.sub(REMOVED, form.cleaned_data["body"].strip()):
        correspondence.send(number, to=cases.DESK, body=body, by=by, now=now)
    if row.case.state == State.WAITING:
        retro.more_received(number, version=_version(form), by=by, now=now)
    else:
        retro.propose(number, now=now)


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def appeal(request: PortalRequest, retro: str) -> HttpResponse:
    """The broker appeals, once."""
    row = own.request_of(request, retro)
    form = Sure(request.POST if request.method == "POST" else None, initial={"version": row.case.version})

    def act() -> Decision:
        return _appeal(request, row, form)

    return _step(request, row, form, act, _("Appeal the decision"), _("Appeal"), "appealed")


def _appeal(request: PortalRequest, row: Request, form: forms.Form) -> Decision:
    return rulings.appeal(row.case.number, version=_version(form), by=request.actor, now=request.now)


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def withdraw(request: PortalRequest, retro: str) -> HttpResponse:
    """The broker takes the request back before it is decided."""
    row = own.request_of(request, retro)
    form = Sure(request.POST if request.method == "POST" else None, initial={"version": row.case.version})
    return _step(
        request, row, form, lambda: _withdraw(request, row, form), _("Take the request back"), _("Take it back"),
        "withdrawn",
    )  # fmt: skip


def _withdraw(request: PortalRequest, row: Request, form: forms.Form) -> None:
    retro.withdraw(row.case.number, version=_version(form), by=request.actor, now=request.now)


def _version(form: forms.Form) -> int:
    """What the page showed; of a version that no page showed, none, so that it is refused."""
    return numbered(form.cleaned_data["version"])


def _step(
    request: PortalRequest,
    row: Request,
    form: forms.Form,
    act: Callable[[], Decision | None],
    title: str,
    submit: str,
    done: str,
) -> HttpResponse:
    """A form about a request, and its one act; what is refused is said in the form."""
    number = row.case.number
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                decision = act()
            if decision is None or decision.granted:
                return HttpResponseRedirect(reverse("claims:request_done", args=[number, done]))
            for finding in decision.unmet:
                form.add_error(None, words.sentence(finding.because))
        except evidence.Refused as refused:
            because = _("This document cannot be taken: %(because)s.") % {"because": refused.because}
            form.add_error("evidence", because)
        except Refused as refused:
            form.add_error(None, words.sentence(str(refused)))
    own.saw(request, [number], what="retroactive request")
    context = {
        "title": title,
        "crumbs": [
            NavItem(_("Earlier dates"), reverse("claims:requests")),
            NavItem(number, reverse("claims:request", args=[number])),
            NavItem(submit),
        ],
        "facts": [
            Fact(_("Request"), number),
            Fact(_("Consumer"), f"{row.first_name} {row.last_name}"),
            Fact(_("From"), row.effective_on),
            Fact(_("State"), tag(*STATES[row.case.state])),
        ],
        "form": form,
        "submit": submit,
        "cancel_url": reverse("claims:request", args=[number]),
    }
    return render(request, "claims/step.html", context)


@access.allow(*own.FAMILY)
@require_safe
def done(request: PortalRequest, retro: str, done: str) -> HttpResponse:
    """What was done, and what happens next, and when."""
    row = own.request_of(request, retro)
    if done not in DONE:
        raise Http404
    title, steps = DONE[done]
    expected = _expected(case_facts.clocks([row.case_id]).get(row.case_id, ()))
    when = "" if expected == "–" else format_html(_("Expected by {}"), expected)
    context = {
        "title": title,
        "reference": retro,
        "next_steps": [NextStep(one, when if at == len(steps) - 1 else "") for at, one in enumerate(steps)],
        "links": [
            NavItem(_("The request"), reverse("claims:request", args=[retro])),
            NavItem(_("All requests"), reverse("claims:requests")),
        ],
    }
    return render(request, "web/confirmation.html", context)
