"""What was told, what is ready, what waits for an answer or for a person: rows into frozen facts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from aor.carriers import queries as carriers
from aor.record.models import Entry
from aor.terms.period import ZONE
from aor.transmissions import lifecycle
from aor.transmissions.compose import CannotCompose, Desk
from aor.transmissions.exceptions import candidates, ever_rejected, rejected_sets
from aor.transmissions.ledger import HANDED_OVER, Ledger, Scope
from aor.transmissions.lifecycle import REJECTED, AnswerRow
from aor.transmissions.models import Acknowledgment, Answer, Interchange, Receipt, Run, Step, TransactionSet

VERDICTS = (lifecycle.ACCEPTED, REJECTED)


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


def ready(hios_issuer_id: str | None, at: datetime) -> Iterator[Ready]:
    """What was ready at an instant, for one carrier or all: as known then, not told then."""
    ledger = Ledger(Scope(hios_issuer_id=hios_issuer_id or ""), now=at, known_at=at)
    for enrolled, account in ledger.accounts():
        for point in lifecycle.to_send(account, ledger.granted(enrolled), None):
            kind = lifecycle.kind_of(account, point)
            yield Ready(enrolled.id, enrolled.policy_id, enrolled.hios_issuer_id, point.npn, point.day, kind)


def last_runs() -> dict[str, datetime]:
    """When each carrier was served last, by HIOS issuer id; who never was is left out."""
    return dict(Run.objects.values_list("hios_issuer_id").annotate(Max("at")))


def overdue(now: datetime) -> list[Overdue]:
    """Interchanges whose carrier's time to answer has passed, and how many sets of each it has not answered."""
    due = _due(now)
    unanswered = dict(
        _unanswered().filter(interchange__in=_not_whole(due)).values_list("interchange_id").annotate(Count("id"))
    )
    return [
        Overdue(one.hios_issuer_id, one.name, one.isa13, step.at, due_at, unanswered[one.pk])
        for step, due_at in due.values()
        if (one := step.interchange).pk in unanswered
    ]


def overdue_files(now: datetime) -> dict[str, int]:
    """How many `overdue` gives, by carrier; of each file one set without an answer is looked for, not all."""
    first = Subquery(_unanswered().filter(interchange=OuterRef("pk")).values("pk")[:1])
    late = Interchange.objects.filter(id__in=_not_whole(_due(now))).annotate(first=first).filter(first__isnull=False)
    return dict(late.values_list("hios_issuer_id").annotate(Count("id")))


def _due(now: datetime) -> dict[int, tuple[Step, datetime]]:
    """By interchange: its hand-over, and until when its carrier should have answered; those past that."""
    partners = carriers.trading_partners()
    due: dict[int, tuple[Step, datetime]] = {}
    for step in Step.objects.filter(kind=HANDED_OVER, at__lte=now).select_related("interchange").order_by("at"):
        partner = partners.get(step.interchange.hios_issuer_id)
        due_at = step.at + timedelta(hours=partner.acknowledgment_hours if partner else 48)
        if due_at <= now:
            due[step.interchange_id] = step, due_at
    return due


def _not_whole(due: Mapping[int, tuple[Step, datetime]]) -> list[int]:
    """Most files are answered whole, which a count tells; only of the others each set is looked at."""
    said = Answer.objects.filter(interchange__in=due, verdict__in=VERDICTS).order_by().values_list("interchange")
    whole = dict(said.annotate(Count("transaction_set", distinct=True)))
    return [id for id, (step, _) in due.items() if whole.get(id, 0) < step.interchange.sets]


def _unanswered() -> QuerySet[TransactionSet]:
    """Sets that no answer accepted or rejected, alone or with their whole file, and that did not go again."""
    refused_whole = Answer.objects.filter(verdict=REJECTED, transaction_set=None)
    again = TransactionSet.objects.filter(resend_of=OuterRef("pk"))
    return (
        TransactionSet.objects.filter(~Exists(again))  # by a join, the table would be read whole for each file
        .exclude(answers__verdict__in=VERDICTS)
        .exclude(interchange__in=refused_whole.values("interchange"))
    )


def exceptions(*, now: datetime, hios_issuer_id: str = "") -> Iterator[StaffException]:
    """All that waits for a person: rejected, not writable, contradicted, never sent, another broker in a file."""
    yield from _of_enrollments(hios_issuer_id, now)
    yield from _kept(hios_issuer_id)
    yield from _of_answers(hios_issuer_id)
    for one in overdue(now):
        if hios_issuer_id in ("", one.hios_issuer_id):
            because = f"{one.sets} sets should have been answered by {one.due_at.astimezone(ZONE):%Y-%m-%d %H:%M %Z}"
            yield StaffException("overdue", one.hios_issuer_id, one.name, because)


def _of_enrollments(hios_issuer_id: str, now: datetime) -> Iterator[StaffException]:
    some = candidates(hios_issuer_id)
    if not some:
        return
    desks, words = _desks(now), _words_of_rejections(hios_issuer_id)
    ledger = Ledger(Scope(enrollments=tuple(some)), now=now)
    for enrolled, account in ledger.accounts():
        hios, policy = enrolled.hios_issuer_id, enrolled.policy_id
        for mention in account.strangers:
            because = f"the enrollment file of {mention.sent_day} named broker {mention.npn}, who was not decided"
            yield StaffException("another broker", hios, policy, because)
        for day, npn in sorted({(one.day, one.npn) for one in account.told if one.verdict == REJECTED}):
            spelled = lifecycle.spell(account.told, npn, day)
            if lifecycle.rejected(spelled):
                what = f"broker {npn}" if npn else "the removal"
                why = words.get(spelled[-1].set_id) or "without a reason"
                yield StaffException("rejected", hios, policy, f"the carrier rejected {what} from {day}: {why}")
        desk = desks.get(hios)
        if desk is None:
            continue
        for point in lifecycle.to_send(account, ledger.granted(enrolled), None):
            because = desk.wrong(enrolled, point)
            if because:
                yield StaffException("cannot be written", hios, policy, because)


def _words_of_rejections(hios_issuer_id: str) -> dict[int, str]:
    """The carriers' words by set: of a rejected interchange for all its sets, of a set for itself."""
    sets = rejected_sets(hios_issuer_id)
    rejections = Answer.objects.filter(verdict=REJECTED)
    whole = rejections.filter(transaction_set=None, interchange__transaction_sets__in=sets)
    by_set = whole.values_list("interchange__transaction_sets", "words").order_by("recorded_at")
    alone = rejections.filter(transaction_set__in=sets)
    return dict(by_set) | dict(alone.values_list("transaction_set", "words").order_by("recorded_at"))


def _kept(hios_issuer_id: str) -> Iterator[StaffException]:
    """Entries that stand only because the carrier was told: later data says that the anchor was never met (R3)."""
    kept = Entry.objects.known_at().filter(decision__findings__contains='"ALREADY_SENT"')
    if hios_issuer_id:
        kept = kept.filter(enrollment__hios_issuer_id=hios_issuer_id)
    columns = ("enrollment__hios_issuer_id", "enrollment__policy_id", "npn", "effective_from")
    for hios, policy, npn, day in kept.order_by("id").values_list(*columns):
        because = f"the carrier was told of broker {npn} from {day}; by later data the anchor was not met"
        yield StaffException("not in standing after all", hios, policy, because)


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
    silent = Acknowledgment.objects.filter(answers=None, receipts=None, trial_answers=None)
    files = silent.exclude(findings="[]").order_by("id")  # a list of receipts without rows says nothing, and well
    for file in files.filter(hios_issuer_id=hios_issuer_id) if hios_issuer_id else files:
        yield StaffException("unreadable", file.hios_issuer_id, file.name, "; ".join(json.loads(file.findings)))
    yield from _contradictions(hios_issuer_id)
    yield from _of_receipts(hios_issuer_id)


def _contradictions(hios_issuer_id: str) -> Iterator[StaffException]:
    """Sets that a carrier both accepted and rejected."""
    accepted = Answer.objects.filter(verdict=lifecycle.ACCEPTED, transaction_set=OuterRef("pk"))
    both = ever_rejected(hios_issuer_id).filter(Exists(accepted))
    for one in both.select_related("interchange").order_by("id"):
        verdict = lifecycle.verdict(answers_of(one))
        because = f"the carrier both accepted and rejected it; the latest, {verdict}, holds"
        yield StaffException("contradicted", one.interchange.hios_issuer_id, f"set {one.st02}", because)


def _of_receipts(hios_issuer_id: str) -> Iterator[StaffException]:
    """Carriers' last words on a policy and a broker that are not what we had told them."""
    doubtful = Receipt.objects.filter(Q(result=REJECTED) | Q(told=None) | ~Q(told=F("recorded_from")))
    later = Receipt.objects.filter(enrollment=OuterRef("enrollment"), npn=OuterRef("npn"), id__gt=OuterRef("id"))
    rows = doubtful.filter(~Exists(later)).select_related("enrollment").order_by("id")
    for one in rows.filter(hios_issuer_id=hios_issuer_id) if hios_issuer_id else rows:
        because = f"{words_of(one)}; we had told {f'so from {one.told}' if one.told else 'no such thing'}"
        yield StaffException("receipt", one.hios_issuer_id, one.enrollment.policy_id, because)


def words_of(receipt: Receipt) -> str:
    """A receipt as a sentence."""
    whom = f"broker {receipt.npn}" if receipt.npn else "nobody"
    day = f" from {receipt.recorded_from}" if receipt.recorded_from else ""
    return f"the carrier {receipt.result} {whom}{day}{f': {receipt.reason}' if receipt.reason else ''}"


def answers_of(one: TransactionSet) -> list[AnswerRow]:
    """Every answer that bears on a set."""
    rows = Answer.objects.filter(Q(transaction_set=one) | Q(interchange=one.interchange_id, transaction_set=None))
    return [AnswerRow(row.answered_at, row.isa13, row.verdict, row.transaction_set_id is None) for row in rows]
