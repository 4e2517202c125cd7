"""A consumer names a broker: what it means, for which coverage, the consent, and done."""

from __future__ import annotations

from datetime import date

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aor.accounts import roles
from aor.acts import associate, preview
from aor.acts import queries as acts
from aor.acts.place import Place
from aor.brokers import queries as brokers
from aor.policy.association import Path
from aor.policy.decision import Finding
from aor.terms.npn import Npn
from aor.terms.period import day_of
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import Fact, NavItem, Words
from aor.web.consumer import agreement, own, second_factor
from aor.web.forms import Form

ALL, NEXT_YEAR = "all", "next"
STEPS: tuple[Words, ...] = (
    gettext_lazy("Which coverage"),
    gettext_lazy("Prove it is you"),
    gettext_lazy("Read and agree"),
)


class ByNumber(Form):
    """A broker whose number is known."""

    npn = forms.CharField(
        label=gettext_lazy("The broker's number (NPN)"),
        max_length=20,
        help_text=gettext_lazy("Up to ten digits. Your broker can tell you."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def clean_npn(self) -> str:
        try:
            npn = Npn.parse(self.cleaned_data["npn"])
        except ValueError:
            raise forms.ValidationError(_("Enter the number as digits, such as 1234567.")) from None
        if npn not in brokers.roster([npn]):
            raise forms.ValidationError(_("No broker of the marketplace has this number. Check the digits."))
        return npn


class Scope(Form):
    """For which coverage."""

    scope = forms.ChoiceField(label=gettext_lazy("Which coverage is it for?"), widget=forms.RadioSelect, initial=ALL)

    def __init__(self, *args: object, year: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        choices = [(ALL, _("All my coverage")), (NEXT_YEAR, from_year(year))]
        self.fields["scope"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField


def from_year(year: int) -> str:
    """The scope that leaves this year's policies as they are."""
    return _("From my next plan year on (%(year)s)") % {"year": year}


def next_plan_year(request: PortalRequest) -> int:
    """The plan year that a choice for later begins with."""
    return day_of(request.now).year + 1


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
def by_number(request: PortalRequest) -> HttpResponse:
    """Names a broker by NPN; the directory is the other way."""
    form = ByNumber(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return HttpResponseRedirect(reverse("consumer:designate", args=[form.cleaned_data["npn"]]))
    context = {
        "title": _("Choose a broker by number"),
        "crumbs": [NavItem(_("My broker"), reverse("consumer:dashboard")), NavItem(_("By number"))],
        "form": form,
        "cancel_url": reverse("directory"),
    }
    return render(request, "web/form.html", context)


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
def designate(request: PortalRequest, npn: str) -> HttpResponse:
    """What it means to name this broker, and for which coverage."""
    one, place, year = own.broker(npn), own.place(request), next_plan_year(request)
    _expect_another(place, npn)
    form = Scope(request.POST if request.method == "POST" else None, year=year)
    if request.method == "POST" and form.is_valid():
        url = reverse("consumer:designate_check", args=[npn])
        return HttpResponseRedirect(f"{url}?scope={form.cleaned_data['scope']}")
    context = {
        "title": _("Choose %(name)s as your broker") % {"name": one.name},
        "crumbs": _crumbs(),
        "facts": who(one.npn),
        "navigator": one.kind == brokers.NAVIGATOR,
        "replaced": own.title(place.open.npn) if place.open and place.replaces(npn) else "",
        "missing": [finding for finding in _standing(npn, day_of(request.now)) if not finding.met],
        "form": form,
        "step_labels": STEPS,
        "step": 1,
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/designate.html", context)


@access.allow(roles.Consumer)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def check(request: PortalRequest, npn: str) -> HttpResponse:
    """Both dates and the consent; the second factor comes before it where another broker is replaced."""
    one = own.broker(npn)
    place = own.held(request) if request.method == "POST" else own.place(request)
    scope = request.GET.get("scope")
    if scope not in (ALL, NEXT_YEAR):
        return HttpResponseRedirect(reverse("consumer:designate", args=[npn]))
    plan_year = next_plan_year(request) if scope == NEXT_YEAR else None
    shown = agreement.text(place, Path.DESIGNATED, npn, plan_year)
    form = agreement.form(request.POST if request.method == "POST" else None, place, shown)
    if request.method == "POST" and form.is_valid():
        own.expect_unchanged(request, place, form)
        agreement.expect_as_shown(form, shown)
    else:
        _expect_another(place, npn)
    if place.replaces(npn) and not second_factor.given(request):
        return second_factor.ask(request)
    if request.method == "POST" and form.is_valid():
        decision = associate.designate(
            subscriber_id=own.subscriber(request),
            npn=npn,
            consent=shown.given(act="designated"),
            second_factor=second_factor.given(request),
            by=request.actor,
            now=request.now,
            plan_year=plan_year,
        )
        if decision.granted:
            second_factor.use(request)
            return HttpResponseRedirect(reverse("consumer:done", args=["chosen"]))
        for finding in decision.unmet:
            form.add_error(None, finding.because)
    then = preview.replace_by(subscriber_id=own.subscriber(request), npn=npn, now=request.now, plan_year=plan_year)
    context = {
        "title": _("Read and agree"),
        "crumbs": _crumbs(),
        "facts": [
            Fact(_("Your broker will be"), own.titled(one)),
            Fact(_("For"), from_year(plan_year) if plan_year else _("All your coverage")),
            *agreement.facts(then),
        ],
        "table": agreement.effects(place, then),
        "navigator": one.kind == brokers.NAVIGATOR,
        "lost": agreement.lost(then),
        "held": agreement.held_for_standing(then),
        "shown": shown,
        "form": form,
        "step_labels": STEPS,
        "step": 3,
        "submit": _("Make this my broker"),
        "cancel_url": reverse("consumer:dashboard"),
    }
    return render(request, "consumer/agree.html", context)


def who(npn: str) -> list[Fact]:
    """Who a broker is: name, agency and NPN, as on every page that asks for a yes."""
    one = own.broker_or_number(npn)
    return [
        Fact(_("Name"), one.name or npn),
        Fact(_("Agency"), one.agency_name or _("None")),
        Fact("NPN", one.npn),
    ]


def _standing(npn: str, day: date) -> tuple[Finding, ...]:
    return acts.own_standings([npn], day)[npn]


def _expect_another(place: Place, npn: str) -> None:
    now = place.open
    if now is not None and now.npn == npn and now.plan_year is None and not own.access_closed(place):
        raise problems.Problem(
            _("%(broker)s is your broker already.") % {"broker": own.title(npn)}, back=reverse("consumer:dashboard")
        )


def _crumbs() -> list[NavItem]:
    return [NavItem(_("Find a broker"), reverse("directory")), NavItem(_("Choose"))]
