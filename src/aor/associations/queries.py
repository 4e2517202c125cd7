"""Associations read: rows into frozen facts, by household key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from aor.associations.models import (
    Access,
    AccessChange,
    Association,
    Consent,
    Ending,
    Invitation,
    InvitationStep,
    Lock,
    Open,
    WrongCode,
)
from aor.associations.operations import hashed
from aor.consumers import queries as consumers
from aor.engine import bulk
from aor.engine.among import among
from aor.policy import access as access_rules
from aor.policy import association as rules
from aor.terms.period import day_of

ENDS_AN_INVITATION = ("confirmed", "declined", "withdrawn", "expired", "sent again")


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


def open_of(household_keys: Iterable[str]) -> dict[str, Association]:
    """The same for some households, by key; who has none is left out."""
    rows = Open.objects.filter(among("household_key", household_keys)).select_related("association")
    return {row.household_key: row.association for row in rows}


def last_recorded(household_key: str, people: Iterable[str]) -> datetime | None:
    """When the last news of a household's or its people's associations was recorded, if there was any."""
    named = Q(subscriber_id__in=list(people))
    if household_key.startswith("H:"):
        named |= Q(household_id=household_key[2:])
    of = Association.objects.filter(named)
    told = of.aggregate(begun=Max("recorded_at"), ended=Max("endings__recorded_at"))
    return max((at for at in told.values() if at is not None), default=None)


def access_for(household_key: str) -> Association | None:
    """The association that gives a broker access, if it does; the broker's standing is asked apart."""
    row = open_for(household_key)
    return row if row is not None and access_rules.is_open(row.path, access_change(row.id)) else None


def access_change(association: int) -> str:
    """The latest closing or opening of access under an association: a policy.access.Change, or ""."""
    return access_changes([association]).get(association, "")


def access_changes(associations: Iterable[int]) -> dict[int, str]:
    """The last closing or opening of access, by association, whatever the clock did; most have none."""
    rows = AccessChange.objects.filter(among("association", associations)).order_by("id")
    return dict(bulk.read(rows, "association_id", "kind"))


def open_to(npns: Iterable[str], day: date) -> QuerySet[Access]:
    """Whom some brokers may see on a day by their associations: one row a subscriber; standing is asked apart."""
    return Access.objects.filter(Q(until=None) | Q(until__gt=day), npn__in=list(npns), start__lte=day)


def seen_by(subscriber: str, day: date) -> list[str]:
    """The NPNs of the brokers whom associations let see a subscriber (exchange id) on a day: one, or none."""
    found = Access.objects.filter(Q(until=None) | Q(until__gt=day), start__lte=day)
    return list(found.filter(subscriber__exchange_subscriber_id=subscriber).values_list("npn", flat=True))


def access_of(subscribers: Iterable[int]) -> set[tuple[str, int, int, date, date | None]]:
    """Who may see some subscribers (rows), and when: (NPN, subscriber, association, from, until)."""
    rows = Access.objects.filter(among("subscriber", subscribers))
    return set(bulk.read(rows, "npn", "subscriber_id", "association_id", "start", "until"))


def disowned_open() -> list[AccessChange]:
    """Associations of which a consumer said "I did not ask for this", and nobody has decided yet; oldest first."""
    latest = AccessChange.objects.filter(association=OuterRef("association")).order_by("-id").values("id")[:1]
    found = AccessChange.objects.filter(kind=access_rules.Change.DISOWNED, id=Subquery(latest))
    return list(found.select_related("association").order_by("at", "id"))


def association(id: int) -> Association | None:
    return Association.objects.filter(id=id).first()


@dataclass(frozen=True, slots=True)
class Consented:
    """An association, or the confirmation of a transferred one, with its ends and its consent."""

    npn: str
    path: str
    method: str
    confirmed_at: datetime
    ended: tuple[tuple[datetime, str], ...]
    consent: Consent | None


def consents(household_key: str, people: Iterable[str]) -> list[Consented]:
    """Everything that a household, by its key and its subscribers, ever agreed to, in order."""
    named = Q(subscriber_id__in=list(people))
    if household_key.startswith("H:"):
        named |= Q(household_id=household_key[2:])
    rows = Association.objects.filter(named).select_related("consent").prefetch_related("endings")
    found = []
    for row in rows:
        ended = tuple(sorted((end.at, end.kind) for end in row.endings.all()))
        found.append(Consented(row.npn, row.path, row.method, row.confirmed_at, ended, row.consent))
    changes = AccessChange.objects.filter(association__in=rows, consent__isnull=False).select_related("consent")
    for change in changes.select_related("association"):
        one = change.association
        found.append(Consented(one.npn, f"{one.path}, confirmed", one.method, change.at, (), change.consent))
    return sorted(found, key=lambda one: (one.confirmed_at, one.npn))


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


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation as its broker sees it, which looks the same whether or not it reached anybody.

    `state` is open, confirmed, declined, withdrawn, expired or sent again.
    """

    id: int
    npn: str
    first_name: str
    last_name: str
    birth_date: date | None
    sent_at: datetime
    expires_at: datetime
    state: str
    answered_at: datetime | None


def invitations_of(npns: Iterable[str]) -> QuerySet[Invitation]:
    """The invitations of some brokers, the latest first, to filter and cut; `asked` reads them."""
    step = InvitationStep.objects.filter(invitation=OuterRef("id"), kind__in=ENDS_AN_INVITATION)
    rows = Invitation.objects.filter(npn__in=list(npns)).order_by("-sent_at", "-id")
    return rows.annotate(
        state=Coalesce(Subquery(step.values("kind")[:1]), Value("open")), answered_at=Subquery(step.values("at")[:1])
    )


def waiting(npn: str, now: datetime) -> int:
    """How many invitations of a broker are open."""
    rows = Invitation.objects.filter(npn=npn, expires_at__gt=now)
    return rows.exclude(steps__kind__in=ENDS_AN_INVITATION).count()


def asked(rows: QuerySet[Invitation]) -> list[Asked]:
    """What `invitations_of` gave, as brokers see it."""
    return [Asked(*row) for row in rows.values_list(*Asked.__slots__)]


def invitation_by_code(code: str) -> tuple[Invitation, str] | None:
    """The invitation that a code opens, with its state; None for a wrong code. One look-up, by the code's hash."""
    id = Invitation.objects.filter(code_hash=hashed(code)).values_list("id", flat=True).first()
    return None if id is None else invitation(id)


def invitations_for(subscriber_ids: Iterable[str], now: datetime) -> list[Invitation]:
    """The open invitations that reached some subscribers, the latest first: for their own account."""
    rows = Invitation.objects.filter(subscriber_id__in=list(subscriber_ids), expires_at__gt=now).exclude(contact="")
    return list(rows.exclude(steps__kind__in=ENDS_AN_INVITATION).order_by("-sent_at", "-id"))


def times_invited(npn: str, *, since: datetime, asked: str = "") -> int:
    """How often a broker invited since an instant: one person, by the key of what was asked, or anybody."""
    rows = Invitation.objects.filter(npn=npn, sent_at__gte=since)
    return (rows.filter(asked=asked) if asked else rows).count()


def still_open(npn: str, asked: str) -> list[int]:
    """The open invitations of a broker to one person, by the key of what was asked."""
    rows = Invitation.objects.filter(npn=npn, asked=asked).exclude(steps__kind__in=ENDS_AN_INVITATION)
    return list(rows.order_by("id").values_list("id", flat=True))


def invitations_open_since(sent_before: datetime, *, now: datetime) -> list[tuple[Invitation, datetime | None]]:
    """Open invitations that reached somebody, sent before an instant, with when they were last reminded."""
    rows = Invitation.objects.filter(sent_at__lte=sent_before, expires_at__gt=now).exclude(contact="")
    reminded = InvitationStep.objects.filter(invitation=OuterRef("id"), kind="reminded").order_by("-at").values("at")
    found = rows.exclude(steps__kind__in=ENDS_AN_INVITATION).annotate(reminded_at=Subquery(reminded[:1]))
    return [(row, row.reminded_at) for row in found.order_by("id")]


def invitation_held_by(id: int, *, code: str = "", subscriber_id: str = "") -> Invitation | None:
    """An invitation, for whoever has its code or is signed in as the subscriber invited; for others there is none."""
    found = invitation(id)
    if found is None:
        return None
    row = found[0]
    by_code = bool(code) and row.code_hash == hashed(code)
    return row if by_code or (subscriber_id and row.subscriber_id == subscriber_id) else None


def not_sent() -> QuerySet[InvitationStep]:
    """For staff: invitations that reached nobody, and why; the latest first."""
    return InvitationStep.objects.filter(kind="not sent").select_related("invitation").order_by("-at", "-id")


def wrong_codes(who: str, *, since: datetime) -> int:
    """How many wrong codes an account or a session gave since an instant."""
    return WrongCode.objects.filter(who=who[:150], at__gte=since).count()


def invitations_to_expire(now: datetime) -> list[int]:
    """Open invitations whose days are over."""
    return list(
        Invitation.objects.filter(expires_at__lte=now)
        .exclude(steps__kind__in=ENDS_AN_INVITATION)
        .order_by("id")
        .values_list("id", flat=True)
    )


def locked(household_keys: Iterable[str]) -> bool:
    """Whether the consumer has locked their broker: the last word, under whatever key the household had.

    What was said last is what was written last: of two instants the later is not, when the clock went back.
    """
    row = Lock.objects.filter(household_key__in=list(household_keys)).order_by("id").last()
    return row is not None and row.locked
