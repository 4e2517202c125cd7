"""A retroactive request: its rules are answered while it is filled in; then checked and submitted (readings, R8)."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import date
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from aor.accounts import roles
from aor.carriers import queries as carriers
from aor.cases.operations import Refused
from aor.discrepancies import queries as discrepancies
from aor.documents import evidence
from aor.policy.decision import Finding
from aor.retro import operations as retro
from aor.retro.models import EnrolledIs, Reason
from aor.retro.queries import Fields
from aor.web import access, changed, once
from aor.web.access import PortalRequest
from aor.web.broker.book import COVERAGES
from aor.web.claims import own, words
from aor.web.claims.answering import evidence_field
from aor.web.components import Fact, NavItem
from aor.web.forms import DayField, Form, Submitted, Versioned

KEY = "retroactive request"
LATER = ("AGREEMENT_SHOWN",)  # asked for on the page after the form
DAYS = ("birth_date", "effective_on", "enrolled_on", "agreement_on")


class Ask(Form):
    """What the policy asks of a broker who wants an earlier date."""

    last_name = forms.CharField(label=gettext_lazy("Consumer's last name"), max_length=60)
    first_name = forms.CharField(label=gettext_lazy("Consumer's first name"), max_length=35)
    birth_date = DayField(label=gettext_lazy("Consumer's date of birth"), earliest="1900-01-01")
    hios_issuer_id = forms.ChoiceField(label=gettext_lazy("Carrier"))
    coverage_kind = forms.ChoiceField(
        label=gettext_lazy("Coverage"), widget=forms.RadioSelect, choices=list(COVERAGES.items()), initial="HLT"
    )
    policy_id = forms.CharField(label=gettext_lazy("Policy number, if known"), max_length=50, required=False)
    effective_on = DayField(
        label=gettext_lazy("Coverage effective date"),
        help_text=gettext_lazy("The day from which you ask to be agent of record."),
        earliest="2013-10-01",
    )
    enrolled_on = DayField(label=gettext_lazy("Date of the application or of the enrollment"), earliest="2013-10-01")
    enrolled_is = forms.ChoiceField(
        label=gettext_lazy("What happened on that date?"),
        widget=forms.RadioSelect,
        choices=[
            (EnrolledIs.APPLICATION, gettext_lazy("The application was submitted")),
            (EnrolledIs.ENROLLMENT, gettext_lazy("The enrollment was completed")),
        ],
    )
    because = forms.ChoiceField(
        label=gettext_lazy("Why was the association missing?"),
        widget=forms.RadioSelect,
        choices=[
            (Reason.PAPER, gettext_lazy("The application was on paper")),
            (Reason.ACCOUNT, gettext_lazy("The consumer had trouble with the account")),
            (Reason.OTHER_PERSON, gettext_lazy("Another person of the household was associated with me")),
            (Reason.PORTAL, gettext_lazy("An error in the portal")),
            (Reason.OTHER, gettext_lazy("Another reason")),
        ],
    )
    agreement_on = DayField(
        label=gettext_lazy("Day on which you and the consumer signed your agreement"),
        help_text=gettext_lazy("It must have been signed on or before the coverage effective date."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = sorted(carriers.names().items(), key=lambda one: one[1])
        self.fields["hios_issuer_id"].choices = [("", _("Choose")), *offered]  # type: ignore[attr-defined]  # a ChoiceField

    def said(self, npn: str) -> Fields:
        """What was filled in so far and could be read; the signed agreement and the attestation come later."""
        names = {one.name for one in fields(Fields)}
        read = {name: value for name, value in self.cleaned_data.items() if name in names and value is not None}
        return Fields(npn=npn, attested=True, **read)


class Attest(Submitted, Versioned, Form):
    """The signed agreement, and the broker's word."""

    evidence = evidence_field(gettext_lazy("The signed agreement, or other proof"))
    attested = forms.BooleanField(
        label=gettext_lazy("I helped this consumer with this enrollment, and what I say here is true.")
    )


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: PortalRequest) -> HttpResponse:
    """The form; where scripts run, the rules are answered while it is filled in."""
    npn = own.npn(request)
    form = Ask(request.POST) if request.method == "POST" else Ask(initial=_begun(request))
    if request.method == "POST" and form.is_valid():
        said = form.said(npn)
        if lacking := _lacking(request, said):
            form.add_error(None, lacking)
        else:
            request.session[KEY] = {**asdict(said), **{name: _iso(getattr(said, name)) for name in DAYS}}
            return HttpResponseRedirect(reverse("claims:ask_check"))
    context = {
        "title": _("Ask for an earlier date"),
        "crumbs": [NavItem(_("Earlier dates"), reverse("claims:requests")), NavItem(_("New request"))],
        "lead": _("For a consumer whose association with you came after the coverage began."),
        "form": form,
        "findings": _findings(request, form.said(npn)) if request.method == "POST" else (),
        "submit": _("Continue"),
        "cancel_url": reverse("claims:requests"),
    }
    return render(request, "claims/ask.html", context)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _begun(request: PortalRequest) -> dict[str, Any]:
    """What was filled in before, or what a discrepancy of this broker says."""
    if number := request.GET.get("claim"):
        (told,) = discrepancies.as_told([own.claim(request, number)])
        own.saw(request, [number], what="discrepancy")
        hios = next((hios for hios, name in carriers.names().items() if name == told.fields.get("carrier")), "")
        enrolled = told.fields.get("application_or_enrollment_date")
        known = {name: told.fields.get(name) for name in ("last_name", "first_name", "birth_date")}
        which = told.fields.get("which_date", "").lower()
        return {**known, "hios_issuer_id": hios, "enrolled_on": enrolled, "enrolled_is": which}
    before = request.session.get(KEY, {}) if "again" in request.GET else {}
    return before if before.get("npn") == own.npn(request) else {}


def _lacking(request: PortalRequest, said: Fields) -> str:
    """Why the form cannot be taken at all, in a sentence; else ""."""
    decision = retro.precheck(fields=said, evidence=True, now=request.now)
    return "; ".join(words.sentence(one.because) for one in decision.unmet if one.rule == "FIELDS_GIVEN")


def _findings(request: PortalRequest, said: Fields) -> tuple[Finding, ...]:
    decision = retro.precheck(fields=said, evidence=True, now=request.now)
    return tuple(one for one in decision.findings if one.rule not in LATER)


@access.allow(roles.Broker)
@require_POST
def findings(request: PortalRequest) -> HttpResponse:
    """The rules answered for what is filled in so far: a part of the page, nothing kept."""
    form = Ask(request.POST)
    form.is_valid()
    context = {"findings": _findings(request, form.said(own.npn(request)))}
    return render(request, "claims/findings.html", context)


# Checked and submitted ----------------------------------------------------------------------------------------------


def _kept(request: PortalRequest) -> Fields | None:
    said = request.session.get(KEY)
    if not said or said["npn"] != own.npn(request):
        return None
    return Fields(**{**said, **{name: said[name] and date.fromisoformat(said[name]) for name in DAYS}})


@access.allow(roles.Broker)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def check(request: PortalRequest) -> HttpResponse:
    """What was filled in, what the rules say of it, and the signed agreement; then it is submitted."""
    changed.still(request, KEY, back=reverse("claims:ask"))
    said = _kept(request)
    if said is None:
        return HttpResponseRedirect(reverse("claims:ask"))
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = Attest(*sent, initial={"version": changed.mark(request, KEY)})
    if request.method == "POST" and form.is_valid() and (number := _submitted(request, form, said)):
        request.session.pop(KEY, None)
        return HttpResponseRedirect(reverse("claims:request_done", args=[number, "received"]))
    decision = _findings(request, said)
    back = reverse("claims:ask") + "?again=1"
    against = any(one.met is False for one in decision)
    context = {
        "title": _("Check your request"),
        "crumbs": [NavItem(_("Earlier dates"), reverse("claims:requests")), NavItem(_("Check"))],
        "sections": [("", facts(said, back))],
        "findings": decision,
        "against": against,
        "form": form,
        "submit": _("Submit the request"),
        "cancel_url": back,
    }
    return render(request, "claims/ask_check.html", context)


def facts(said: Fields, change_url: str = "") -> list[Fact]:
    """A request in the words of its form."""
    form = Ask()
    shown: list[tuple[str, object]] = [
        ("last_name", said.last_name),
        ("first_name", said.first_name),
        ("birth_date", said.birth_date),
        ("hios_issuer_id", carriers.names().get(said.hios_issuer_id, said.hios_issuer_id)),
        ("coverage_kind", COVERAGES.get(said.coverage_kind, said.coverage_kind)),
        ("policy_id", said.policy_id or _("not given")),
        ("effective_on", said.effective_on),
        ("enrolled_on", said.enrolled_on),
        ("enrolled_is", dict(form.fields["enrolled_is"].choices).get(said.enrolled_is, "")),  # type: ignore[attr-defined]  # a ChoiceField
        ("because", dict(form.fields["because"].choices).get(said.because, "")),  # type: ignore[attr-defined]  # a ChoiceField
        ("agreement_on", said.agreement_on or _("not given")),
    ]
    return [Fact(form[name].label, value, f"{change_url}#id_{name}" if change_url else "") for name, value in shown]


def _submitted(request: PortalRequest, form: Attest, said: Fields) -> str:
    """The number of the request; "" where it was not taken, with the reason in the form."""
    try:
        document = own.accepted(request, "evidence")
        done = retro.submit(fields=replace(said, attested=True), by=request.actor, now=request.now)
        if not done.number:
            for finding in done.decision.unmet:
                form.add_error(None, words.sentence(finding.because))
            return ""
        if document is not None:
            retro.add_evidence(
                done.number, content=document.content, name=document.name, media_type=document.media_type,
                by=request.actor, now=request.now,
            )  # fmt: skip
            retro.propose(done.number, now=request.now)
    except evidence.Refused as refused:
        form.add_error("evidence", _("This document cannot be taken: %(because)s.") % {"because": refused.because})
        return ""
    except Refused as refused:
        form.add_error(None, words.sentence(str(refused)))
        return ""
    return done.number
