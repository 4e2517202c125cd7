"""What every template knows: the marketplace, the person, the menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from aor.accounts import roles
from aor.web import tour
from aor.web.components import NavItem

type Menu = tuple[tuple[Any, str], ...]

VISITOR: Menu = ((_("Find a broker"), "directory"), (_("Help"), "help"))
OWN_PAGES: Menu = (
    (_("Change role"), "roles"),
    (_("Second step"), "mfa_index"),
    (_("Password"), "account_change_password"),
    (_("E-mail address"), "account_email"),
    (_("Where I am signed in"), "usersessions_list"),
)
MENUS: tuple[tuple[type[roles.Holder], Menu], ...] = (
    (
        roles.Broker,
        (
            (_("Today"), "broker:dashboard"),
            (_("Clients"), "broker:book"),
            (_("Invitations"), "broker:invitations"),
            (_("Standing"), "broker:standing"),
            (_("Reports"), "broker:reports"),
            (_("Report questions"), "claims:list"),
            (_("Messages"), "messages:inbox"),
        ),
    ),
    (
        roles.SupportStaff,
        (
            (_("Today"), "broker:dashboard"),
            (_("Clients"), "broker:book"),
            (_("Invitations"), "broker:invitations"),
            (_("Report questions"), "claims:list"),
            (_("Brokers"), "agency:acting"),
        ),
    ),
    (
        roles.AgencyManager,
        (
            (_("Agency"), "agency:dashboard"),
            (_("Book"), "agency:book"),
            (_("Roster"), "agency:roster"),
            (_("Readiness"), "agency:readiness"),
            (_("Support staff"), "agency:support"),
            (_("Messages"), "messages:inbox"),
        ),
    ),
    (
        roles.Consumer,
        (
            (_("My broker"), "consumer:dashboard"),
            (_("Find a broker"), "directory"),
            (_("Who looked"), "consumer:reads"),
            (_("Messages"), "messages:inbox"),
        ),
    ),
    (
        roles.Officer,
        (
            (_("Tasks"), "staff:dashboard"),
            (_("Search"), "staff:search"),
            (_("Transmissions"), "staff:transmissions"),
            (_("Close"), "staff:close"),
            (_("Cases"), "staff:cases"),
            (_("Messages"), "messages:inbox"),
            (_("More"), "staff:more"),
        ),
    ),
    (
        roles.Auditor,
        (
            (_("Start"), "staff:dashboard"),
            (_("Search"), "staff:search"),
            (_("Transmissions"), "staff:transmissions"),
            (_("More"), "staff:more"),
        ),
    ),
    (roles.CarrierStaff, ((_("Files"), "carrier:dashboard"), (_("Record"), "carrier:record"))),
)


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in: what the menu calls them, their role, and where they can go."""

    name: str
    role: str
    links: list[NavItem]
    sign_out_url: str


def portal(request: HttpRequest) -> dict[str, Any]:
    """The variables of every template."""
    holder = getattr(request, "holder", None)
    return {
        "marketplace": settings.AOR_MARKETPLACE,
        "demo": settings.AOR_DEMO,
        "tour": tour.step(request),
        "holder": holder,
        "now": getattr(request, "now", None),
        "nav": _items(request, next((menu for kind, menu in MENUS if isinstance(holder, kind)), VISITOR)),
        "account": _account(request, holder),
        "languages": settings.LANGUAGES,
        "interpreter_phone": settings.AOR_INTERPRETER_PHONE,
        "home_url": reverse("landing" if holder else "home"),
        "sign_in_url": reverse("account_login"),
        "help_url": reverse("help"),
        "accessibility_url": reverse("accessibility"),
        "privacy_url": reverse("privacy"),
    }


def _account(request: HttpRequest, holder: roles.Holder | None) -> Account | None:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return None
    return Account(
        name=user.name or str(_("My account")),
        role=_role(holder),
        links=_items(request, OWN_PAGES),
        sign_out_url=reverse("account_logout"),
    )


def _role(holder: roles.Holder | None) -> str:
    """What the menu calls the role; a consumer reads it in their language, the journal has the one name."""
    if isinstance(holder, roles.Consumer):
        return str(_("My marketplace account"))
    return holder.label if holder else ""


def _items(request: HttpRequest, menu: Menu) -> list[NavItem]:
    """The entries whose pages there are."""
    match = getattr(request, "resolver_match", None)
    here = match.view_name if match else ""
    items = []
    for label, name in menu:
        try:
            items.append(NavItem(label, reverse(name), name == here))
        except NoReverseMatch:
            continue
    return items
