"""Who may open a page. A page that does not say is closed, and a test fails.

    @access.allow(roles.Broker, roles.SupportStaff)
    def book(request: PortalRequest) -> HttpResponse: ...

The rule is declared on the view and enforced by `aor.web.middleware.Access`, before the view runs. What a page
shows of whom is the view's own: it loads through a scoped query by `request.holder`, never by the URL alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from aor.accounts import roles
from aor.accounts.models import User
from aor.terms.actor import Actor


@dataclass(frozen=True, slots=True)
class Rule:
    """`public`: everyone. `signed_in`: any account, before a role is chosen. Else the roles in `kinds` may pass."""

    public: bool = False
    signed_in: bool = False
    kinds: tuple[type[roles.Holder], ...] = ()
    second_factor: bool = True
    names: tuple[str, ...] = field(default=(), compare=False)

    def admits(self, holder: roles.Holder) -> bool:
        return isinstance(holder, self.kinds)


class PortalRequest(HttpRequest):
    """A request as a page sees it: who asks, in which role, and when."""

    holder: roles.Holder
    actor: Actor
    now: datetime
    user: User
    htmx: Any


View = Callable[..., HttpResponseBase]


def allow(*kinds: type[roles.Holder]) -> Callable[[View], View]:
    """Only these roles, with a second factor."""
    return _declare(Rule(kinds=kinds))


def public(view: View) -> View:
    """Everyone, signed in or not: shows nothing private."""
    return _declare(Rule(public=True))(view)


def signed_in(view: View) -> View:
    """Every account, also before the second factor and the choice of a role: shows nothing of others."""
    return _declare(Rule(signed_in=True, second_factor=False))(view)


def _declare(rule: Rule) -> Callable[[View], View]:
    def declared(view: View) -> View:
        view.access = rule  # type: ignore[attr-defined]  # a view is a function; the rule travels with it
        return view

    return declared


PUBLIC, OWN = Rule(public=True), Rule(signed_in=True, second_factor=False)
CLOSED = Rule()
OF_LIBRARIES = {
    **dict.fromkeys(
        (
            "account_login", "account_logout", "account_signup", "account_inactive",
            "account_email_verification_sent", "account_confirm_email", "account_reset_password",
            "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done",
            "mfa_authenticate", "mfa_login_webauthn",
            "openid_connect_login", "openid_connect_callback",
            "socialaccount_login_cancelled", "socialaccount_login_error",
            "set_language",
        ),
        PUBLIC,
    ),
    **dict.fromkeys(
        (
            "account_reauthenticate", "account_email", "account_change_password", "account_set_password",
            "mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
            "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
            "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn",
            "mfa_edit_webauthn", "usersessions_list",
        ),
        OWN,
    ),
    **dict.fromkeys(("account_confirm_login_code", "socialaccount_signup", "socialaccount_connections"), CLOSED),
}  # fmt: skip
"""Pages of libraries, which cannot declare for themselves: by the name of their URL."""


def rule_of(view: Callable[..., object], url_name: str | None) -> Rule | None:
    """What a page declares; None where it declares nothing."""
    declared = getattr(view, "access", None)
    if declared is None:
        declared = getattr(getattr(view, "view_class", None), "access", None)
    return declared if isinstance(declared, Rule) else OF_LIBRARIES.get(url_name or "")
