"""Associations read: rows into frozen facts, by household key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from aor.associations.models import (
    Access,
    AccessChange,
    Association,
    Ending,
    Invitation,
    InvitationStep,
    Lock,
    Open,
)
from aor.consumers import queries as consumers
from aor.engine import bulk
from aor.engine.among import among
from aor.policy import access as access_rules
from aor.policy import association as rules
from aor.terms.period import day_of

ENDS_AN_INVITATION = ("confirmed", "declined", "withdrawn", "expired")


def of_holders(
    household_ids: Iterable[str],
    memberships: Mapping[str, consumers.Memberships],
    *,
    navigators: frozenset[str],
    known_at: datetime | None = None,
) -> dict[str, tuple[rules.Association, ...]]:
    """Every association of some households, by household key.

    `memberships` has the household keys by period of every subscriber concerned; one held by a subscriber
    belongs to the household that the subscriber was of on the day it was confirmed.
    """
    rows = _rows(Association.objects.filter(among("subscriber_id", memberships)), known_at)
    rows += _rows(Association.objects.filter(among("household_id", household_ids)), known_at)
    endings: dict[int, list[rules.End]] = {}
    ended = Ending.objects.filter(among("association", (row[0] for row in rows)))
    if known_at is not None:
        ended = ended.filter(recorded_at__lte=known_at)
    for association, at, kind, plan_year in bulk.read(ended, "association_id", "at", "kind", "plan_year"):
        endings.setdefault(association, []).append(rules.End(at, rules.EndKind(kind), plan_year))
    found: dict[str, list[rules.Association]] = {}
    for id, household_id, subscriber_id, npn, path, confirmed_at, plan_year in rows:
        if household_id:
            key = f"H:{household_id}"
        else:
            key = consumers.key_on(memberships[subscriber_id], day_of(confirmed_at))
        ends = tuple(sorted(endings.get(id, ()), key=lambda end: (end.at, end.kind)))
        found.setdefault(key, []).append(
            rules.Association(id, npn, path, confirmed_at, plan_year, npn in navigators, ends)
        )
    return {key: tuple(associations) for key, associations in found.items()}


def _rows(associations: Any, known_at: datetime | None) -> list[tuple[Any, ...]]:
    if known_at is not None:
        associations = associations.filter(recorded_at__lte=known_at)
    columns = ("id", "household_id", "subscriber_id", "npn", "path", "confirmed_at", "plan_year")
    return bulk.read(associations, *columns)


def open_for(household_key: str) -> Association | None:
    """The association open for a household: whose credit the next enrollment is."""
    row = Open.objects.filter(household_key=household_key).select_related("association").first()
    return None if row is None else row.association


def access_for(household_key: str) -> Association | None:
    """The association that gives a broker access, if it does; the broker's standing is asked apart."""
    row = open_for(household_key)
    return row if row is not None and access_rules.is_open(row.path, access_change(row.id)) else None


def access_change(association: int) -> str:
    """The latest closing or opening of access under an association: a policy.access.Change, or ""."""
    return access_changes([association]).get(association, "")


def access_changes(associations: Iterable[int]) -> dict[int, str]:
    """The latest closing or opening of access, by association; most have none."""
    rows = AccessChange.objects.filter(among("association", associations)).order_by("at", "id")
    return dict(bulk.read(rows, "association_id", "kind"))


def open_to(npns: Iterable[str], day: date) -> QuerySet[Access]:
    """Whom some brokers may see on a day by their associations: one row a subscriber; standing is asked apart."""
    return Access.objects.filter(Q(until=None) | Q(until__gt=day), npn__in=list(npns), start__lte=day)


def disowned_open() -> list[AccessChange]:
    """Associations of which a consumer said "I did not ask for this", and nobody has decided yet; oldest first."""
    latest = AccessChange.objects.filter(association=OuterRef("association")).order_by("-at", "-id").values("id")[:1]
    found = AccessChange.objects.filter(kind=access_rules.Change.DISOWNED, id=Subquery(latest))
    return list(found.select_related("association").order_by("at", "id"))


def association(id: int) -> Association | None:
    return Association.objects.filter(id=id).first()


def ends_of(id: int) -> frozenset[str]:
    """How an association was ended or annulled, if it was: the kinds."""
    return frozenset(Ending.objects.filter(association_id=id).values_list("kind", flat=True))


def invitation(id: int) -> tuple[Invitation, str] | None:
    """An invitation with its state: open, or the step that ended it."""
    row = Invitation.objects.filter(id=id).first()
    if row is None:
        return None
    step = InvitationStep.objects.filter(invitation=row, kind__in=ENDS_AN_INVITATION).first()
    return row, "open" if step is None else step.kind


def invitations_to_expire(now: datetime) -> list[int]:
    """Open invitations whose days are over."""
    return list(
        Invitation.objects.filter(expires_at__lte=now)
        .exclude(steps__kind__in=ENDS_AN_INVITATION)
        .order_by("id")
        .values_list("id", flat=True)
    )


def locked(household_keys: Iterable[str]) -> bool:
    """Whether the consumer has locked their broker: the last word, under whatever key the household had."""
    row = Lock.objects.filter(household_key__in=list(household_keys)).order_by("at", "id").last()
    return row is not None and row.locked
