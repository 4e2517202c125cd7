"""Accounts read: in which roles a person may act."""

from __future__ import annotations

from collections.abc import Iterable

from aor.accounts import roles
from aor.accounts.models import Digest, Grant, KeptView, RoleName, User


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


def managers(agency_npn: str) -> list[User]:
    """Who keeps an agency now."""
    grants = Grant.objects.known_at().filter(role=RoleName.AGENCY_MANAGER, subject=agency_npn)
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("pk"))


def of_brokers(npns: Iterable[str]) -> set[str]:
    """Of some brokers those who have an account."""
    grants = Grant.objects.known_at().filter(role=RoleName.BROKER, subject__in=list(npns))
    return set(grants.values_list("subject", flat=True))


def wants_digest(account: int, agency_npn: str) -> bool:
    """Whether an account asked for an agency's daily digest."""
    return Digest.objects.filter(user=account, agency_npn=agency_npn).exists()


def digests() -> list[Digest]:
    """Everyone who wants a digest and still keeps the agency."""
    keeps = set(
        Grant.objects.known_at()
        .filter(role=RoleName.AGENCY_MANAGER, user__is_active=True)
        .values_list("user_id", "subject")
    )
    rows = Digest.objects.select_related("user").order_by("agency_npn", "user_id")
    return [row for row in rows if (row.user_id, row.agency_npn) in keeps]


def officers() -> list[User]:
    """Who may work on cases: officers and leads, by name."""
    grants = Grant.objects.known_at().filter(role__in=[RoleName.OFFICER, RoleName.LEAD])
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("name", "pk"))
