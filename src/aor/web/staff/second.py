"""What needs a second officer: asked for by one, consented to by a lead who is another (readings, R12).

A request is a case; its subject says what is to be done: ("waiver", "2026-10 ALL_SENT"),
("broker", "7000001") or ("disposal", "2026-11-22"), which the next round of `aor work` carries out.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import roles
from aor.acts import standing
from aor.cases import correspondence
from aor.cases import operations as cases
from aor.cases import queries as case_facts
from aor.cases.models import Case, Message, State
from aor.close.steps import Wanted
from aor.policy.decision import Decision
from aor.terms.actor import Actor
from aor.terms.month import Month
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import Column, Fact, NavItem, NextStep, Table, Words, link
from aor.web.forms import Form, Submitted
from aor.web.staff import team
from aor.web.templatetags.components import instant

KIND = "second consent"
WAIVER, DECERTIFY, DISPOSAL = "waiver", "broker", "disposal"
CONSENTED, REFUSED = "consented", "refused"


def ask(*, subject: tuple[str, str], because: str, by: Actor, now: datetime) -> str:
    """Asks for the consent of a second officer; returns the number. Asked again for the same, it is the same."""
    for row in case_facts.about(*subject):
        if row.kind == KIND and row.state != State.CLOSED:
            return row.number
    with transaction.atomic():
        opened = cases.open_one(kind=KIND, subject=subject, clocks={}, by=by, now=now)
        correspondence.send(opened.number, to=cases.DESK, body=because, by=by, now=now)
    return opened.number


def waivers(month: Month) -> list[Wanted]:
    """The waivers of a month that have both consents."""
    rows = Case.objects.filter(kind=KIND, subject_kind=WAIVER, subject_id__startswith=f"{month} ")
    found = []
    for row in rows.filter(events__note=CONSENTED).order_by("id"):
        consent = row.events.get(note=CONSENTED)
        by = f"{row.opened_name}, consented by {consent.by_name}"
        found.append(Wanted(row.subject_id.partition(" ")[2], _because(row), by))
    return found


def _because(row: Case) -> str:
    return str(Message.objects.filter(case=row).order_by("id").values_list("body", flat=True).first() or "")


class Consent(Submitted, Form):
    """The lead's word."""

    word = forms.ChoiceField(
        label=gettext_lazy("Your decision"),
        choices=[(CONSENTED, gettext_lazy("I consent: do it")), (REFUSED, gettext_lazy("I do not consent"))],
        widget=forms.RadioSelect,
    )


@access.allow(*team.READERS)
@require_safe
def waiting(request: PortalRequest) -> HttpResponse:
    """What waits for a second officer, and who asked."""
    rows = list(case_facts.opened(KIND)[:200])
    called = team.who(row.opened_name for row in rows)
    cells = [
        (
            link(row.number, reverse("staff:second_one", args=[row.number])),
            words(row),
            called[row.opened_name],
            instant(row.opened_at),
        )
        for row in rows
    ]
    columns = [Column(_("Request")), Column(_("What is asked")), Column(_("By")), Column(_("On"))]
    table = Table(
        _("Waiting for a second officer"), columns, cells, empty=_("Nothing waits for a second officer."),
        show_caption=False,
    )  # fmt: skip
    lead = _("A lead consents to what another officer asked for. Nobody consents to their own request.")
    crumbs = [NavItem(_("Tasks"), reverse("staff:dashboard")), NavItem(_("Second officer"))]
    return render(
        request, "staff/list.html", {"title": _("Second officer"), "table": table, "lead": lead, "crumbs": crumbs}
    )


def words(row: Case) -> str:
    """What a request asks for, in words."""
    if row.subject_kind == WAIVER:
        month, _space, rule = row.subject_id.partition(" ")
        return _("Waive %(rule)s for the close of %(month)s") % {"rule": rule, "month": month}
    if row.subject_kind == DISPOSAL:
        return _("Dispose of what is past its retention and under no legal hold")
    return _("Decertify broker %(npn)s") % {"npn": row.subject_id}


@access.allow(*team.READERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.steps
def one(request: PortalRequest, case: str) -> HttpResponse:
    """One request: the reason, and the lead's word."""
    row = case_facts.cases([case]).get(case)
    if row is None or row.kind != KIND:
        raise Http404
    may = isinstance(request.holder, roles.Lead)
    own = row.opened_name == request.actor.name
    form = Consent(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not may:
            raise problems.Problem(_("Only a team lead gives the second consent."), back=reverse("staff:second"))
        if own:
            form.add_error(None, _("You asked for this yourself: another lead must consent."))
        elif form.is_valid():
            decision = _decide(row, form.cleaned_data["word"], request)
            if decision.granted:
                return HttpResponseRedirect(reverse("staff:second_decided", args=[row.number]))
            for finding in decision.unmet:
                form.add_error(None, f"{finding.because}. {finding.cure}".strip())
    facts = [
        Fact(_("What is asked"), words(row)),
        Fact(_("Because"), _because(row)),
        Fact(_("Asked by"), team.who([row.opened_name])[row.opened_name]),
        Fact(_("Asked"), row.opened_at),
        Fact(_("State"), row.state),
    ]
    crumbs = [NavItem(_("Second officer"), reverse("staff:second")), NavItem(row.number)]
    shown = {"title": row.number, "facts": facts, "form": form, "crumbs": crumbs, "submit": _("Send"), "own": own}
    return render(request, "staff/second.html", {**shown, "may": may and row.state != State.CLOSED})


def _decide(row: Case, word: str, request: PortalRequest) -> Decision:
    """The lead's word closes the request; a consent to a decertification does it at once, or says why not."""
    by, now = request.actor, request.now
    close = partial(cases.close, row.number, version=row.version, by=by, now=now, note=word)
    try:
        if word != CONSENTED or row.subject_kind != DECERTIFY:
            with transaction.atomic():
                close()
            return Decision.of()
        because = f"{_because(row)} (asked for by {row.opened_name}, {row.number})"
        return standing.decertify(npn=row.subject_id, because=because, by=by, now=now, also=close)
    except cases.Refused as refused:
        raise problems.Stale(str(refused), back=reverse("staff:second")) from None


FOLLOWS: dict[str, tuple[Words, Words]] = {
    WAIVER: (gettext_lazy("The close of the month goes on without this rule."), gettext_lazy("With its next step")),
    DECERTIFY: (
        gettext_lazy("The broker is decertified; the carriers and households are told."),
        gettext_lazy("With the consent"),
    ),
    DISPOSAL: (
        gettext_lazy("What is past its day and under no hold goes for good."),
        gettext_lazy("Within an hour of the consent"),
    ),
}


@access.allow(*team.READERS)
@require_safe
def asked(request: PortalRequest, case: str) -> HttpResponse:
    """The receipt of a request: its number, who must consent, and what follows when."""
    row = case_facts.cases([case]).get(case)
    if row is None or row.kind != KIND:
        raise Http404
    context = {
        "title": _("A second officer is asked"),
        "reference": row.number,
        "facts": [
            Fact(_("What is asked"), words(row)),
            Fact(_("Asked by"), team.who([row.opened_name])[row.opened_name]),
            Fact(_("Asked"), row.opened_at),
        ],
        "next_steps": [
            NextStep(_("A team lead, other than you, consents or refuses."), _("No day is set")),
            NextStep(*FOLLOWS[row.subject_kind]),
        ],
        "links": [
            NavItem(_("The request"), reverse("staff:second_one", args=[row.number])),
            NavItem(_("Tasks"), reverse("staff:dashboard")),
        ],
    }
    return render(request, "web/confirmation.html", context)


@access.allow(*team.READERS)
@require_safe
def decided(request: PortalRequest, case: str) -> HttpResponse:
    """The receipt of a lead's word: what was decided, by whom, and what follows."""
    row = case_facts.cases([case]).get(case)
    word = row.events.filter(note__in=(CONSENTED, REFUSED)).order_by("id").last() if row else None
    if row is None or row.kind != KIND or word is None:
        raise Http404
    nothing = (gettext_lazy("Nothing is done. Who asked finds the answer here."), gettext_lazy("Now"))
    what, when = FOLLOWS[row.subject_kind] if word.note == CONSENTED else nothing
    context = {
        "title": _("Consented") if word.note == CONSENTED else _("Not consented"),
        "reference": row.number,
        "facts": [
            Fact(_("What was asked"), words(row)),
            Fact(_("Decided by"), team.who([word.by_name])[word.by_name]),
            Fact(_("Decided"), word.at),
        ],
        "next_steps": [NextStep(what, when)],
        "links": [NavItem(_("Second officer"), reverse("staff:second"))],
    }
    return render(request, "web/confirmation.html", context)
