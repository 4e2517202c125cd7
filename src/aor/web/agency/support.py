"""Support staff: invited by e-mail, listed, and removed. They act for the agency's brokers, with narrower rights."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import invitations
from aor.accounts import operations as accounts
from aor.accounts import queries as account_facts
from aor.accounts.models import Invitation, RoleName
from aor.terms.period import day_of
from aor.web import access, once
from aor.web.access import PortalRequest
from aor.web.agency import done, own
from aor.web.components import Column, Fact, NavItem, Table, link
from aor.web.forms import Form, Submitted
from aor.web.templatetags.components import day, instant

ROLE = RoleName.SUPPORT_STAFF


class Invite(Submitted, Form):
    """A person by name and address."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("The person’s own: no address that several read."),
    )


@access.allow(*own.FAMILY)
@require_safe
def support(request: PortalRequest) -> HttpResponse:
    """Who may act for the brokers, and who was invited."""
    staff = [
        (
            one.name or _("No name"),
            one.email or "",
            link(_("Remove"), reverse("agency:support_remove", args=[one.pk]), described=one.name),
        )
        for one in account_facts.support_staff(own.npn(request))
    ]
    asked = [_asked(one) for one in _open(request)]
    columns = [Column(_("Name")), Column(_("E-mail")), Column(_("To do"))]
    headings = [
        Column(_("Name")),
        Column(_("E-mail")),
        Column(_("Asked")),
        Column(_("Open until")),
        Column(_("To do")),
    ]
    context = {
        "title": _("Support staff"),
        "lead": _("They act for one broker at a time, and never sign or become agent of record."),
        "table": Table(_("Support staff"), columns, staff, empty=_("The agency has no support staff.")),
        "asked": Table(_("Invited"), headings, asked, empty=_("No invitation is open.")),
    }
    return render(request, "agency/support.html", context)


def _open(request: PortalRequest) -> list[Invitation]:
    return list(invitations.open_ones(role=ROLE, subject=own.npn(request), now=request.now))


def _asked(one: Invitation) -> tuple[object, ...]:
    again = link(_("Send again"), reverse("agency:support_again", args=[one.pk]), described=one.name)
    back = link(_("Take back"), reverse("agency:support_take_back", args=[one.pk]), described=one.name)
    until = day(day_of(one.expires_at))
    return one.name, one.email, instant(one.sent_at), until, own.doings(again, back)


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def invite(request: PortalRequest) -> HttpResponse:
    """Sends a code to an address; the answer is the same whether or not it has an account."""
    form = Invite(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _send(request, form.cleaned_data["email"], form.cleaned_data["name"])
        return done.go(request, "staff-invited")
    title = _("Invite support staff")
    context = {
        "title": title,
        "crumbs": [_crumb(), NavItem(title)],
        "lead": _("A code goes to the address. The person enters it, sets a password and a second step."),
        "form": form,
        "submit": _("Invite"),
        "cancel_url": reverse("agency:support"),
    }
    return render(request, "web/form.html", context)


def _send(request: PortalRequest, email: str, name: str) -> None:
    invitations.invite(email, name=name, role=ROLE, subject=own.npn(request), by=request.actor, now=request.now)


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def again(request: PortalRequest, asked: int) -> HttpResponse:
    """Sends a new code; the one before opens nothing any more."""
    one = _one(request, asked)
    form = own.Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _send(request, one.email, one.name)
        return done.go(request, "staff-invited")
    text = _("A new code goes to the address. The one before it opens nothing any more.")
    return _sure(request, form, one.name, one.email, _("Send the invitation again"), text, _("Send again"))


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def take_back(request: PortalRequest, asked: int) -> HttpResponse:
    """Takes an invitation back."""
    one = _one(request, asked)
    form = own.Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        invitations.withdraw(one.pk, role=ROLE, subject=own.npn(request), by=request.actor, now=request.now)
        return done.go(request, "staff-taken-back")
    text = _("The code opens nothing any more.")
    return _sure(request, form, one.name, one.email, _("Take the invitation back"), text, _("Take back"))


@access.allow(*own.FAMILY)
@require_http_methods(["GET", "HEAD", "POST"])
@once.effect
def remove(request: PortalRequest, account: int) -> HttpResponse:
    """Takes the role away, open visits included."""
    user = next((one for one in account_facts.support_staff(own.npn(request)) if one.pk == account), None)
    if user is None:
        raise Http404
    form = own.Sure(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        accounts.revoke(user, role=ROLE, subject=own.npn(request), by=request.actor, now=request.now)
        return done.go(request, "staff-removed")
    text = _("The person no longer acts for your brokers, also where they are signed in now.")
    return _sure(request, form, user.name, user.email or "", _("Remove support staff"), text, _("Remove"))


def _one(request: PortalRequest, asked: int) -> Invitation:
    found = next((one for one in _open(request) if one.pk == asked), None)
    if found is None:
        raise Http404
    return found


def _sure(
    request: PortalRequest, form: forms.Form, name: str, email: str, title: str, text: str, submit: str
) -> HttpResponse:
    facts = [Fact(_("Name"), name), Fact(_("E-mail"), email)]
    return own.sure(request, form, title=title, crumb=_crumb(), facts=facts, text=text, submit=submit)


def _crumb() -> NavItem:
    return NavItem(_("Support staff"), reverse("agency:support"))
