"""Accounts read: in which roles a person may act."""

from __future__ import annotations

from aor.accounts import roles
from aor.accounts.models import Grant, KeptView, RoleName, User


def holders(user: User) -> dict[int, roles.Holder]:
    """The roles that an account has now, by the grant's id, in the order they were granted."""
    grants = Grant.objects.known_at().filter(user=user).order_by("id")
    return {grant.pk: _holder(user, RoleName(grant.role), grant.subject) for grant in grants}


def _holder(user: User, role: RoleName, subject: str) -> roles.Holder:
    own = (user.pk, user.name)
    match role:
        case RoleName.BROKER:
            return roles.Broker(*own, npn=subject)
        case RoleName.AGENCY_MANAGER:
            return roles.AgencyManager(*own, agency_npn=subject)
        case RoleName.SUPPORT_STAFF:
            return roles.SupportStaff(*own, agency_npn=subject)
        case RoleName.CONSUMER:
            return roles.Consumer(*own, subscriber_id=subject)
        case RoleName.OFFICER:
            return roles.Officer(*own)
        case RoleName.LEAD:
            return roles.Lead(*own)
        case RoleName.AUDITOR:
            return roles.Auditor(*own)
        case RoleName.CARRIER:
            return roles.CarrierStaff(*own, hios_issuer_id=subject)


def by_email(email: str) -> User | None:
    """The account with an address, whatever its case."""
    return User.objects.filter(email__iexact=email).first()


def names(accounts: set[int]) -> dict[int, str]:
    """What pages call accounts, by id."""
    return dict(User.objects.filter(pk__in=accounts).values_list("pk", "name"))


def support_staff(agency_npn: str) -> list[User]:
    """Who may act for the brokers of an agency now."""
    grants = Grant.objects.known_at().filter(role=RoleName.SUPPORT_STAFF, subject=agency_npn)
    return list(User.objects.filter(pk__in=grants.values("user")).order_by("name", "pk"))


def kept_views(account: int, page: str) -> list[tuple[str, str]]:
    """Names and queries of the filters that a person kept for a list."""
    return list(KeptView.objects.filter(user=account, page=page).order_by("name").values_list("name", "query"))
