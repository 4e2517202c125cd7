"""Where the marketplace reaches consumers: as enrollment files and their own accounts say, never as a broker does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from aor.acts import say
from aor.audit import operations as journal
from aor.brokers import queries as broker_facts
from aor.calendar import queries as calendar
from aor.consumers import operations as consumers
from aor.consumers import queries as consumer_facts
from aor.consumers.operations import Said
from aor.consumers.queries import ACCOUNT, EMAIL, ENROLLMENT_FILE, PHONE
from aor.enrollments import queries as enrollment_facts
from aor.enrollments.lifecycle import EventFacts
from aor.policy import invitation as rules
from aor.policy.decision import Decision
from aor.terms.actor import Actor
from aor.terms.period import day_of


@dataclass(frozen=True, slots=True)
class ContactAnswer:
    """The address that may carry a code, or "" and the decision that says why none may."""

    address: str
    decision: Decision

    @property
    def refused_because(self) -> str:
        return "; ".join(finding.because for finding in self.decision.unmet)


@dataclass(frozen=True, slots=True)
class SharedContact:
    """An address held of too many, or of a broker too: `households` hold it."""

    address: str
    households: int
    of_broker: bool


def contact_for(subscriber_id: str, *, now: datetime) -> ContactAnswer:
    """Where a code may go: an e-mail address that was held before and is the consumer's own (readings, R1).

    Asks the same of everybody, also of "", who is nobody.
    """
    address = consumer_facts.emails_of([subscriber_id]).get(subscriber_id, "")
    households = consumer_facts.households_sharing([address]).get(address, 0)
    decision = rules.contacting(
        held=bool(address),
        of_broker=address in broker_facts.addresses([address]),
        households=households,
        now=now,
        parameters=calendar.parameters(),
    )
    return ContactAnswer(address if decision.granted else "", decision)


def shared_contacts(*, now: datetime) -> list[SharedContact]:
    """For staff: the addresses that are refused because they are shared."""
    most = calendar.parameters().number("contact_households", day_of(now))
    of_brokers = consumer_facts.households_sharing(broker_facts.addresses())
    sharing = consumer_facts.households_sharing(consumer_facts.shared_addresses(most))
    refused = of_brokers | {address: count for address, count in sharing.items() if count > most}
    listed = [SharedContact(address, count, address in of_brokers) for address, count in refused.items()]
    return sorted(listed, key=lambda one: (-one.households, one.address))


@transaction.atomic
def set_account_contact(*, subscriber_id: str, email: str, phone: str = "", by: Actor, now: datetime) -> bool:
    """What the marketplace account says; whether that is news. The old address is told."""
    before = consumer_facts.emails_of([subscriber_id]).get(subscriber_id, "")
    said: Iterable[Said] = [
        (subscriber_id, EMAIL, ACCOUNT, email.strip().lower(), now),
        *([(subscriber_id, PHONE, ACCOUNT, phone.strip(), now)] if phone else []),
    ]
    news = consumers.contacts(said, now=now)
    if news:
        journal.write(verb="contact.changed", subject=("subscriber", subscriber_id), by=by, at=now)
    if before and before != email.strip().lower():
        say.to_consumers("contact changed", [subscriber_id], about="contact", now=now, address=before)
    return bool(news)


@transaction.atomic
def set_language(*, subscriber_id: str, language: str, by: Actor, now: datetime) -> bool:
    """The language in which a consumer wants to be written to; whether that is news."""
    news = consumers.prefer(subscriber_id, language=language, now=now)
    if news:
        details = {"language": language}
        journal.write(verb="language.chosen", subject=("subscriber", subscriber_id), by=by, at=now, details=details)
    return news


def learn(events: Sequence[EventFacts], *, now: datetime) -> int:
    """Takes the contacts that enrollment files say; how many are news.

    What contradicts the known address is looked up in all that was said of its subscriber, so that the later said
    counts in whatever order the files come.
    """
    news, contradicting = consumers.unheard(_of_files(events))
    if contradicting:
        whole = enrollment_facts.events_of(enrollment_facts.policies_of_subscribers(contradicting))
        news += _of_files(one for one in whole if one.subscriber_id in contradicting)
    return consumers.contacts(news, now=now) if news else 0


def _of_files(events: Iterable[EventFacts]) -> Iterator[Said]:
    for one in events:
        if one.email:
            yield one.subscriber_id, EMAIL, ENROLLMENT_FILE, one.email.strip().lower(), one.sent_at
        if one.phone:
            yield one.subscriber_id, PHONE, ENROLLMENT_FILE, one.phone.strip(), one.sent_at
