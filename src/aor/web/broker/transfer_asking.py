"""A book is asked for: the rules are answered as it is filled in; then checked, agreed and sent (readings, R10)."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from aor.accounts import roles
from aor.brokers import agencies
from aor.brokers import queries as brokers
from aor.cases.models import State
from aor.documents import evidence
from aor.documents.evidence import Accepted
from aor.policy.decision import Decision, Finding
from aor.terms.period import day_of
from aor.transfers import operations as acts
from aor.transfers import queries
from aor.web import access, changed, once
from aor.web.access import PortalRequest
from aor.web.broker import own, transfers
from aor.web.broker.transfer_form import AGREED, SUCCESSOR, Asked, OfAgency, OfBroker, Wanted
from aor.web.claims.own import accepted
from aor.web.components import Column, Fact, NavItem, NextStep, Table, link
from aor.web.forms import Form, Submitted, Versioned
from aor.web.templatetags.components import day, tag

KEY, SENT = "transfer", "transfers sent"
LATER = "TRANSFER_EVIDENCE"  # asked for on the page after the form


class Agree(Submitted, Versioned, Form):
    """The signed agreement, and the word of who asks."""

    document = forms.FileField(
        label=gettext_lazy("The signed agreement, or what shows who was named to follow"),
        help_text=gettext_lazy("PDF, PNG or JPEG, at most 10 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg"}),
    )
    attested = forms.BooleanField(label=gettext_lazy("What I say here is true, and both sides have signed it."))


def _form(request: PortalRequest) -> Asked:
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    today, before = day_of(request.now), _kept(request) if "again" in request.GET else None
    begun = {}
    if before is not None:
        begun = {
            "on": before.on, "why": SUCCESSOR if before.successor else AGREED, "policies": "\n".join(before.policies),
        }  # fmt: skip
    if isinstance(request.holder, roles.AgencyManager):
        members = agencies.members(request.holder.agency_npn)
        return OfAgency(*sent, today=today, members=members, initial=begun | OfAgency.rows_of(before))
    former = {"from_npn": next(iter(before.pairs))} if before else {}
    return OfBroker(*sent, today=today, npn=own.npn(request), initial=begun | former)


def _answered(request: PortalRequest, wanted: Wanted) -> dict[str, Decision]:
    """What the rules say of each, as who asks may read it."""
    if isinstance(request.holder, roles.AgencyManager):
        found = acts.precheck_for_agency(
            wanted.pairs, agency_npn=request.holder.agency_npn, on=wanted.on, successor=wanted.successor,
            now=request.now,
        )  # fmt: skip
    else:
        found = {
            former: acts.precheck(
                from_npn=former, to_npn=new, on=wanted.on, successor=wanted.successor, now=request.now
            )
            for former, new in wanted.pairs.items()
        }
    return {former: Decision(queries.plainly(one.findings), one.granted) for former, one in found.items()}


def _open(request: PortalRequest, wanted: Wanted) -> dict[str, str]:
    """The requests that wait already, by former broker."""
    rows = transfers.mine(request).filter(ruling=None, from_npn__in=list(wanted.pairs)).exclude(
        case__state=State.CLOSED)  # fmt: skip
    return {one.from_npn: one.case.number for one in rows if wanted.pairs[one.from_npn] == one.to_npn}


@access.allow(*transfers.ASKERS)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: PortalRequest) -> HttpResponse:
    """The form; where scripts run, the rules are answered while it is filled in."""
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        wanted = Wanted(form.pairs, form.cleaned_data["on"], form.successor, form.cleaned_data["policies"])
        if _worth_asking(request, form, wanted):
            request.session[KEY] = [dict(wanted.pairs), wanted.on.isoformat(), wanted.successor, wanted.policies]
            return HttpResponseRedirect(transfers.address(request, "transfer_check"))
    context = {
        "title": _("Take over a book"),
        "crumbs": transfers.crumbs(request, NavItem(_("New request"))),
        "lead": _("Ask that the clients of another broker become yours, with the agreement that both sides signed.")
        if isinstance(form, OfBroker)
        else _("Ask that the clients of brokers elsewhere go to brokers of yours, with the signed agreement."),
        "form": form,
        "is_agency": isinstance(form, OfAgency),
        "answers": _answers(request, form),
        "findings_url": transfers.address(request, "transfer_findings"),
        "cancel_url": transfers.address(request, "transfers"),
    }
    return render(request, "broker/transfer_ask.html", context)


def _worth_asking(request: PortalRequest, form: Asked, wanted: Wanted) -> bool:
    """Whether at least one can be asked for; else the form says why not."""
    waiting = _open(request, wanted)
    answered = _answered(request, wanted)
    if any(one.granted and former not in waiting for former, one in answered.items()):
        return True
    for former, one in answered.items():
        where = f"NPN {former}: " if len(answered) > 1 else ""
        for finding in one.unmet:
            form.add_error(None, f"{where}{capfirst(finding.because)}. {capfirst(finding.cure)}".strip())
        if former in waiting:
            form.add_error(None, f"{where}{_already(waiting[former])}")
    return False


def _already(number: str) -> str:
    return _("You asked for this already: %(number)s.") % {"number": number}


def _answers(request: PortalRequest, form: Asked) -> list[tuple[str, tuple[Finding, ...]]]:
    """For each pair that can be read so far: who to whom, and what each rule says."""
    on = form.is_bound and form.cleaned_data.get("on")
    if not form.is_bound or not on or not form.pairs:
        return []
    answered = _answered(request, Wanted(form.pairs, on, form.successor))
    return [
        (
            _("From NPN %(former)s to NPN %(new)s") % {"former": former, "new": form.pairs[former]},
            tuple(finding for finding in one.findings if finding.rule != LATER),
        )
        for former, one in answered.items()
    ]


@access.allow(*transfers.ASKERS)
@require_POST
def findings(request: PortalRequest) -> HttpResponse:
    """The rules answered for what is filled in so far: a part of the page, nothing kept."""
    form = _form(request)
    form.is_valid()
    return render(request, "broker/transfer_findings.html", {"answers": _answers(request, form)})


# Checked and sent ---------------------------------------------------------------------------------------------------


def _kept(request: PortalRequest) -> Wanted | None:
    """What was filled in, if it is still this broker's or this agency's to ask."""
    pairs, on, successor, policies = request.session.get(KEY) or ({}, "", False, ())
    if not isinstance(request.holder, roles.AgencyManager) and set(pairs.values()) != {own.npn(request)}:
        return None
    return Wanted(pairs, date.fromisoformat(on), successor, tuple(policies)) if pairs else None


@access.allow(*transfers.ASKERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def check(request: PortalRequest) -> HttpResponse:
    """What was filled in, what the rules say of it, and the signed agreement; then it is sent."""
    begin = transfers.address(request, "transfer_ask")
    changed.still(request, KEY, back=begin)
    wanted = _kept(request)
    if wanted is None:
        return HttpResponseRedirect(begin)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = Agree(*sent, initial={"version": changed.mark(request, KEY)})
    if request.method == "POST" and form.is_valid() and (document := _document(request, form)):
        request.session[SENT] = _sent(request, wanted, document)
        request.session.pop(KEY, None)
        return HttpResponseRedirect(transfers.address(request, "transfers_sent"))
    back = f"{begin}?again=1"
    why = _("The former broker died, retired or left, and named who follows") if wanted.successor else _(
        "Both sides agreed")  # fmt: skip
    which = transfers.which(len(wanted.policies))
    lines = [
        Fact(_("Why"), why, back),
        Fact(_("Day of the change"), wanted.on, back),
        Fact(_("Clients"), which, back),
    ]
    context = {
        "title": _("Check your request"),
        "crumbs": transfers.crumbs(request, NavItem(_("Check"))),
        "sections": [("", lines)],
        "table": _table(request, wanted),
        "consequence": _(
            "An officer looks at each household. Those who can move get a letter, and may say no. You see their data "
            "when they have confirmed you."
        ),
        "form": form,
        "submit": _("Send the request"),
        "cancel_url": back,
    }
    return render(request, "broker/transfer_check.html", context)


def _table(request: PortalRequest, wanted: Wanted) -> Table:
    names = brokers.names({*wanted.pairs, *wanted.pairs.values()})
    waiting, rows = _open(request, wanted), []
    for former, decision in _answered(request, wanted).items():
        new = wanted.pairs[former]
        because = "; ".join(one.because for one in decision.unmet)
        because = _already(waiting[former]) if former in waiting else because
        said = tag(_("will not be asked for"), "warning") if because else tag(_("can be asked for"), "success")
        rows.append((
            f"{names.get(former, '')}, NPN {former}", f"{names.get(new, '')}, NPN {new}",
            format_html("{} {}", said, because),
        ))  # fmt: skip
    columns = [Column(_("From")), Column(_("To")), Column(_("What the rules say"))]
    return Table(_("Whose clients go to whom"), columns, rows)


def _document(request: PortalRequest, form: Agree) -> Accepted | None:
    """The agreement, written anew; None where it cannot be taken, with the reason in the form."""
    try:
        document = accepted(request, "document")
    except evidence.Refused as refused:
        form.add_error("document", _("This document cannot be taken: %(because)s.") % {"because": refused.because})
        return None
    if document is None:
        form.add_error("document", _("This document is empty."))
    return document


def _sent(request: PortalRequest, wanted: Wanted, document: Accepted) -> list[tuple[str, str, str]]:
    """Asks for each that can be; by former broker the number, or why not."""
    waiting = _open(request, wanted)
    pairs = {former: new for former, new in wanted.pairs.items() if former not in waiting}
    by, now, policies = request.actor, request.now, wanted.policies
    if isinstance(request.holder, roles.AgencyManager):
        found = acts.ask_for_agency(
            pairs, agency_npn=request.holder.agency_npn, on=wanted.on, successor=wanted.successor,
            policies=policies, by=by, now=now,
        )  # fmt: skip
    else:
        found = {
            former: acts.ask(
                from_npn=former,
                to_npn=new,
                on=wanted.on,
                successor=wanted.successor,
                policies=policies,
                by=by,
                now=now,
            )
            for former, new in pairs.items()
        }
    for _decision, number in found.values():
        if number:
            row = queries.transfer(number)
            acts.add_evidence(
                number, content=document.content, name=document.name, media_type=document.media_type,
                by=transfers.acting(request, row), now=now,
            )  # fmt: skip
    return [
        *((former, number, _because(decision)) for former, (decision, number) in found.items()),
        *((former, "", _already(number)) for former, number in waiting.items()),
    ]


def _because(decision: Decision) -> str:
    return "; ".join(one.because for one in queries.plainly(decision.unmet))


@access.allow(*transfers.ASKERS)
@require_safe
def sent(request: PortalRequest) -> HttpResponse:
    """The receipt: a number for each request, or why it was not taken; what happens next, and when."""
    said = request.session.get(SENT)
    if not said:
        return HttpResponseRedirect(transfers.address(request, "transfers"))
    numbers = [number for _former, number, _why in said if number]
    rows = [
        (f"NPN {former}", link(number, transfers.address(request, "transfer", number)) if number else "–", because)
        for former, number, because in said
    ]
    expected = transfers.mine(request).filter(case__number__in=numbers[:1]).first()
    last = transfers.expected_on(expected) if expected else None
    columns = [Column(_("Former broker")), Column(_("Request")), Column(_("Why not"))]
    context = {
        "title": ngettext("We received your request", "We received %(count)s requests", len(numbers))
        % {"count": len(numbers)}
        if numbers
        else _("Nothing could be asked for"),
        "reference": numbers[0] if len(numbers) == 1 else " – ".join(numbers[:1] + numbers[-1:]),
        "table": Table(_("Requests"), columns, rows),
        "next_steps": [
            NextStep(
                _("An officer looks at the agreement and at each household, and decides."),
                format_html(_("Expected by {}"), day(last)) if last else "",
            ),
            NextStep(_("Households that can move get a letter, and may say no until the day before.")),
            NextStep(_("On the day those who did not say no move. You see their data when they confirm you.")),
        ],
        "links": [NavItem(_("All requests"), transfers.address(request, "transfers"))],
    }
    return render(request, "broker/transfers_sent.html", context)
