"""What people change of their own way of signing in: in the journal, and on a confirmation at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allauth.account.views import EmailView, PasswordChangeView, PasswordSetView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, EditWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.views import ListUserSessionsView
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from aor.audit import operations as journal
from aor.terms.actor import Actor, Role
from aor.web import access, clock
from aor.web.access import PortalRequest
from aor.web.components import NavItem, NextStep, Words

KEY = "account changed"
AT_ONCE = _("At once")
CHANGES: Mapping[str, tuple[Words, tuple[NextStep, ...]]] = {
    "password": (
        _("Your password is changed"),
        (
            NextStep(_("All your visits are ended. Sign in again with the new password."), _("Now")),
            NextStep(_("A mail tells your address of the change."), _("Today")),
        ),
    ),
    "email": (
        _("The change of your e-mail address is noted"),
        (
            NextStep(_("To change to a new address, open the link in the mail that went there."), _("Now")),
            NextStep(_("Until then the address of before counts. It is told of the change.")),
        ),
    ),
    "app": (_("The app with codes is added"), (NextStep(_("You may sign in with its codes."), AT_ONCE),)),
    "app-removed": (_("The app with codes is removed"), (NextStep(_("Its codes open nothing any more."), AT_ONCE),)),
    "passkey": (_("The passkey is added"), (NextStep(_("You may sign in with it."), AT_ONCE),)),
    "passkey-renamed": (_("The passkey is renamed"), (NextStep(_("Only its name is another now."), AT_ONCE),)),
    "passkey-removed": (_("The passkey is removed"), (NextStep(_("It opens nothing any more."), AT_ONCE),)),
    "visits": (
        _("Your other visits are ended"),
        (NextStep(_("Whoever uses them must sign in again."), AT_ONCE),),
    ),
}


class _Changed:
    """Ends a page of the library: the journal has the change, its number is the reference."""

    change = ""
    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.account = request.user.pk  # who changes their password is signed out by it
        found: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # of the library's view
        return found

    def get_success_url(self) -> str:
        by = Actor(Role.VISITOR, f"account {self.account}")
        with transaction.atomic():
            act = journal.write(
                verb=f"account changed: {self.change}", subject=("account", str(self.account)), by=by, at=clock.now()
            )
        self.request.session[KEY] = [self.change, act]
        return reverse("changed", args=[self.change])


class _Added(_Changed):
    """The first second factor ends on the recovery codes, which are shown once."""

    def get_success_url(self) -> str:
        codes = reverse("mfa_view_recovery_codes")
        url: str = super(_Changed, self).get_success_url()  # type: ignore[misc]  # of the library's view
        return codes if url == codes else super().get_success_url()


class ChangePassword(_Changed, PasswordChangeView):  # type: ignore[misc]  # allauth has no types
    change = "password"


class SetPassword(_Changed, PasswordSetView):  # type: ignore[misc]  # allauth has no types
    change = "password"


class ChangeEmail(_Changed, EmailView):  # type: ignore[misc]  # allauth has no types
    change = "email"


class AddApp(_Added, ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    change = "app"


class RemoveApp(_Changed, DeactivateTOTPView):  # type: ignore[misc]  # allauth has no types
    change = "app-removed"


class AddPasskey(_Added, AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    change = "passkey"


class RenamePasskey(_Changed, EditWebAuthnView):  # type: ignore[misc]  # allauth has no types
    change = "passkey-renamed"


class RemovePasskey(_Changed, RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    change = "passkey-removed"


class EndVisits(_Changed, ListUserSessionsView):  # type: ignore[misc]  # allauth has no types
    change = "visits"


@access.public
@require_safe
def changed(request: PortalRequest, done: str) -> HttpResponse:
    """The receipt of the last change in this visit; who changed their password is signed out and reads it too."""
    what, act = request.session.get(KEY) or ("", 0)
    if what != done:
        raise Http404
    title, steps = CHANGES[done]
    signed_in = request.user.is_authenticated
    there = NavItem(_("Second step of signing in"), reverse("mfa_index")) if signed_in else None
    context = {
        "title": title,
        "reference": f"J-{act}",
        "next_steps": steps,
        "links": [there or NavItem(_("Sign in"), reverse("account_login"))],
    }
    return render(request, "web/confirmation.html", context)
