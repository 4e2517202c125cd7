"""What may be disposed of, what was, and which legal holds are in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps
from django.db.models import Q

from aor.brokers.models import Broker
from aor.calendar import queries as calendar
from aor.carriers.models import Carrier
from aor.cases.models import Case
from aor.consumers.models import Subscriber
from aor.engine.among import among
from aor.policy import retention as rules
from aor.policy.retention import Kind, What
from aor.record.models import Entry
from aor.retention import accounts, households, models, papers
from aor.retention.candidates import Candidate, not_disposed
from aor.retention.schedule import DOCUMENTS, PERSONAL, parameter
from aor.terms.period import Period, day_of

GATHER = {
    What.COVERAGE: households.households,
    What.CONTACTS: households.without_coverage,
    What.CASES: households.cases,
    What.LETTERS: papers.letters,
    What.INVITATIONS: papers.invitations,
    What.DOCUMENTS: papers.documents,
    What.ACCOUNTS: accounts.accounts,
}


@dataclass(frozen=True, slots=True)
class Due:
    """What of a class may be disposed of today: `things` and their `rows`; `held` things are under a legal hold."""

    what: What
    years: int
    before: date
    things: int
    rows: int
    held: int


def in_force() -> tuple[rules.Hold, ...]:
    """The legal holds in force; one on a household names everybody of it, one on a case whom it is about."""
    found = []
    for row in models.Hold.objects.filter(release=None).order_by("id"):
        period = Period(row.start, row.until) if row.start else None
        found.append(rules.Hold(row.pk, Kind(row.kind), _about(Kind(row.kind), row.subject), period))
    return tuple(found)


def is_known(kind: Kind, subject: str) -> bool:
    """Whether there is such a household, broker, carrier or case: a hold on a mistyped number would keep nothing."""
    match kind:
        case Kind.HOUSEHOLD:
            return Subscriber.objects.filter(exchange_subscriber_id=subject).exists()
        case Kind.BROKER:
            return Broker.objects.filter(npn=subject).exists() or Entry.objects.filter(npn=subject).exists()
        case Kind.CARRIER:
            return Carrier.objects.filter(hios_issuer_id=subject).exists()
        case Kind.CASE:
            return Case.objects.filter(number=subject).exists()
        case Kind.PERIOD:
            return True


def _about(kind: Kind, subject: str) -> frozenset[str]:
    names = {subject} - {""}
    if kind is Kind.CASE:
        for subscribers, _carriers in households.people_of(
            list(Case.objects.filter(number=subject).values_list("id", flat=True))
        ).values():
            names |= subscribers
    if kind is Kind.HOUSEHOLD:
        of = Subscriber.objects.filter(exchange_subscriber_id=subject).values("household")
        names |= set(Subscriber.objects.filter(household__in=of).values_list("exchange_subscriber_id", flat=True))
    return frozenset(names)


def years_of(what: What, today: date) -> int:
    """For how many years a class is kept, by the parameters of that day."""
    return calendar.parameters().number(parameter(what), today)


def ready(what: What, *, now: datetime) -> Iterator[tuple[list[Candidate], int]]:
    """What of a class may be disposed of now, so many things at once, each with how many were held back."""
    today, holds = day_of(now), in_force()
    years = years_of(what, today)
    for some in GATHER[what](rules.ended_by(today, years)):
        free = [one for one in some if rules.disposal(one.thing, holds=holds, years=years, today=today).granted]
        yield free, len(some) - len(free)


def due(*, now: datetime) -> list[Due]:
    """Every class and what of it may be disposed of now; counts alone."""
    found = []
    for what in What:
        years = years_of(what, day_of(now))
        things = rows = held = 0
        for some, back in ready(what, now=now):
            things, held = things + len(some), held + back
            rows += sum(len(ids) for one in some for ids in one.rows.values())
        found.append(Due(what, years, rules.ended_by(day_of(now), years), things, rows, held))
    return found


def leaves(label: str, after: int, until: int) -> dict[int, str]:
    """For the journal's verification: the rows that were disposed of, and their leaves since then."""
    rows = models.Disposed.objects.filter(table=label, row__gt=after, row__lte=until)
    return dict(rows.values_list("row", "leaf"))


def disposed_among(label: str, rows: Iterable[int]) -> set[int]:
    """Those of some rows that were disposed of."""
    found = models.Disposed.objects.filter(among("row", rows), table=label)
    return set(found.values_list("row", flat=True))


def disposed_rows(label: str) -> set[int]:
    """The rows of a table that were disposed of."""
    return set(models.Disposed.objects.filter(table=label).values_list("row", flat=True))


def gone_documents() -> set[str]:
    """Documents that only rows name which were disposed of: their files are to be gone."""
    gone: set[str] = set()
    kept: set[str] = set()
    for label, column in DOCUMENTS.items():
        rows = disposed_rows(label)
        if rows:
            manager = apps.get_model(label)._default_manager
            gone |= set(manager.filter(pk__in=rows).values_list(column, flat=True))
    if gone:
        for label, column in DOCUMENTS.items():
            still = not_disposed(apps.get_model(label)).filter(**{f"{column}__in": gone})
            kept |= set(still.values_list(column, flat=True))
    return gone - kept - {"", None}


def not_emptied() -> Iterator[tuple[str, int]]:
    """Rows that were disposed of and hold personal data again: table and number."""
    for label, columns in PERSONAL.items():
        rows = apps.get_model(label)._default_manager.filter(pk__in=disposed_rows(label))
        empty = Q()
        for column, value in columns.items():
            empty &= Q(**{f"{column}__isnull": True} if value is None else {column: value})
        yield from ((label, id) for id in rows.exclude(empty).order_by("pk").values_list("pk", flat=True))
