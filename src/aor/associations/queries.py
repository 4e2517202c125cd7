"""Associations read: rows into frozen facts, by household key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from aor.associations.models import Association, Ending, Invitation, InvitationStep, Lock, Open
from aor.consumers import queries as consumers
from aor.engine import bulk
from aor.engine.among import among
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
    """The association that gives a broker access; a transferred one gives none before the consumer confirms (R10)."""
    row = open_for(household_key)
    return None if row is None or row.path == rules.Path.TRANSFERRED else row


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
