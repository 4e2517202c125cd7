"""A person accepts an invitation by its code: with the account they have, or one that is opened for the address."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from aor.accounts import invitations
from aor.accounts import queries as accounts
from aor.accounts.models import Invitation, User
from aor.terms.actor import Actor, Role
from aor.web import access, once, problems
from aor.web.access import PortalRequest
from aor.web.components import NavItem, NextStep
from aor.web.forms import Form, Submitted

WRONG, HOUR = 10, 3600
ACCEPTED = "accepted_invitation"


class Code(Submitted, Form):
    """The code of the mail, of somebody who is signed in."""

    code = forms.CharField(
        label=gettext_lazy("Code from the mail"),
        max_length=40,
        help_text=gettext_lazy("Capital or small letters, with or without hyphens."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )


class CodeAndPassword(Code):
    """The same, of somebody who opens an account."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
        max_length=200,
        strip=False,
        help_text=gettext_lazy("At least 15 characters. Several words are good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


@access.public
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: PortalRequest) -> HttpResponseBase:
    """Asks for the code. Wrong ones are counted outside of `once`, which takes back what had no effect."""
    if request.method == "POST":
        _count_wrong(request, request.POST.get("code", ""))
    return _accept(request)


def _count_wrong(request: PortalRequest, code: str) -> None:
    """After too many wrong codes in an hour none is looked at; the visitor's address is not kept."""
    client = get_adapter().get_client_ip(request)
    address = salted_hmac("aor.web.agency.accept", client, algorithm="sha256").hexdigest()
    key = f"wrong-invitation-codes:{address[:32]}"
    if cache.get(key, 0) >= WRONG:
        raise problems.TooMany(_("Too many wrong codes. Try again in an hour."), back=reverse("home"))
    if invitations.by_code(code) is None:
        cache.set(key, cache.get(key, 0) + 1, HOUR)


@once.effect
def _accept(request: PortalRequest) -> HttpResponse:
    """Takes the code. A right one of a mail has verified the address that the mail went to."""
    user = request.user if isinstance(request.user, User) else None
    kind = CodeAndPassword if user is None else Code
    form = kind(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        row = _open(request, form.cleaned_data["code"])
        if row is None:
            form.add_error("code", _("This code is not right. Check it against the mail."))
        elif _fits(form, row, user):
            by = Actor(Role.VISITOR, f"account {user.pk}" if user else f"invitation {row.pk}")
            password = form.cleaned_data.get("password", "")
            if invitations.accept(row.pk, user=user, password=password, by=by, now=request.now):
                request.session[ACCEPTED] = row.pk
                return HttpResponseRedirect(reverse("agency:accepted"))
            form.add_error(None, _("This invitation is no longer open. Ask for a new one."))
    context = {
        "title": _("Accept an invitation"),
        "lead": _("Enter the code and choose a password. Have an account? Sign in first, then enter the code here.")
        if user is None
        else _("Enter the code. The role is added to the account you are signed in with."),
        "form": form,
        "submit": _("Accept"),
        "cancel_url": reverse("home"),
    }
    return render(request, "web/form.html", context)


def _open(request: PortalRequest, code: str) -> Invitation | None:
    """The invitation of a code, while it is open."""
    row = invitations.by_code(code)
    if row is not None and (row.how or row.expires_at <= request.now):
        words = _("This code was used or is over. Ask who invited you for a new one.")
        raise problems.Gone(words, back=reverse("home"))
    return row


def _fits(form: forms.Form, row: Invitation, user: User | None) -> bool:
    """Whether this person may accept it: the invited address's account, or nobody's yet and a good password."""
    if user is not None:
        if (user.email or "").lower() != row.email:
            form.add_error("code", _("This invitation went to another address than your account’s."))
        return form.is_valid()
    if accounts.by_email(row.email) is not None:
        form.add_error(None, _("Your address has an account. Sign in first, then enter the code again."))
        return False
    try:
        validate_password(form.cleaned_data["password"], User(email=row.email, name=row.name))
    except forms.ValidationError as weak:
        form.add_error("password", weak)
    return form.is_valid()


@access.public
@require_safe
def accepted(request: PortalRequest) -> HttpResponse:
    """What follows."""
    signed_in = request.user.is_authenticated
    steps = [
        NextStep(_("Sign in with your e-mail address and your password."), _("Now")) if not signed_in
        else NextStep(_("Choose the new role under “Change role”."), _("Now")),
        NextStep(_("Set up a second step for signing in, if you have none yet.")),
    ]  # fmt: skip
    there = NavItem(_("Go on"), reverse("landing")) if signed_in else NavItem(_("Sign in"), reverse("account_login"))
    number = request.session.get(ACCEPTED)
    context = {
        "title": _("You have accepted the invitation"),
        "reference": f"IA-{number}" if number else "",
        "next_steps": steps,
        "links": [there],
    }
    return render(request, "web/confirmation.html", context)
