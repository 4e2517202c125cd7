"""What every template knows: the marketplace, the person, the menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from aor.accounts import roles

type Menu = tuple[tuple[Any, str], ...]

VISITOR: Menu = ((_("Find a broker"), "directory"), (_("Help"), "help"))
MENUS: tuple[tuple[type[roles.Holder], Menu], ...] = (
    (
        roles.Broker,
        (
            (_("Today"), "broker:dashboard"),
            (_("Clients"), "broker:book"),
            (_("Invitations"), "broker:invitations"),
            (_("Standing"), "broker:standing"),
            (_("Reports"), "broker:reports"),
        ),
    ),
    (
        roles.SupportStaff,
        (
            (_("Today"), "broker:dashboard"),
            (_("Clients"), "broker:book"),
            (_("Invitations"), "broker:invitations"),
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
        ),
    ),
    (
        roles.Consumer,
        (
            (_("My broker"), "consumer:dashboard"),
            (_("Find a broker"), "directory"),
            (_("Who looked"), "consumer:reads"),
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
class NavItem:
    """An entry of the menu; `current` is the page one is on."""

    label: str
    url: str
    current: bool


def portal(request: HttpRequest) -> dict[str, Any]:
    """The variables of every template."""
    holder = getattr(request, "holder", None)
    return {
        "marketplace": settings.AOR_MARKETPLACE,
        "demo": settings.AOR_DEMO,
        "holder": holder,
        "now": getattr(request, "now", None),
        "nav": _navigation(request, holder),
        "languages": settings.LANGUAGES,
    }


def _navigation(request: HttpRequest, holder: roles.Holder | None) -> list[NavItem]:
    menu = next((menu for kind, menu in MENUS if isinstance(holder, kind)), VISITOR)
    match = getattr(request, "resolver_match", None)
    here = match.view_name if match else ""
    items = []
    for label, name in menu:
        try:
            items.append(NavItem(str(label), reverse(name), name == here))
        except NoReverseMatch:
            continue
    return items
