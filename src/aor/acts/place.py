"""A household as an act finds it: who its people are, who its broker is, whether it is locked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aor.associations import queries as association_facts
from aor.associations.models import Association
from aor.consumers import operations as consumers
from aor.consumers import queries as consumer_facts
from aor.consumers.models import Household, Subscriber
from aor.engine import locks
from aor.policy.standing import BrokerStanding
from aor.record.queries import Surroundings
from aor.terms.period import day_of


@dataclass(frozen=True, slots=True)
class Place:
    """A household as an act finds it: its row, its key and people today, the association open, whether locked."""

    household: int
    key: str
    people: tuple[str, ...]
    open: Association | None
    locked: bool
    around: Surroundings

    def replaces(self, npn: str) -> bool:
        return self.open is not None and self.open.npn != npn

    def after(self, now: datetime) -> datetime:
        """The instant of what follows on all that their associations went through, whatever the clock did."""
        last = association_facts.last_recorded(self.key, self.people) or now
        last = last if self.open is None else max(last, self.open.confirmed_at)
        return now if last <= now else last + timedelta(microseconds=1)

    def standing(self, npn: str) -> BrokerStanding:
        return self.around.standings({npn})[npn]


def hold(subscriber_id: str, now: datetime) -> Place:
    """For who acts, inside their transaction: whoever else acts for the household waits until it ends.

    What an act decides on is read after the wait, so two at once are one after the other.
    """
    with locks.shared("writers"):  # first, as in settle: two orders would be a deadlock
        held = 0
        while held != (found := _household(subscriber_id, now)):  # another act may have joined households meanwhile
            list(Household.objects.select_for_update().filter(id=found))
            held = found
        return place_of(subscriber_id, now)


def place_of(subscriber_id: str, now: datetime) -> Place:
    """For who looks: the household of a subscriber, known before or not."""
    household = _household(subscriber_id, now)
    people = Subscriber.objects.filter(household=household).values_list("exchange_subscriber_id", flat=True)
    today = day_of(now)
    keys = {name: consumer_facts.key_on(own, today) for name, own in consumer_facts.memberships_of(people).items()}
    key = keys[subscriber_id]
    together = tuple(sorted(name for name, of in keys.items() if of == key))
    locked = association_facts.locked({key, *map(alone, together)})
    return Place(household, key, together, association_facts.open_for(key), locked, Surroundings.known())


def alone(subscriber_id: str) -> str:
    """Under this too a lock is kept: the household's own key is another once its application is known."""
    return f"S:{subscriber_id}"


def _household(subscriber_id: str, now: datetime) -> int:
    known = Subscriber.objects.filter(exchange_subscriber_id=subscriber_id).values_list("household", flat=True)
    return known.first() or consumers.join(subscribers=[subscriber_id], now=now).pop()
