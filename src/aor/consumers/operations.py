"""Subscribers and the Households that hold them: created and merged as the news comes, in any order."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import batched

from django.db import transaction

from aor.consumers.models import Contact, Household, Membership, Preference, Subscriber
from aor.consumers.queries import CHUNK
from aor.engine import bulk, locks
from aor.engine.among import among

_INSTANT = timedelta(microseconds=1)
Application = tuple[str, datetime]  # its id, and when the set that named it was sent


def learn(subscribers: Iterable[tuple[str, str, datetime]], *, now: datetime) -> set[int]:
    """Takes (exchange subscriber id, application id, when sent) from enrollments; returns the Households touched.

    The latest application id counts, of the same instant the greater; an empty one says nothing.
    """
    names: set[str] = set()
    latest: dict[str, Application] = {}
    for name, application, as_of in subscribers:
        names.add(name)
        if application and (name not in latest or (as_of, application) > latest[name][::-1]):
            latest[name] = (application, as_of)
    return join(subscribers=names, applications=latest, now=now)


def join(
    *,
    subscribers: Iterable[str] = (),
    household_ids: Iterable[str] = (),
    applications: Mapping[str, Application] | None = None,
    now: datetime,
) -> set[int]:
    """Makes sure that all who ever shared a household id or an application share a Household; returns those touched.

    `household_ids` are of memberships already written. Joining is serial: two processes that create or merge the
    same Household at once would each see half of it.
    """
    with transaction.atomic(savepoint=False), locks.exclusive("households", by="joining households", at=now):
        people = _People(set(subscribers) | set(applications or ()))
        people.read(set(household_ids), applications or {})
        return people.settle()


type Said = tuple[str, str, str, str, datetime]
"""A contact as somebody said it: exchange subscriber id, kind, source, address, when."""

_CONTACT = ("exchange_subscriber_id", "kind", "source", "address", "as_of")


def unheard(said: Iterable[Said]) -> tuple[list[Said], set[str]]:
    """What was said last of each subscriber, kind and source, where it is not the address that is known.

    And of whom another address was known: exchange subscriber ids.
    """
    latest: dict[tuple[str, str, str], tuple[datetime, str]] = {}
    for name, kind, source, address, as_of in said:
        key = (name, kind, source)
        latest[key] = max(latest.get(key, (as_of, address)), (as_of, address))
    contradicting: set[str] = set()
    known = Contact.objects.known_at().filter(among("exchange_subscriber_id", (name for name, *_ in latest)))
    for name, kind, source, address, as_of in bulk.read(known, *_CONTACT):
        heard = latest.get((name, kind, source))
        if heard is not None and (heard[1] == address or heard[0] < as_of):
            del latest[name, kind, source]
        elif heard is not None:
            contradicting.add(name)
    return [(*key, address, as_of) for key, (as_of, address) in latest.items()], contradicting


def contacts(said: Iterable[Said], *, now: datetime) -> int:
    """Makes contacts known that are not; how many. What was known before is closed, never changed."""
    news = {one[:3]: one for one in unheard(said)[0]}
    known = Contact.objects.known_at().filter(among("exchange_subscriber_id", (name for name, *_ in news)))
    closing = {
        row[2:]: (row[0], max(now, row[1] + _INSTANT))
        for row in bulk.read(known, "id", "known_from", *_CONTACT[:3])
        if row[2:] in news
    }
    bulk.update(Contact, "id", ["known_until"], closing.values())
    bulk.load(
        Contact,
        (*_CONTACT, "known_from"),
        ((*one, closing[key][1] if key in closing else now) for key, one in sorted(news.items())),
    )
    return len(news)


def prefer(subscriber_id: str, *, language: str, now: datetime) -> bool:
    """A subscriber asks to be written to in a language; whether that is news."""
    with transaction.atomic():
        known = Preference.objects.known_at().select_for_update().filter(exchange_subscriber_id=subscriber_id).first()
        if known is not None and known.language == language:
            return False
        if known is not None:
            now = max(now, known.known_from + _INSTANT)
            bulk.update(Preference, "id", ["known_until"], [(known.id, now)])
        Preference.objects.create(exchange_subscriber_id=subscriber_id, language=language, known_from=now)
    return True


@dataclass
class _People:
    """The subscribers touched, with the Households they are in and what they share."""

    names: set[str]
    household_of: dict[str, int] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)  # those to be written
    links: list[tuple[Hashable, Hashable]] = field(default_factory=list)

    def read(self, household_ids: set[str], applications: Mapping[str, Application]) -> None:
        for ids in batched(household_ids, CHUNK):
            rows = Membership.objects.filter(household_id__in=ids)
            for household, name in rows.values_list("household_id", "exchange_subscriber_id").distinct():
                self.names.add(name)
                self.links.append((("H", household), name))
        self._existing(applications)
        shared = {application for application, _ in self.applications.values()}
        self.links += [(("A", application), name) for name, (application, _) in self.applications.items()]
        for ids in batched(shared, CHUNK):
            found = Subscriber.objects.filter(among("application_id", ids))
            for application, key in found.values_list("application_id", "household_id").distinct():
                self.links.append((("A", application), key))

    def _existing(self, told: Mapping[str, Application]) -> None:
        """Whom we know, and which application ids are news."""
        self.applications = dict(told)
        columns = ("exchange_subscriber_id", "household_id", "application_id", "application_as_of")
        for names in batched(self.names, CHUNK):
            rows = Subscriber.objects.filter(among("exchange_subscriber_id", names))
            for name, household, application, as_of in bulk.read(rows, *columns):
                self.household_of[name] = household
                self.links.append((household, name))
                news = self.applications.get(name)
                if news and as_of is not None and (as_of, application) >= (news[1], news[0]):
                    del self.applications[name]

    def settle(self) -> set[int]:
        """Writes subscribers, Households and merges; returns the Households of all who were touched."""
        root = _components([*self.links, *((name, name) for name in self.names)])
        target: dict[Hashable, int] = {}
        for node, top in root.items():
            if isinstance(node, int):
                target[top] = min(node, target.get(top, node))
        self._merge(
            {node: target[top] for node, top in root.items() if isinstance(node, int) and target[top] != node}
        )
        tops = sorted({root[name] for name in self.names if root[name] not in target}, key=str)
        fresh = bulk.next_ids(Household, len(tops))
        bulk.load(Household, ["id", "last_known"], ((key, None) for key in fresh))
        target.update(zip(tops, fresh, strict=True))
        self._write({name: target[root[name]] for name in self.names})
        return {target[root[name]] for name in self.names}

    def _merge(self, moves: Mapping[int, int]) -> None:
        """Moves everyone of a Household into the one it was joined with; it stays behind, empty."""
        last: dict[int, datetime] = {}
        for keys in batched(sorted({*moves, *moves.values()}), CHUNK):
            rows = Household.objects.select_for_update().filter(pk__in=keys).order_by("pk")
            for key, known in rows.values_list("pk", "last_known"):
                into = moves.get(key, key)
                if known is not None:
                    last[into] = max(known, last.get(into, known))
        bulk.update(Household, "id", ["last_known"], sorted(last.items()))
        bulk.update(Subscriber, "household", ["household"], sorted(moves.items()))

    def _write(self, households: Mapping[str, int]) -> None:
        none: tuple[str, datetime | None] = ("", None)
        columns = ["exchange_subscriber_id", "household", "application_id", "application_as_of"]
        new = (name for name in sorted(households) if name not in self.household_of)
        bulk.load(Subscriber, columns, ((n, households[n], *self.applications.get(n, none)) for n in new))
        known = ((name, *news) for name, news in self.applications.items() if name in self.household_of)
        bulk.update(Subscriber, "exchange_subscriber_id", ["application_id", "application_as_of"], known)


def _components(links: Iterable[tuple[Hashable, Hashable]]) -> dict[Hashable, Hashable]:
    """Each node with the one that stands for all that are linked to it (union-find, halving the paths)."""
    parent: dict[Hashable, Hashable] = {}

    def top(node: Hashable) -> Hashable:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in links:
        parent[top(left)] = top(right)
    return {node: top(node) for node in list(parent)}
