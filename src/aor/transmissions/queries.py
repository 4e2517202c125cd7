"""What was told, what is ready, what waits for an answer or for a person: rows into frozen facts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from aor.carriers import queries as carriers
from aor.terms.month import Month
from aor.transmissions import lifecycle
from aor.transmissions.compose import CannotCompose, Desk, Wanted
from aor.transmissions.ledger import HANDED_OVER, Enrolled, Ledger, Scope
from aor.transmissions.lifecycle import AGENT, BY_OPENING_BALANCE, REJECTED, UNANSWERED, Account, AnswerRow, Told
from aor.transmissions.models import Acknowledgment, Answer, Interchange, Run, Step, TransactionSet


@dataclass(frozen=True, slots=True)
class HandOver:
    """The first hand-over of an entry: `date_sent` is that of the first that was not rejected, where all were
    (`rejected`) of the latest. `learned_at` is since when we know; `opening` was told before go-live.
    """

    enrolled: Enrolled
    npn: str
    effective_from: date
    date_sent: date
    handed_over_at: datetime
    learned_at: datetime
    channel: str
    rejected: bool
    answered: bool
    opening: bool
    set_id: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A set that was ready at an instant and had not gone."""

    enrollment: int
    policy_id: str
    hios_issuer_id: str
    npn: str
    day: date
    kind: str


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A carrier was served at `at` with what was ready at `as_of`."""

    hios_issuer_id: str
    at: datetime
    as_of: datetime
    sets: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """An interchange that its carrier should have answered by `due_at`; `sets` of it have no answer."""

    hios_issuer_id: str
    name: str
    isa13: str
    handed_over_at: datetime
    due_at: datetime
    sets: int


@dataclass(frozen=True, slots=True)
class StaffException:
    """Something that a person must look at. `subject` is a policy id, a set, or a file's name."""

    kind: str
    hios_issuer_id: str
    subject: str
    because: str


def first_hand_overs(*, now: datetime, known_at: datetime | None = None) -> Iterator[HandOver]:
    """Every entry that a carrier was ever told of, as known at an instant: a ledger, whatever came later."""
    for enrolled, account in Ledger(Scope(), now=now, known_at=known_at).accounts():
        firsts: dict[tuple[str, date], Told] = {}
        for one in account.told:
            if one.kind != AGENT:
                continue
            before = firsts.get((one.npn, one.day))
            if before is None or before.verdict == REJECTED:
                firsts[one.npn, one.day] = one
        for one in firsts.values():
            yield _hand_over(enrolled, one)


def _hand_over(enrolled: Enrolled, one: Told) -> HandOver:
    return HandOver(
        enrolled=enrolled,
        npn=one.npn,
        effective_from=one.day,
        date_sent=one.sent_on,
        handed_over_at=one.at,
        learned_at=one.known_from,
        channel=one.channel,
        rejected=one.verdict == REJECTED,
        answered=one.verdict != UNANSWERED,
        opening=one.channel == BY_OPENING_BALANCE,
        set_id=one.set_id,
    )


def ready(hios_issuer_id: str | None, at: datetime) -> Iterator[Ready]:
    """What was ready at an instant, for one carrier or all: as known then, not told then."""
    ledger = Ledger(Scope(hios_issuer_id=hios_issuer_id or ""), now=at, known_at=at)
    for enrolled, account in ledger.accounts():
        yield from _ready(enrolled, account, ledger)


def waiting(hios_issuer_id: str | None, at: datetime, *, now: datetime) -> Iterator[Ready]:
    """What was ready at an instant and has still not gone, though it is still so."""
    then = {(one.enrollment, one.day, one.npn) for one in ready(hios_issuer_id, at)}
    ledger = Ledger(Scope(hios_issuer_id=hios_issuer_id or ""), now=now)
    for enrolled, account in ledger.accounts() if then else ():
        for one in _ready(enrolled, account, ledger):
            if (one.enrollment, one.day, one.npn) in then:
                yield one


def _ready(enrolled: Enrolled, account: Account, ledger: Ledger) -> Iterator[Ready]:
    for point in lifecycle.to_send(account, ledger.granted(enrolled), None):
        kind = lifecycle.kind_of(account, point)
        yield Ready(enrolled.id, enrolled.policy_id, enrolled.hios_issuer_id, point.npn, point.day, kind)


def runs(month: Month, *, known_at: datetime | None = None) -> list[RunFacts]:
    """The runs of a month, in order."""
    rows = Run.objects.filter(at__gte=month.begins, at__lt=month.ends).order_by("at", "id")
    if known_at is not None:
        rows = rows.filter(at__lte=known_at)
    return [RunFacts(*row) for row in rows.values_list("hios_issuer_id", "at", "as_of", "sets")]


def overdue(now: datetime) -> list[Overdue]:
    """Interchanges whose carrier's time to answer has passed, and how many sets of each it has not answered."""
    partners = carriers.trading_partners()
    steps = Step.objects.filter(kind=HANDED_OVER, at__lte=now).select_related("interchange").order_by("at")
    unanswered = dict(
        TransactionSet.objects.filter(resends=None)
        .exclude(answers__verdict__in=[lifecycle.ACCEPTED, REJECTED])
        .exclude(interchange__in=Answer.objects.filter(verdict=REJECTED, transaction_set=None).values("interchange"))
        .values_list("interchange_id")
        .annotate(Count("id"))
    )
    result = []
    for step in steps.filter(interchange__in=unanswered):
        one = step.interchange
        partner = partners.get(one.hios_issuer_id)
        due_at = step.at + timedelta(hours=partner.acknowledgment_hours if partner else 48)
        if due_at <= now:
            result.append(Overdue(one.hios_issuer_id, one.name, one.isa13, step.at, due_at, unanswered[one.pk]))
    return result


def exceptions(*, now: datetime, hios_issuer_id: str = "") -> Iterator[StaffException]:
    """All that waits for a person: rejected, not writable, contradicted, never sent, another broker in a file."""
    yield from _of_enrollments(hios_issuer_id, now)
    yield from _of_answers(hios_issuer_id)
    for one in overdue(now):
        if hios_issuer_id in ("", one.hios_issuer_id):
            because = f"{one.sets} sets should have been answered by {one.due_at.isoformat(timespec='minutes')}"
            yield StaffException("overdue", one.hios_issuer_id, one.name, because)


def _of_enrollments(hios_issuer_id: str, now: datetime) -> Iterator[StaffException]:
    desks = _desks(now)
    ledger = Ledger(Scope(hios_issuer_id=hios_issuer_id), now=now)
    for enrolled, account in ledger.accounts():
        hios, policy = enrolled.hios_issuer_id, enrolled.policy_id
        for mention in account.strangers:
            because = f"the enrollment file of {mention.sent_day} named broker {mention.npn}, who was not decided"
            yield StaffException("another broker", hios, policy, because)
        for day, npn in sorted({(one.day, one.npn) for one in account.told if one.verdict == REJECTED}):
            if lifecycle.rejected(lifecycle.spell(account.told, npn, day)):
                what = f"broker {npn}" if npn else "the removal"
                yield StaffException("rejected", hios, policy, f"the carrier rejected {what} from {day}")
        desk = desks.get(hios)
        if desk is None:
            continue
        for point in lifecycle.to_send(account, ledger.granted(enrolled), None):
            because = desk.wrong(Wanted(enrolled, point, ""))
            if because:
                yield StaffException("cannot be written", hios, policy, because)


def _desks(now: datetime) -> dict[str, Desk]:
    desks = {}
    for hios, partner in carriers.trading_partners().items():
        try:
            desks[hios] = Desk.of(partner, now=now)
        except CannotCompose:
            continue
    return desks


def _of_answers(hios_issuer_id: str) -> Iterator[StaffException]:
    ours = Q(acknowledgment__hios_issuer_id=hios_issuer_id) if hios_issuer_id else Q()
    strangers = Answer.objects.filter(ours, interchange=None, transaction_set=None).select_related("acknowledgment")
    for one in strangers.order_by("id"):
        file = one.acknowledgment
        because = f"{one.answers} was answered ({one.code}), but we never sent it there"
        yield StaffException("never sent", file.hios_issuer_id, file.name, because)
    files = Acknowledgment.objects.filter(answers=None)
    for file in files.filter(hios_issuer_id=hios_issuer_id) if hios_issuer_id else files:
        yield StaffException("unreadable", file.hios_issuer_id, file.name, "; ".join(json.loads(file.findings)))
    yield from _contradictions(hios_issuer_id)


def _contradictions(hios_issuer_id: str) -> Iterator[StaffException]:
    """Sets that a carrier both accepted and rejected."""
    accepted = Answer.objects.filter(verdict=lifecycle.ACCEPTED, transaction_set__isnull=False)
    rejected = Answer.objects.filter(verdict=REJECTED)
    both = TransactionSet.objects.filter(answers__in=accepted).filter(
        Q(answers__in=rejected.filter(transaction_set__isnull=False))
        | Q(interchange__in=rejected.filter(transaction_set=None).values("interchange"))
    )
    if hios_issuer_id:
        both = both.filter(interchange__hios_issuer_id=hios_issuer_id)
    for one in both.select_related("interchange").distinct().order_by("id"):
        verdict = lifecycle.verdict(answers_of(one))
        because = f"the carrier both accepted and rejected it; the latest, {verdict}, holds"
        yield StaffException("contradicted", one.interchange.hios_issuer_id, f"set {one.st02}", because)


def answers_of(one: TransactionSet) -> list[AnswerRow]:
    """Every answer that bears on a set."""
    rows = Answer.objects.filter(Q(transaction_set=one) | Q(interchange=one.interchange_id, transaction_set=None))
    return [AnswerRow(row.answered_at, row.isa13, row.verdict, row.transaction_set_id is None) for row in rows]


def composed(name: str) -> Interchange | None:
    """The interchange of a file name, for whoever compares the mailboxes with what we hold."""
    return Interchange.objects.filter(name=name).first()
