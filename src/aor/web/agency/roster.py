"""An agency's roster: its brokers with their standing, who was asked to join, and who leaves."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.acts import people, readiness
from aor.acts import roster as acts
from aor.brokers import agencies
from aor.brokers import queries as brokers
from aor.brokers.models import AgencyInvitation
from aor.carriers import queries as carriers
from aor.policy.decision import Decision
from aor.policy.readiness import CERTIFICATION, LICENSE
from aor.terms.period import ONE_DAY, day_of
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.agency import done, own
from aor.web.agency.dashboard import WHAT
from aor.web.agency.ready import held_tag
from aor.web.components import Column, Fact, NavItem, Table, link
from aor.web.forms import Form, Submitted
from aor.web.templatetags.components import day, instant


class Add(Submitted, Form):
    """A broker by NPN; the rest is needed for one who is on no roster yet."""

    npn = forms.CharField(
        label=gettext_lazy("NPN"),
        max_length=15,
        help_text=gettext_lazy("Names and address below are needed only for a broker on no roster yet."),
    )
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=100, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=100, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254, required=False)

    def clean_npn(self) -> str:
        return own.npn_in(self.cleaned_data["npn"])

    def clean(self) -> None:
        npn = self.cleaned_data.get("npn")
        if npn and npn not in brokers.roster([npn]):
            for name in ("first_name", "last_name", "email"):
                if not self.cleaned_data.get(name) and name not in self.errors:
                    words = _("“%(label)s” is needed: this NPN is on no roster yet.")
                    self.add_error(name, words % {"label": self.fields[name].label})


@access.allow(*own.FAMILY)
@require_safe
def roster(request: PortalRequest) -> HttpResponse:
    """Who is of the agency, and who was asked."""
    members = own.members(request)
    held = readiness.holdings((one.npn for one in members), on=day_of(request.now))
    standing = {(one.holding.npn, one.holding.what): one for one in held if not one.holding.hios_issuer_id}
    rows = [
        (
            link(one.name, reverse("agency:broker", args=[one.npn])),
            one.npn,
            held_tag(standing[one.npn, CERTIFICATION].holding, request),
            held_tag(standing[one.npn, LICENSE].holding, request),
            one.email or _("none"),
        )
        for one in members
    ]
    columns = [
        Column(_("Broker")),
        Column("NPN"),
        Column(_("Certification")),
        Column(_("License")),
        Column(_("E-mail")),
    ]
    asked = agencies.agency_invitations(agency_npn=own.npn(request), now=request.now)
    names = brokers.names(one.npn for one in asked)
    headings = [Column(_("Broker")), Column("NPN"), Column(_("Asked")), Column(_("Open until")), Column(_("To do"))]
    waiting = [_asked(one, names) for one in asked]
    context = {
        "title": _("Roster"),
        "table": Table(_("Brokers of the agency"), columns, rows, empty=_("The agency has no brokers yet.")),
        "asked": Table(_("Asked to join"), headings, waiting, empty=_("Nobody is asked now.")),
    }
    return render(request, "agency/roster.html", context)


def _asked(one: AgencyInvitation, names: dict[str, str]) -> tuple[object, ...]:
    again = link(_("Ask again"), reverse("agency:ask_again", args=[one.npn]), described=f"NPN {one.npn}")
    back = link(_("Take back"), reverse("agency:take_back", args=[one.npn]), described=f"NPN {one.npn}")
    until = day(day_of(one.expires_at))
    return names.get(one.npn, one.npn), one.npn, instant(one.sent_at), until, own.doings(again, back)


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def add(request: PortalRequest) -> HttpResponse:
    """Asks one broker to join."""
    form = Add(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in people.COLUMNS}
        because = people.add_broker(agency_npn=own.npn(request), **given, by=request.actor, now=request.now)
        if not because:
            return done.go(request, "asked")
        form.add_error(None, because)
    context = {
        "title": _("Ask a broker to join"),
        "crumbs": [_crumb(), NavItem(_("Ask a broker to join"))],
        "lead": _("For a broker on the marketplace’s roster the NPN is enough. The broker says yes or no."),
        "form": form,
        "submit": _("Ask"),
        "cancel_url": reverse("agency:roster"),
    }
    return render(request, "web/form.html", context)


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def ask_again(request: PortalRequest, npn: str) -> HttpResponse:
    """Asks a broker anew whose answer is awaited."""
    one = _awaited(request, npn)
    form = own.Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        decision = people.ask_broker(agency_npn=own.npn(request), npn=npn, by=request.actor, now=request.now)
        if decision.granted:
            return done.go(request, "asked")
        refuse(form, decision)
    text = _("A new mail goes to the broker’s registered address. The invitation before it ends.")
    return _sure(request, form, one, title=_("Ask the broker again"), text=text, submit=_("Ask again"))


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def take_back(request: PortalRequest, npn: str) -> HttpResponse:
    """Takes an invitation back."""
    one = _awaited(request, npn)
    form = own.Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        decision = acts.withdraw_asking(
            invitation=one.pk, agency_npn=own.npn(request), by=request.actor, now=request.now
        )
        if decision.granted:
            return done.go(request, "taken-back")
        refuse(form, decision)
    text = _("The broker can no longer say yes. You may ask again later.")
    return _sure(request, form, one, title=_("Take the invitation back"), text=text, submit=_("Take back"))


def _awaited(request: PortalRequest, npn: str) -> AgencyInvitation:
    found = agencies.agency_invitations(agency_npn=own.npn(request), npn=npn, now=request.now)
    if not found:
        raise Http404
    return found[0]


def _sure(
    request: PortalRequest, form: forms.Form, one: AgencyInvitation, *, title: str, text: str, submit: str
) -> HttpResponse:
    name = brokers.names([one.npn]).get(one.npn, "")
    facts = [Fact(_("Broker"), name), Fact("NPN", one.npn), Fact(_("Asked"), instant(one.sent_at))]
    return own.sure(request, form, title=title, crumb=_crumb(), facts=facts, text=text, submit=submit)


def refuse(form: forms.Form, decision: Decision) -> None:
    """Why not, as errors of the form."""
    for finding in decision.unmet:
        form.add_error(None, f"{finding.because}. {finding.cure}".strip())


def _crumb() -> NavItem:
    return NavItem(_("Roster"), reverse("agency:roster"))


@access.allow(*own.FAMILY)
@require_safe
def broker(request: PortalRequest, npn: str) -> HttpResponse:
    """One broker of the agency: what they hold, and what rests on it."""
    one, names = own.member(request, npn), carriers.names()
    rows = []
    for risk in readiness.holdings([npn], on=day_of(request.now)):
        holding = risk.holding
        until = day(holding.until - ONE_DAY) if holding.until else ""
        carrier = names.get(holding.hios_issuer_id, holding.hios_issuer_id)
        rows.append([WHAT[holding.what], carrier, held_tag(holding, request), until, str(risk.agents_of_record)])
    columns = [
        Column(_("What")),
        Column(_("Carrier")),
        Column(_("State")),
        Column(_("Last day")),
        Column(_("Agents of record"), numeric=True),
    ]
    known = brokers.registered(npn)
    context = {
        "title": one.name,
        "caption": f"NPN {npn}",
        "crumbs": [_crumb(), NavItem(one.name)],
        "facts": [
            Fact(
                _("Registered e-mail address"), one.email or _("none: reports and notices do not reach this broker")
            ),
            Fact(_("Telephone"), known.phone if known else ""),
            Fact(_("Policies of clients"), str(own.enrollments(request, [npn]).count())),
        ],
        "table": Table(_("Standing"), columns, rows),
        "npn": npn,
    }
    return render(request, "agency/broker.html", context)


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def remove(request: PortalRequest, npn: str) -> HttpResponse:
    """A broker leaves: their clients stay theirs, and are no longer seen here."""
    one = own.member(request, npn)
    form = own.Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        decision = acts.remove_from_agency(agency_npn=own.npn(request), npn=npn, by=request.actor, now=request.now)
        if decision.granted:
            return done.go(request, "removed")
        refuse(form, decision)
    text = _(
        "You and your support staff no longer see this broker’s clients. The broker stays their agent of record."
    )
    return own.sure(
        request,
        form,
        title=_("Remove a broker"),
        crumb=_crumb(),
        facts=[Fact(_("Broker"), one.name), Fact("NPN", npn)],
        text=text,
        submit=_("Remove from the agency"),
    )
