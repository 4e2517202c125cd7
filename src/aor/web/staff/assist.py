"""A broker recorded by an officer for a consumer without account or e-mail: identity, read-back, interpreter (R1)."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import associate, consent
from aor.acts.consent import Shown
from aor.acts.place import place_of
from aor.audit import queries as journal
from aor.brokers import queries as brokers
from aor.consumers.models import Subscriber
from aor.policy.association import Path
from aor.terms.npn import Npn
from aor.web import access, once, problems, reads
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, NextStep
from aor.web.forms import Form, Submitted, Versioned
from aor.web.staff import team

BASES = (
    ("read back", gettext_lazy("By telephone: I read the text to the consumer and they agreed")),
    ("paper signed", gettext_lazy("On paper: the signed form is on file")),
    ("in person", gettext_lazy("In person: the consumer read the text, or I read it, and agreed")),
)
IDENTIFIERS = (
    ("name", gettext_lazy("Full name")),
    ("birth date", gettext_lazy("Date of birth")),
    ("address", gettext_lazy("Home address")),
    ("policy", gettext_lazy("Policy or application number")),
    ("telephone", gettext_lazy("Telephone on file")),
)


class Named(Form):
    """Whom the consumer names: an NPN is no secret, so it may stand in the address."""

    npn = forms.CharField(label=gettext_lazy("NPN of the broker the consumer names"), max_length=10)

    def clean_npn(self) -> str:
        try:
            npn = Npn.parse(self.cleaned_data["npn"])
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from None
        if npn not in brokers.roster([npn]):
            raise forms.ValidationError(_("No broker on the roster has this NPN."))
        return npn


class Assist(Submitted, Versioned, Form):
    """How the consumer agreed, and how they were known; `version` is of the text that was read to them."""

    basis = forms.ChoiceField(label=gettext_lazy("How the consumer agreed"), choices=BASES, widget=forms.RadioSelect)
    identity = forms.MultipleChoiceField(
        label=gettext_lazy("Identity checked by"),
        choices=IDENTIFIERS,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("At least three, as the consumer said them, against what is on file."),
    )
    interpreter = forms.CharField(
        label=gettext_lazy("Interpreter's number, if there was one"), max_length=100, required=False
    )
    reference = forms.CharField(
        label=gettext_lazy("Number of the call or form"), max_length=100, help_text=gettext_lazy("No names.")
    )
    agreed = forms.BooleanField(label=gettext_lazy("The consumer heard or read the text above, and agreed"))

    def clean_identity(self) -> list[str]:
        ticked: list[str] = self.cleaned_data["identity"]
        if len(ticked) < 3:
            raise forms.ValidationError(_("Check at least three identifiers."))
        return ticked


@access.allow(*team.WRITERS)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def assist(request: PortalRequest, subscriber: str) -> HttpResponse:
    """First the broker's NPN; then the text to read, the checks, and the word that records it."""
    if not Subscriber.objects.filter(exchange_subscriber_id=subscriber).exists():
        raise Http404
    context = {
        "title": _("Record a broker"),
        "caption": _("Household of %(person)s") % {"person": subscriber},
        "crumbs": [NavItem(subscriber, reverse("staff:household", args=[subscriber])), NavItem(_("Record a broker"))],
        "cancel_url": reverse("staff:household", args=[subscriber]),
    }
    named = Named(request.GET if "npn" in request.GET else None)
    if not (named.is_bound and named.is_valid()):
        return render(request, "staff/assist_whom.html", {**context, "form": named})
    npn = str(named.cleaned_data["npn"])
    place = place_of(subscriber, request.now)
    shown = consent.shown(path=Path.ASSISTED, npn=npn, replaces=place.replaces(npn))
    form = Assist(request.POST if request.method == "POST" else None, initial={"version": shown.digest})
    if request.method == "POST" and form.is_valid() and _record(request, subscriber, npn, shown, form):
        return HttpResponseRedirect(reverse("staff:assisted", args=[subscriber]))
    reads.saw(request, [subscriber], what="assisted association")
    return render(request, "staff/assist.html", {**context, "form": form, "text": shown.text, "submit": _("Record")})


def _record(request: PortalRequest, subscriber: str, npn: str, shown: Shown, form: forms.Form) -> bool:
    """Records it; the form says why not. What is kept is what was shown."""
    said = form.cleaned_data
    if said["version"] != shown.digest:
        raise problems.Stale(
            _("The text has changed since it was read. Read it again."), back=request.get_full_path()
        )
    decision = associate.assist(
        subscriber_id=subscriber,
        npn=npn,
        consent=shown.given(act=said["basis"], interpreter=said["interpreter"], reference=said["reference"]),
        identity_checked=True,
        by=request.actor,
        now=request.now,
    )
    for finding in decision.unmet:
        form.add_error(None, f"{finding.because}. {finding.cure}".strip())
    return decision.granted


@access.allow(*team.WRITERS)
@require_safe
def assisted(request: PortalRequest, subscriber: str) -> HttpResponse:
    """The receipt to tell the consumer."""
    last = journal.latest(["association.assisted"], ("subscriber", subscriber))
    if last is None:
        raise Http404
    reads.saw(request, [subscriber], what="assisted association")
    context = {
        "title": _("The broker is recorded"),
        "reference": f"J-{last.id}",
        "facts": [Fact(_("Broker"), str(last.details.get("npn", ""))), Fact(_("When"), last.at)],
        "next_steps": [
            NextStep(_("The broker can see the household now."), _("today")),
            NextStep(_("The household and the brokers concerned are told by letter or mail."), _("within the hour")),
            NextStep(_("The carrier is told."), _("with its next run")),
        ],
        "links": [NavItem(_("The household"), reverse("staff:household", args=[subscriber]))],
    }
    return render(request, "web/confirmation.html", context)
