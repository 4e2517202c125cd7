"""The figures behind a signal: what was counted, over which days, what is ordinary, and the rows themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aor.acts import annul
from aor.associations.models import AccessChange, Association, Ending
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.consumers import queries as consumers
from aor.incidents.models import Signal
from aor.incidents.signals import taken_back
from aor.policy.association import Path
from aor.terms.period import day_of, end_of, start_of

BURST, CONTACT, REVERSAL = "SIGNAL_BURST", "SIGNAL_CONTACT", "SIGNAL_REVERSAL"
MOST = 100


@dataclass(frozen=True, slots=True)
class Counted:
    """A row behind a signal: an association, whose, of which broker, how, since when and what became of it."""

    association: int
    subscriber_id: str
    npn: str
    path: str
    confirmed_at: datetime
    became: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True)
class Why:
    """`first` to `last` are the days looked at, inclusive; `count` what was found, `ordinary` what is not odd.

    Of a contact `count` are the households that share it; whether it is a broker's is `of_broker`. A reversal has
    the days until it was taken back. What is counted now may differ from what the signal's sentence says of then.
    """

    rule: str
    first: date
    last: date
    count: int
    ordinary: int
    rows: tuple[Counted, ...]
    of_broker: bool = False


def why(row: Signal) -> Why:
    """The figures of one signal, as the rows stand now."""
    association, parameters = row.association, calendar.parameters()
    day = day_of(association.confirmed_at)
    speaker = annul.speaker(association)
    if row.rule == BURST:
        days = parameters.number("signal_burst_days", day)
        first = day - timedelta(days=days - 1)
        of_broker = Association.objects.filter(npn=association.npn).exclude(path=Path.TRANSFERRED)
        rows = of_broker.filter(confirmed_at__gte=start_of(first), confirmed_at__lt=end_of(day))
        found = counted(list(rows.order_by("confirmed_at", "pk")[:MOST]))
        return Why(row.rule, first, day, rows.count(), parameters.number("signal_burst_households", day), found)
    if row.rule == CONTACT:
        email = consumers.emails_of([speaker]).get(speaker, "")
        sharing = consumers.households_sharing([email]).get(email, 0) if email else 0
        shared = bool(email) and email in brokers.addresses([email])
        ordinary = parameters.number("contact_households", day)
        return Why(row.rule, day, day, sharing, ordinary, counted([association]), shared)
    back = taken_back([association.pk]).get(association.pk, day)
    ordinary = parameters.number("signal_reversal_days", day)
    return Why(row.rule, day, back, (back - day).days, ordinary, counted([association]))


def counted(rows: list[Association]) -> tuple[Counted, ...]:
    """Associations with what became of each, in a few queries for all."""
    ids = [one.pk for one in rows]
    became: dict[int, list[tuple[datetime, str]]] = {id: [] for id in ids}
    for model in (Ending, AccessChange):
        for id, at, kind in model.objects.filter(association__in=ids).values_list("association_id", "at", "kind"):
            became[id].append((at, kind))
    return tuple(
        Counted(
            one.pk, one.subscriber_id or annul.speaker(one), one.npn, one.path, one.confirmed_at,
            tuple(sorted(became[one.pk])),
        )
        for one in rows
    )  # fmt: skip
