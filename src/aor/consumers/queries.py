"""Which household a subscriber is of on which days, and which locked Household that lies in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched

from django.db.models import Count

from aor.consumers.models import Contact, Membership, Preference, Subscriber
from aor.engine import bulk
from aor.engine.among import among
from aor.terms.period import Period

CHUNK = 10_000  # names in one query; SQLite's own bound is 32,766
ALWAYS = date.min

Memberships = tuple[tuple[Period, str], ...]


@dataclass(frozen=True, slots=True)
class _Stay:
    """A membership as told; of two that overlap the later start wins."""

    start: date
    household_id: str
    until: date | None


def memberships_of(
    subscriber_ids: Iterable[str] | None,
    *,
    known_at: datetime | None = None,
    applications: Mapping[str, str] | None = None,
) -> dict[str, Memberships]:
    """The household keys of each subscriber (exchange id), covering all days, ascending; None is everyone.

    `applications` are their latest application ids, where they were read already.

    A key is `H:` and the household id of an imported membership, else `A:` and the latest application id, else
    `S:` and the subscriber. Who has memberships is of the first one before it begins, and alone after leaving.
    """
    stays: defaultdict[str, list[_Stay]] = defaultdict(list)
    latest = dict(applications or {})
    for names in _chunks(subscriber_ids):
        rows = Membership.objects.known_at(known_at)
        people = Subscriber.objects.exclude(application_id="")
        if names is not None:
            named = among("exchange_subscriber_id", names)
            rows, people = rows.filter(named), people.filter(named)
        for name, household, start, until in bulk.read(
            rows, "exchange_subscriber_id", "household_id", "start", "until"
        ):
            stays[name].append(_Stay(start or ALWAYS, household, until))
        if applications is None:
            latest.update(bulk.read(people, "exchange_subscriber_id", "application_id"))
    if subscriber_ids is None:
        everyone: Iterable[str] = Subscriber.objects.values_list("exchange_subscriber_id", flat=True).iterator()
        subscriber_ids = {*everyone, *stays}
    return {name: _keys(name, stays.get(name, ()), latest.get(name, "")) for name in subscriber_ids}


def key_on(memberships: Memberships, day: date) -> str:
    """The household key of a day, of what `memberships_of` gave for a subscriber."""
    return next(key for period, key in memberships if day in period)


def left_by(memberships: Mapping[str, Memberships]) -> set[str]:
    """The household keys that some subscribers were told to be of, at any time, and none of them is on any day."""
    keys = {key for stays in memberships.values() for _, key in stays}
    told = Membership.objects.filter(among("exchange_subscriber_id", memberships))
    return {f"H:{household}" for (household,) in bulk.read(told, "household_id")} - keys


def households_of(*, household_ids: Iterable[str] = (), subscriber_ids: Iterable[str] = ()) -> set[int]:
    """The Households (keys) of the holders named; who is not yet known has none."""
    names = set(subscriber_ids)
    for ids in batched(set(household_ids), CHUNK):
        shared = Membership.objects.filter(household_id__in=ids)
        names.update(shared.values_list("exchange_subscriber_id", flat=True).distinct())
    found: set[int] = set()
    for some in batched(names, CHUNK):
        people = Subscriber.objects.filter(exchange_subscriber_id__in=some)
        found.update(people.values_list("household_id", flat=True).distinct())
    return found


EMAIL, PHONE = "email", "phone"
ENROLLMENT_FILE, ACCOUNT = "enrollment file", "account"


def emails_of(subscriber_ids: Iterable[str]) -> dict[str, str]:
    """The e-mail address that the marketplace holds of each subscriber, in small letters; the account's comes first.

    Whether it may carry a code is asked apart (`acts.contacts.contact_for`).
    """
    rows = Contact.objects.known_at().filter(among("exchange_subscriber_id", subscriber_ids), kind=EMAIL)
    found = bulk.read(rows.exclude(address=""), "source", "exchange_subscriber_id", "address")
    return {name: address for _, name, address in sorted(found, reverse=True)}


def households_sharing(addresses: Iterable[str]) -> dict[str, int]:
    """How many households hold each of some addresses."""
    rows = Contact.objects.known_at().filter(among("address", addresses), kind=EMAIL)
    people = bulk.read(rows, "exchange_subscriber_id", "address")
    names = {name for name, _ in people}
    of = dict(
        bulk.read(
            Subscriber.objects.filter(among("exchange_subscriber_id", names)),
            "exchange_subscriber_id",
            "household_id",
        )
    )
    sharing: defaultdict[str, set[object]] = defaultdict(set)
    for name, address in people:
        sharing[address].add(of.get(name, name))
    return {address: len(households) for address, households in sharing.items()}


def shared_addresses(most: int) -> list[str]:
    """The e-mail addresses held of more than `most` subscribers."""
    rows = Contact.objects.known_at().filter(kind=EMAIL).exclude(address="").values("address")
    shared = rows.annotate(people=Count("exchange_subscriber_id", distinct=True)).filter(people__gt=most)
    return list(shared.order_by().values_list("address", flat=True))


def holders(addresses: Iterable[str], *, most: int) -> dict[str, list[str]]:
    """Of each of some e-mail addresses, the first subscribers (exchange ids) of whom it is held, at most so many."""
    rows = (
        Contact.objects.known_at().filter(among("address", addresses), kind=EMAIL).order_by("exchange_subscriber_id")
    )
    found: defaultdict[str, list[str]] = defaultdict(list)
    for address, name in bulk.read(rows.order_by("exchange_subscriber_id"), "address", "exchange_subscriber_id"):
        if len(found[address]) < most and name not in found[address]:
            found[address].append(name)
    return dict(found)


def languages_of(subscriber_ids: Iterable[str]) -> dict[str, str]:
    """The language in which subscribers asked to be written to; who did not say is left out."""
    rows = Preference.objects.known_at().filter(among("exchange_subscriber_id", subscriber_ids))
    return dict(bulk.read(rows, "exchange_subscriber_id", "language"))


def _chunks(names: Iterable[str] | None) -> Iterator[Sequence[str] | None]:
    if names is None:
        return iter([None])
    return iter(batched(names, CHUNK))


def _keys(name: str, stays: Sequence[_Stay], application_id: str) -> Memberships:
    if not stays:
        return ((Period(ALWAYS), f"A:{application_id}" if application_id else f"S:{name}"),)
    first = min(stays, key=lambda stay: (stay.start, stay.household_id))
    edges = sorted({ALWAYS, *(s.start for s in stays), *(s.until for s in stays if s.until)})
    keys: list[tuple[date, str]] = []
    for day in edges:
        within = [s for s in stays if s.start <= day and (s.until is None or day < s.until)]
        if within:
            key = f"H:{max(within, key=lambda s: (s.start, s.household_id)).household_id}"
        else:
            key = f"H:{first.household_id}" if day < first.start else f"S:{name}"
        if not keys or keys[-1][1] != key:
            keys.append((day, key))
    ends = [*(day for day, _ in keys[1:]), None]
    return tuple((Period(day, until), key) for (day, key), until in zip(keys, ends, strict=True))
