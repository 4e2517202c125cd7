"""Secure messages between brokers, agencies, consumers and the broker team.

What is written stays in the portal; a mail only says that something waits. A thread is a case of kind "message":
its number, its inbox and its evidence are those of `aor.cases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Q

from aor.associations import queries as associations
from aor.brokers import agencies
from aor.brokers import queries as brokers
from aor.cases import correspondence
from aor.cases import operations as cases
from aor.cases import queries as case_facts
from aor.cases.clocks import Allowance, Unit
from aor.cases.models import Case, Message, State
from aor.cases.operations import DESK, Refused
from aor.consumers import queries as consumers
from aor.notices import operations as notices
from aor.notices import words
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of

ANSWER_WITHIN = Allowance(3, Unit.BUSINESS_DAYS)
LATEST = 200


class Topic(StrEnum):
    """What a thread is about; kept as its subject, because it holds no personal data."""

    CLIENT = "a client or policy"
    REPORT = "a report"
    STANDING = "certification, licence or appointment"
    ACCOUNT = "account or access"
    COPY = "a copy of my data"
    CORRECTION = "a correction of my data"
    OTHER = "something else"


FOR_TEAM = (Topic.COPY, Topic.CORRECTION)
"""What the marketplace alone answers: the rights of a data subject (Minn. Stat. 13.04, subd. 3 and 4)."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who writes or is written to: the desk, a broker by NPN, an agency by NPN, a consumer by subscriber."""

    role: Role
    id: str = ""

    @property
    def key(self) -> tuple[Role, str]:
        return (self.role, self.id)


TEAM = Party(*DESK)


@transaction.atomic
def start(*, topic: Topic, sender: Party, to: Party, body: str, by: Actor, now: datetime) -> str:
    """Opens a thread with its first message; returns its number. Raises Refused.

    A consumer may write to their broker while that one has access, everyone to the broker team, the team to all.
    """
    if refusal := _against(sender, to, now):
        raise Refused(refusal)
    opened = cases.open_one(
        kind="message",
        subject=("thread", _parties(sender, to)),
        clocks={cases.ANSWER: ANSWER_WITHIN} if to == TEAM else {},
        by=by,
        now=now,
    )
    _send(opened.number, to, f"About {topic}.\n\n{body.strip()}" if body.strip() else "", by=by, now=now)
    return opened.number


@transaction.atomic
def reply(number: str, *, party: Party, body: str, by: Actor, now: datetime) -> None:
    """Writes to the other side of a thread. The team's word meets its clock. Raises Refused."""
    row = of(number, party)
    if row is None or row.state == State.CLOSED:
        raise Refused("this conversation is closed")
    to = other(row, party)
    if refusal := _against(party, to, now):
        raise Refused(refusal)
    _send(number, to, body, by=by, now=now)
    if party == TEAM:
        cases.meet(number, name=cases.ANSWER, now=now)


def threads(party: Party) -> list[Case]:
    """The threads of one party, latest first."""
    mine = f"{party.role.value}:{party.id}"
    sides = Q(subject_id__startswith=f"{mine}|") | Q(subject_id__endswith=f"|{mine}")
    return list(Case.objects.filter(sides, kind="message", subject_kind="thread").order_by("-id")[:LATEST])


def of(number: str, party: Party) -> Case | None:
    """A thread, if this party is one of its two."""
    row = case_facts.cases([number]).get(number)
    if row is None or row.kind != "message" or f"{party.role.value}:{party.id}" not in row.subject_id.split("|"):
        return None
    return row


def other(row: Case, party: Party) -> Party:
    """The other side of a thread."""
    left, right = (_party(part) for part in row.subject_id.split("|"))
    return right if left == party else left


def unread(party: Party) -> int:
    """How many messages wait for a party."""
    return case_facts.unread(*party.key)


@transaction.atomic
def read(number: str, *, party: Party, purpose: str, by: Actor, now: datetime) -> list[Message]:
    """The messages of a thread, oldest first; the read is recorded. Raises Refused."""
    if of(number, party) is None:
        raise Refused(f"there is no conversation {number}")
    return correspondence.read_thread(number, recipient=party.key, purpose=purpose, by=by, now=now)


def _parties(sender: Party, to: Party) -> str:
    return f"{sender.role.value}:{sender.id}|{to.role.value}:{to.id}"


def _party(words: str) -> Party:
    role, _, id = words.partition(":")
    return Party(Role(role), id)


def _against(sender: Party, to: Party, now: datetime) -> str:
    """Why one may not write to the other; "" when they may."""
    if TEAM in (sender, to):
        return ""
    if {sender.role, to.role} == {Role.CONSUMER, Role.BROKER}:
        consumer, broker = (sender, to) if sender.role is Role.CONSUMER else (to, sender)
        open_to = associations.open_to([broker.id], day_of(now))
        if open_to.filter(subscriber__exchange_subscriber_id=consumer.id).exists():
            return ""
        return "this broker is not with the household now: write to the broker team instead"
    if {sender.role, to.role} == {Role.AGENCY_MANAGER, Role.BROKER}:
        agency, broker = (sender, to) if sender.role is Role.AGENCY_MANAGER else (to, sender)
        one = brokers.roster([broker.id]).get(broker.id)
        return "" if one is not None and one.agency_npn == agency.id else "this broker is not of the agency now"
    return "these two cannot write to each other here"


def _send(number: str, to: Party, body: str, *, by: Actor, now: datetime) -> None:
    if not body.strip():
        raise Refused("a message needs some words")
    message = correspondence.post(number, to=to.key, body=body.strip()[:10_000], by=by, now=now)
    if to != TEAM:
        waiting = notices.Message(
            kind="message waiting",
            recipient_kind={Role.CONSUMER: "subscriber", Role.AGENCY_MANAGER: "agency"}.get(to.role, to.role.value),
            recipient_id=to.id,
            address=_address(to),
            subject="A message is waiting for you",
            body=f"Somebody wrote to you in the marketplace. Sign in to read it: {words.address('/messages/')}",
            dedupe_key=f"message waiting:{message}",
        )
        notices.queue([waiting], now=now)


def _address(to: Party) -> str:
    match to.role:
        case Role.BROKER:
            return brokers.report_addresses([to.id]).get(to.id, "")
        case Role.AGENCY_MANAGER:
            return agencies.agency_addresses([to.id]).get(to.id, "")
        case Role.CONSUMER:
            return consumers.emails_of([to.id]).get(to.id, "")
    return ""
