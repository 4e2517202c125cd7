"""Enrollments read: rows into frozen facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Upper

from aor.consumers.models import Household
from aor.engine import bulk
from aor.engine.among import among
from aor.enrollments.lifecycle import EventFacts
from aor.enrollments.models import Enrollment, EnrollmentFile, Event, Interchange


def events_of(policy_ids: Iterable[str], *, known_at: datetime | None = None) -> list[EventFacts]:
    """The events of some policies that were accepted, by an instant where one is given; by policy id."""
    rows = Event.objects.filter(among("policy_id", policy_ids), file__accepted_at__isnull=False).order_by("policy_id")
    if known_at is not None:
        rows = rows.filter(file__accepted_at__lte=known_at)
    return [*map(EventFacts._make, bulk.read(rows, *EventFacts._fields))]


def accepted_as(sha256: str) -> EnrollmentFile | None:
    """The accepted file with these bytes, if it was received before."""
    return EnrollmentFile.objects.filter(sha256=sha256, accepted_at__isnull=False).first()


def waiting(events: QuerySet[Event]) -> list[tuple[str, str, datetime]]:
    """Policy, kind and instant of those events that no addition has made an enrollment of yet, ascending."""
    known = Enrollment.objects.filter(policy_id=OuterRef("policy_id"))
    rows = events.filter(~Exists(known), file__accepted_at__isnull=False).order_by("policy_id", "sent_at")
    return list(rows.values_list("policy_id", "kind", "sent_at"))


def waiting_for(policy_id: str) -> list[tuple[str, str, datetime]]:
    """The events of a policy that wait for its addition (021)."""
    return waiting(Event.objects.filter(policy_id=policy_id))


def already_used(numbers: Iterable[tuple[str, str, str]]) -> list[Interchange]:
    """Interchanges of accepted files with the same sender, receiver and control number."""
    wanted = set(numbers)
    found = Interchange.objects.filter(
        isa13__in={isa13 for _, _, isa13 in wanted}, file__accepted_at__isnull=False
    ).select_related("file")
    return [row for row in found if (row.isa06, row.isa08, row.isa13) in wanted]


def households_of_file(file: EnrollmentFile) -> QuerySet[Household]:
    """The households, as known so far, of the policies that a file speaks of."""
    policies = Event.objects.filter(file=file).values("policy_id")
    enrolled = Enrollment.objects.filter(policy_id__in=policies).values("subscriber__household")
    return Household.objects.filter(id__in=enrolled)


def not_folded() -> list[EnrollmentFile]:
    """Accepted files whose enrollments have not all followed yet."""
    return list(EnrollmentFile.objects.filter(accepted_at__isnull=False, folded_at__isnull=True).order_by("id"))


def policies_of(file: EnrollmentFile) -> Iterator[str]:
    """The policy ids that a file speaks of, ascending."""
    return (
        Event.objects.filter(file=file)
        .order_by("policy_id")
        .values_list("policy_id", flat=True)
        .distinct()
        .iterator()
    )


@dataclass(frozen=True, slots=True)
class Person:
    """A subscriber as enrollments name them."""

    subscriber_id: str
    last_name: str
    first_name: str


def born_on(day: date) -> list[Person]:
    """The subscribers with a birth date, once by each name that they have."""
    rows = Enrollment.objects.filter(birth_date=day)
    columns = ("subscriber__exchange_subscriber_id", "last_name", "first_name")
    return [Person(*row) for row in sorted(set(bulk.read(rows, *columns)))]


def policies_of_subscribers(subscriber_ids: Iterable[str]) -> list[str]:
    rows = Enrollment.objects.filter(among("subscriber__exchange_subscriber_id", subscriber_ids))
    return [policy for (policy,) in bulk.read(rows, "policy_id")]


def households_of(policy_ids: Iterable[str]) -> QuerySet[Household]:
    """The households, as known so far, of some policies."""
    enrolled = Enrollment.objects.filter(among("policy_id", policy_ids)).values("subscriber__household")
    return Household.objects.filter(id__in=enrolled)


def of_policies_from(words: str) -> QuerySet[Enrollment]:
    """The enrollments whose policy id begins with some words, by an index."""
    return _from(Enrollment.objects.all(), "policy_id", words).order_by("policy_id", "hios_issuer_id")


def of_name(last: str, first: str = "") -> QuerySet[Enrollment]:
    """The enrollments of people whose names begin so, by an index. The database's capitals may be ASCII's alone."""
    named = Enrollment.objects.annotate(family=Upper("last_name"), given=Upper("first_name"))
    rows = _from(named, "family", _plain(last))
    rows = _from(rows, "given", _plain(first)) if first else rows
    return rows.order_by(Upper("last_name"), Upper("first_name"), "id")


def _plain(name: str) -> str:
    """A name up to its first letter that is not ASCII, in capitals."""
    return name[: next((n for n, letter in enumerate(name) if not letter.isascii()), len(name))].upper()


def of_birth_date(day: date) -> QuerySet[Enrollment]:
    """The enrollments of people born on a day."""
    return Enrollment.objects.filter(birth_date=day).order_by("last_name", "first_name", "id")


def of_subscribers_from(words: str) -> QuerySet[Enrollment]:
    """The enrollments of subscribers whose exchange id begins with some words."""
    name = "subscriber__exchange_subscriber_id"
    return _from(Enrollment.objects.all(), name, words).order_by(name, "id")


def of_household(household: int) -> QuerySet[Enrollment]:
    """The enrollments of all who ever shared a household (its row), the latest coverage first."""
    return Enrollment.objects.filter(subscriber__household=household).order_by("-start", "policy_id")


def _from(rows: QuerySet[Any], column: str, words: str) -> QuerySet[Any]:
    """What begins with some words: a range that an index serves in whatever order of letters, then exactly."""
    first = words.rstrip("".join(letter for letter in words if not letter.isalnum()))
    bounds = {f"{column}__gte": first}
    if last := _after(first):
        bounds[f"{column}__lt"] = last
    return rows.filter(**bounds, **{f"{column}__startswith": words})


def _after(words: str) -> str:
    """What follows all that begins with some words, digits being before letters; "" for nothing."""
    if not words:
        return ""
    if words[-1] in "zZ":
        return _after(words[:-1])
    return words[:-1] + ("A" if words[-1] == "9" else chr(ord(words[-1]) + 1))
