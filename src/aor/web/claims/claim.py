"""One discrepancy: what was claimed, what was found, what was written, and what the broker can do now."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aor.accounts import roles
from aor.cases import correspondence
from aor.cases import queries as cases
from aor.cases.models import Case
from aor.discrepancies import queries as discrepancies
from aor.discrepancies.models import Claim
from aor.discrepancies.queries import AsTold
from aor.policy.discrepancy import Determination
from aor.terms.actor import Role
from aor.terms.period import day_of
from aor.web import access, evidence
from aor.web.access import PortalRequest
from aor.web.claims import own, words
from aor.web.components import Event, Fact, NavItem, Words
from aor.web.templatetags.components import day

OWN_STEPS: dict[str, Words] = {
    "opened": gettext_lazy("You reported it"),
    "resumed": gettext_lazy("You added what was missing"),
    "agreed": gettext_lazy("You agreed with the answer"),
    "escalated": gettext_lazy("You did not agree: another officer looks at it"),
    "withdrawn": gettext_lazy("You took it back"),
}
ASKED = gettext_lazy("We asked you for more: the clock stands still")


@access.allow(*own.FAMILY)
@require_safe
def claim(request: PortalRequest, claim: str) -> HttpResponse:
    """Shows a discrepancy as its broker may know it."""
    found = own.claim(request, claim)
    (told,) = discrepancies.as_told([found])
    own.saw(request, [claim], what="discrepancy")
    context = {
        "title": words.person(told.fields),
        "caption": claim,
        "crumbs": [NavItem(_("Report questions"), reverse("claims:list")), NavItem(claim)],
        "told": told,
        "tag": words.state(told),
        "facts": _facts(told),
        "finding": words.sentence(told.determination),
        "because": words.sentence(told.because),
        "to_do": words.sentence(told.what_to_do),
        "problems": [words.sentence(one) for one in told.problems],
        "claimed": [Fact(label, told.fields[name]) for name, label in words.FIELDS.items() if told.fields.get(name)],
        "events": sorted([*_events(found, told), *messages(request, found.case)], key=_when),
        "evidence": evidence.listed(found.case, "claims:evidence"),
        "is_broker": isinstance(request.holder, roles.Broker),
        "late": told.determination == Determination.LATE,
        "waits": told.state == discrepancies.MORE,
        "answered": told.state == discrepancies.ANSWERED,
        "closed": told.state == discrepancies.CLOSED,
    }
    return render(request, "claims/claim.html", context)


def _facts(told: AsTold) -> list[Fact]:
    facts = [Fact(_("State"), words.state(told))]
    if told.place is not None:
        facts.append(Fact(_("Place in the queue"), str(told.place)))
    if told.expected_on is not None:
        facts.append(Fact(_("We expect to answer by"), day(told.expected_on)))
    if told.determined_on is not None:
        facts.append(Fact(_("Answered on"), day(told.determined_on)))
    return [*facts, Fact(_("Where you reported it"), capfirst(words.where(told.sheet, told.line)))]


def _events(found: Claim, told: AsTold) -> list[Event]:
    """The broker's own steps, that we asked, and the answer once it may be seen: never when officers worked on it."""
    shown = own_steps(found.case, asked=True)
    if told.determined_on is not None:
        because = words.sentence(told.because)
        shown.append(Event(told.determined_on, words.sentence(told.determination), detail=because, tone="success"))
    return shown


def own_steps(case: Case, *, asked: bool) -> list[Event]:
    """What the broker's side did in a case, and when we waited for it."""
    shown = []
    for one in cases.story(case):
        if one.what == "stopped" and asked:
            shown.append(Event(one.at, ASKED, tone="warning"))
        elif one.what in OWN_STEPS and one.by_npn == case.opened_npn:
            shown.append(Event(one.at, OWN_STEPS[one.what]))
    return shown


def messages(request: PortalRequest, case: Case) -> list[Event]:
    """What the broker and the marketplace wrote to each other in a case; the read is recorded."""
    written = correspondence.read_messages(
        case.number, purpose=request.holder.label, by=request.actor, now=request.now
    )
    npn = own.npn(request)
    return [
        Event(one.at, _("You wrote") if one.by_npn == npn else _("The broker team wrote"), detail=one.body)
        for one in written
        if one.by_npn == npn or (one.to_role, one.to_id) == (Role.BROKER, npn)
    ]


def _when(event: Event) -> tuple[date, int, float]:
    """In the order of days; of one day the answer, whose hour is not told, last."""
    if isinstance(event.at, datetime):
        return day_of(event.at), 0, event.at.timestamp()
    return event.at, 1, 0.0
