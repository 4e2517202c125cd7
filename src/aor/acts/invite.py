"""A broker invites a person by name and birth date; only a contact that was held before hears of it (readings, R1).

The broker is answered by what the broker may do, alike whether or not anybody was found: the same rows are read and
written, and an invitation stands on the broker's list in any case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from aor.acts import associate, contacts, say
from aor.associations import operations as associations
from aor.associations import queries as association_facts
from aor.associations.models import Invitation
from aor.audit import operations as journal
from aor.brokers import queries as broker_facts
from aor.calendar import queries as calendar
from aor.consumers import queries as consumer_facts
from aor.enrollments import queries as enrollment_facts
from aor.policy import association as associating
from aor.policy import invitation as rules
from aor.policy.decision import Decision
from aor.terms.actor import Actor
from aor.terms.period import day_of, start_of


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a broker asks for."""

    first_name: str
    last_name: str
    birth_date: date

    @property
    def key(self) -> str:
        """The same for the same person in other letters."""
        plain = f"{rules.plain(self.last_name)}|{rules.plain(self.first_name)}|{self.birth_date}"
        return hashlib.sha256(plain.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of a code shows before anything is confirmed. `replaces` needs a second factor."""

    invitation: int
    broker_name: str
    agency_name: str
    npn: str
    expires_at: datetime
    replaces: bool


@transaction.atomic
def invite_by_name(
    *, npn: str, first_name: str, last_name: str, birth_date: date, by: Actor, now: datetime
) -> Decision:
    """The broker asks for a person. The decision is about the broker alone; an open one to the same is sent again."""
    person = Person(first_name.strip(), last_name.strip(), birth_date)
    parameters, day = calendar.parameters(), day_of(now)
    since = now - timedelta(days=parameters.number("invitation_resend_days", day))
    decision = rules.asking(
        standing=broker_facts.standings([npn])[npn],
        again=association_facts.times_invited(npn, since=since, asked=person.key),
        today=association_facts.times_invited(npn, since=start_of(day)),
        now=now,
        parameters=parameters,
    )
    subject = ("broker", npn)
    if decision.granted:
        expires_at = now + timedelta(days=parameters.number("invitation_days", day))
        row = _send(person, npn, expires_at, now)
        subject = ("subscriber", row.subscriber_id) if row.contact else ("invitation", str(row.id))
    journal.write(
        verb="association.invited" if decision.granted else "association.invited refused",
        subject=subject,
        decision=decision,
        parameters_version=parameters.version,
        by=by,
        at=now,
        details={"npn": npn},
    )
    return decision


def _send(person: Person, npn: str, expires_at: datetime, now: datetime) -> Invitation:
    """An invitation, and either a mail to the contact held or a line for staff: as many rows in any case."""
    found = find(person)
    subscriber = found[0] if len(found) == 1 else ""
    contact = contacts.contact_for(subscriber, now=now)
    reached = rules.reaching(persons=len(found), contact=contact.decision)
    for earlier in association_facts.still_open(npn, person.key):
        associations.answer(earlier, kind="sent again", at=now)
    row, code = associations.invite(
        npn=npn,
        subscriber_id=subscriber if reached.granted else "",
        contact=contact.address if reached.granted else "",
        now=now,
        expires_at=expires_at,
        asked=person.key,
        first_name=person.first_name,
        last_name=person.last_name,
        birth_date=person.birth_date,
    )
    if reached.granted:
        say.invited(row, code, now=now)
    else:
        associations.answer(row.id, kind="not sent", at=now, because=reached.unmet[0].because)
    return row


def find(person: Person) -> list[str]:
    """The subscribers with exactly these names, but for case, spaces, diacritics and hyphens, and this birth date."""
    wanted = (rules.plain(person.last_name), rules.plain(person.first_name))
    born = enrollment_facts.born_on(person.birth_date)
    return sorted(
        {one.subscriber_id for one in born if (rules.plain(one.last_name), rules.plain(one.first_name)) == wanted}
    )


def invite_many(*, npn: str, people: Sequence[Person], by: Actor, now: datetime) -> list[tuple[Person, Decision]]:
    """Each person of a file is invited by itself, in order; the limits count along."""
    return [
        (
            one,
            invite_by_name(
                npn=npn,
                first_name=one.first_name,
                last_name=one.last_name,
                birth_date=one.birth_date,
                by=by,
                now=now + timedelta(microseconds=place),
            ),
        )
        for place, one in enumerate(people)
    ]


@transaction.atomic
def open_code(code: str, *, by: Actor, now: datetime) -> tuple[Decision, Shown | None]:
    """What a code opens, before anything is confirmed; after too many wrong ones in a day no code is looked at."""
    parameters = calendar.parameters()
    wrong = association_facts.wrong_codes(by.name, since=now - timedelta(days=1))
    tries = rules.code_tries(wrong, parameters.number("wrong_codes", day_of(now)))
    found = association_facts.invitation_by_code(code) if tries.met else None
    if tries.met and found is None:
        associations.wrong_code(by.name, at=now)
    state, expires_at = ("not found", now) if found is None else (found[1], found[0].expires_at)
    decision = Decision.of(tries, associating.invitation_open(state, expires_at, now))
    if not decision.granted or found is None:
        return decision, None
    return decision, shown(found[0], now=now)


def shown(row: Invitation, *, now: datetime) -> Shown:
    """An invitation as its consumer sees it."""
    broker = broker_facts.roster([row.npn]).get(row.npn)
    stays = consumer_facts.memberships_of([row.subscriber_id])[row.subscriber_id]
    held = association_facts.open_for(consumer_facts.key_on(stays, day_of(now)))
    return Shown(
        row.id,
        broker.name if broker else "",
        broker.agency_name if broker else "",
        row.npn,
        row.expires_at,
        held is not None and held.npn != row.npn,
    )


@transaction.atomic
def decline_invitation(
    *, invitation: int, code: str = "", subscriber_id: str = "", by: Actor, now: datetime
) -> Decision:
    """The consumer says no, by the code or signed in as the one invited; the broker is told that it was answered."""
    row = association_facts.invitation_held_by(invitation, code=code, subscriber_id=subscriber_id)
    decision = associate.answer_invitation(invitation=row.id if row else 0, kind="declined", by=by, now=now)
    if row is not None and decision.granted:
        say.to_brokers("invitation declined", [row.npn], about=str(row.id), now=now)
    return decision


def withdraw_invitation(*, invitation: int, npn: str, by: Actor, now: datetime) -> Decision:
    """The broker takes an invitation of their own back."""
    found = association_facts.invitation(invitation)
    mine = invitation if found is not None and found[0].npn == npn else 0
    return associate.answer_invitation(invitation=mine, kind="withdrawn", by=by, now=now)


def remind_invitations(*, by: Actor, now: datetime) -> int:
    """Whoever was invited and has not answered is reminded on the days of the parameter, once each; how many.

    A day that was missed is made up for with the next.
    """
    words = calendar.parameters().words("invitation_reminder_days", day_of(now))
    after = sorted(timedelta(days=int(word)) for word in words)
    due = []
    for row, reminded_at in association_facts.invitations_open_since(now - after[0], now=now) if after else ():
        last = max(row.sent_at + one for one in after if row.sent_at + one <= now)
        if reminded_at is None or reminded_at < last:
            due.append(row)
    if due:
        _remind(due, by, now)
    return len(due)


@transaction.atomic
def _remind(due: Collection[Invitation], by: Actor, now: datetime) -> None:
    associations.answer_many((row.id for row in due), kind="reminded", at=now)
    say.reminded(due, now=now)
    entries = [journal.Entry(("invitation", str(row.id))) for row in due]
    journal.write_many(verb="invitation.reminded", entries=entries, by=by, at=now)
