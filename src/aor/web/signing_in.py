"""Signing in: by password and second factor, or by an identity provider whose word gives the roles."""

from __future__ import annotations

from dataclasses import dataclass, field
from smtplib import SMTPException
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import user_email
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from aor.accounts import operations as accounts
from aor.accounts import queries as account_facts
from aor.accounts.models import RoleName, User
from aor.audit import operations as journal
from aor.notices import words
from aor.terms.actor import Actor, Role, system
from aor.web import clock, errors, problems

CONSUMERS, STAFF = "marketplace", "state"
STAFF_ROLES = {"officer": RoleName.OFFICER, "lead": RoleName.LEAD, "auditor": RoleName.AUDITOR}
BY_PROVIDER = system("identity provider")


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts with a password are opened by invitation of an agency or the broker team, or by registering."""

    def new_user(self, request: HttpRequest) -> User:
        return User(created_at=clock.now())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A relay that does not answer is said, and the person tries again; it never breaks the page."""
        named = {name: words.address(_path(str(url))) for name, url in context.items() if name.endswith("_url")}
        try:
            super().send_mail(template_prefix, email, {"current_site": _Site(), **context, **named})
        except (SMTPException, OSError):
            messages.error(self.request, _("The mail could not be sent now. Try again in a few minutes."))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Before anything about the account is changed; but not to add the first second factor."""
        first = app == "allauth.mfa" and not is_mfa_enabled(self.request.user)
        return not first and bool(super().is_reauthentication_required(app=app, **kwargs))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> Any:
        request.session["began"] = clock.now().isoformat()
        journal.write(
            verb="signed in",
            subject=("account", str(user.pk)),
            by=Actor(Role.VISITOR, f"account {user.pk}"),
            at=clock.now(),
        )
        return super().post_login(request, user, **kwargs)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """One that failed is in the journal too: whose account was tried, if anybody's, and never an address."""
        found = account_facts.by_email(str(credentials.get("email") or ""))
        with transaction.atomic():
            journal.write(
                verb="sign-in failed",
                subject=("account", str(found.pk) if found else "unknown"),
                by=Actor(Role.VISITOR, "visitor"),
                at=clock.now(),
            )
        super().authentication_failed(request, **credentials)


class Providers(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The provider's claims are read at each sign-in: nobody types who they are."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        return User(created_at=clock.now())

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """A consumer's name and address stay with the marketplace account; staff are called by name."""
        user = cast(User, sociallogin.user)
        staff = sociallogin.account.provider == STAFF
        user_email(user, None)
        user.name = str(data.get("name") or "")[:200] if staff else ""
        sociallogin.email_addresses = []
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if not _of_one_person(sociallogin):
            words = _("The answer from there does not hold together. Nothing was changed. Sign in once more.")
            raise ImmediateHttpResponse(errors.problem(request, _NotKnown(words)))
        claims = _claims(sociallogin)
        found = _roles(sociallogin.account.provider, claims)
        if not found:
            words = _("Your account there is not connected with anything here. Nothing was changed.")
            raise ImmediateHttpResponse(errors.problem(request, _NotKnown(words)))
        request.session["provider_second_factor"] = _two_factors(claims)
        sociallogin.state["aor_roles"] = found
        if sociallogin.is_existing:
            follow(cast(User, sociallogin.user), sociallogin)
        sociallogin.account.extra_data = {"sub": sociallogin.account.uid}

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user = cast(User, sociallogin.user)
        user.set_unusable_password()
        sociallogin.save(request)
        follow(user, sociallogin)
        return user


@dataclass(frozen=True, slots=True)
class _Site:
    """Who writes: the portal under its public address, whichever of its names the reader came by."""

    name: str = field(default_factory=lambda: str(settings.AOR_MARKETPLACE))
    domain: str = field(default_factory=lambda: str(settings.AOR_URL))


def _path(url: str) -> str:
    """What of an address stands behind the host."""
    return urlunsplit(("", "", *urlsplit(url)[2:]))


class _NotKnown(problems.Problem):
    status = 403


def follow(user: User, login: SocialLogin) -> None:
    """The roles of the account are what the provider says now."""
    wanted = login.state.get("aor_roles") or []
    accounts.follow_provider(
        user, [(RoleName(role), subject) for role, subject in wanted], by=BY_PROVIDER, now=clock.now()
    )


def _of_one_person(login: SocialLogin) -> bool:
    """OpenID Connect Core 2 and 5.3.2: an ID token that ends, and nothing told of another `sub` beside it."""
    data = login.account.extra_data or {}
    token = data.get("id_token") or {}
    told = data.get("userinfo") or token
    return "exp" in token and bool(token.get("sub")) and token["sub"] == told.get("sub")


def _claims(login: SocialLogin) -> dict[str, Any]:
    data = login.account.extra_data or {}
    return {**data.get("id_token", {}), **data.get("userinfo", {}), **{k: v for k, v in data.items() if k == "sub"}}


def _roles(provider: str, claims: dict[str, Any]) -> list[tuple[str, str]]:
    """Consumers by the claim `exchange_subscriber_id`; staff by the claim `roles`."""
    if provider == CONSUMERS:
        subscriber = str(claims.get("exchange_subscriber_id") or "")
        return [(RoleName.CONSUMER.value, subscriber)] if subscriber else []
    return [(STAFF_ROLES[name].value, "") for name in claims.get("roles") or [] if name in STAFF_ROLES]


def _two_factors(claims: dict[str, Any]) -> bool:
    """RFC 8176: `amr` names `mfa`, or two methods of different kinds."""
    methods = set(claims.get("amr") or [])
    return "mfa" in methods or ("pwd" in methods and bool(methods & {"otp", "hwk", "swk", "sms", "fpt"}))
