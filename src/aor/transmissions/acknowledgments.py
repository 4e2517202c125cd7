"""What carriers answer: every acknowledgment is kept, tied to what was sent, and said in words (readings, R4)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from io import BytesIO
from itertools import batched
from pathlib import Path
from typing import BinaryIO

from django.db import transaction

from aor.acts import settle
from aor.audit import operations as journal
from aor.engine import bulk, faults, locks, store
from aor.enrollments.models import Enrollment
from aor.policy.decision import Finding
from aor.record import operations as record
from aor.terms.actor import Actor
from aor.transmissions import handover, lifecycle, trials
from aor.transmissions.ledger import AT_ONCE, ATTEMPT, HANDED_OVER, Ledger, Scope
from aor.transmissions.lifecycle import ACCEPTED, RECEIVED, REJECTED
from aor.transmissions.models import Acknowledgment, Answer, Interchange, TransactionSet
from aor.x12 import acknowledgment as x12
from aor.x12 import dates
from aor.x12.acknowledgment import GroupAcknowledgment, InterchangeAcknowledgment
from aor.x12.envelope import Interchange as Envelope
from aor.x12.findings import EdiFinding

CITES = "ASC X12N 005010X231A1"
_UNDATED = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass
class Taken:
    """What one file answered. `unknown` counts what is answered and was never sent; a file read before counts 0.

    `tests` are the answers to tests, which count nowhere else.
    """

    name: str
    carrier: str = ""
    accepted: bool = False
    acknowledged: int = 0
    accepted_sets: int = 0
    rejected_sets: int = 0
    unknown: int = 0
    tests: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer tied to what was sent, or to nothing."""

    interchange: int | None
    transaction_set: int | None
    answers: str
    code: str
    verdict: str
    words: str
    answered_in: Envelope | None


def receive_acknowledgments(path: Path, *, by: Actor, now: datetime) -> Taken:
    """Takes a file of TA1s and 999s that came by another way than a mailbox."""
    with path.open("rb") as stream:
        return acknowledge(stream, name=path.name, by=by, now=now)


def acknowledge(stream: BinaryIO, *, name: str, by: Actor, now: datetime, carrier: str = "") -> Taken:
    """Takes one file: kept, tied, answered; the same file twice changes nothing.

    `carrier` is the one in whose mailbox it lay.
    """
    content = stream.read()
    sha256 = hashlib.sha256(content).hexdigest()
    taken = Taken(name, carrier)
    before = Acknowledgment.objects.filter(sha256=sha256).first()
    if before is not None:
        taken.accepted = True
        taken.findings.append(_finding("SAME_FILE", True, f"already read as {before.name}; nothing changed"))
        return taken
    acknowledgments, document = _read(BytesIO(content), taken)
    of_tests, earnest = trials.apart(acknowledgments)
    taken.tests = len(of_tests)
    said = list(_tied(earnest, taken))
    with transaction.atomic(), locks.shared("writers"):
        file = Acknowledgment.objects.create(
            sha256=sha256,
            name=name[:255],
            hios_issuer_id=carrier,
            received_at=now,
            document=document,
            findings=json.dumps([finding.because for finding in taken.findings], ensure_ascii=False),
        )
        _keep(file, said, now=now)
        trials.keep(file, of_tests, now=now)
        _prove(said, by=by, now=now)
        changed = _untell(said, now=now)
        journal.write(
            verb="acknowledgment.taken" if taken.accepted else "acknowledgment.refused",
            subject=("acknowledgment", sha256),
            by=by,
            at=now,
            details={
                "carrier": carrier,
                "accepted_sets": taken.accepted_sets,
                "rejected_sets": taken.rejected_sets,
                "unknown": taken.unknown,
                "tests": taken.tests,
            },
        )
    faults.reached("collect:taken")
    if changed:
        settle.settle(now=now)
    return taken


def _read(stream: BinaryIO, taken: Taken) -> tuple[list[InterchangeAcknowledgment | GroupAcknowledgment], str]:
    """The acknowledgments of a file, none where something is wrong with it, and its kept form's hash."""
    pieces: list[str] = []
    found: list[InterchangeAcknowledgment | GroupAcknowledgment] = []
    for item in x12.read(stream, stripped=pieces.append):
        if isinstance(item, EdiFinding):
            taken.findings.append(_finding(f"EDI_{item.code}", False, f"segment {item.segment}: {item.because}"))
        else:
            found.append(item)
    if not found and not taken.findings:
        taken.findings.append(_finding("EDI_UNKNOWN", False, "the file holds neither a TA1 nor a 999"))
    taken.accepted = not taken.findings
    document = store.put("".join(pieces).encode()).sha256 if pieces else ""
    return (found if taken.accepted else []), document


def _tied(
    acknowledgments: Sequence[InterchangeAcknowledgment | GroupAcknowledgment], taken: Taken
) -> Iterator[_Said]:
    """Every answer of a file with what it answers; counts on the way."""
    accepted: set[int] = set()
    rejected: set[int] = set()
    interchanges = 0
    alone = all(isinstance(one, InterchangeAcknowledgment) for one in acknowledgments)
    for one in acknowledgments:
        if isinstance(one, InterchangeAcknowledgment):
            said = _of_interchange(one)
            interchanges += said.interchange is not None
            if said.interchange is None:
                taken.unknown += alone
                _stranger(taken, f"interchange {one.isa13}", one.sender)
            elif said.verdict == REJECTED:
                rejected.update(_sets(said.interchange))
            yield said
            continue
        for said in _of_group(one, taken):
            if said.transaction_set is not None and said.verdict != RECEIVED:
                (accepted if said.verdict == ACCEPTED else rejected).add(said.transaction_set)
            yield said
    taken.accepted_sets, taken.rejected_sets = len(accepted - rejected), len(rejected)
    taken.acknowledged = len(accepted | rejected) or interchanges


def _of_interchange(one: InterchangeAcknowledgment) -> _Said:
    found = Interchange.objects.filter(isa13=one.isa13, isa06=one.receiver.strip(), isa08=one.sender.strip()).first()
    if found is not None and trials.only_test(one, found.sha256):
        found = None
    verdict = REJECTED if one.code == "R" else RECEIVED
    words = one.note_words if one.note_code.strip("0") else ""
    known = None if found is None else found.pk
    return _Said(known, None, f"interchange {one.isa13}", one.code, verdict, words, one.answered_in)


def _of_group(one: GroupAcknowledgment, taken: Taken) -> Iterator[_Said]:
    """The answers about the sets of a group: of each its own, else the group's."""
    gs06 = one.gs06.lstrip("0")
    rows = TransactionSet.objects.filter(
        gs06=gs06, interchange__isa06=one.receiver.strip(), interchange__isa08=one.sender.strip()
    )
    files = set(rows.order_by().values_list("interchange__sha256", flat=True).distinct())
    if any(trials.only_test(one, sha256) for sha256 in files):
        rows = rows.none()
    ours = {st02: (id, interchange) for st02, id, interchange in rows.values_list("st02", "id", "interchange_id")}
    taken.findings += [_finding("EDI_NOTE", None, f"group {one.gs06}: {doubt}") for doubt in one.doubts]
    whole = REJECTED if one.code in ("R", "M", "W", "X") else ACCEPTED if one.code in ("A", "E") else RECEIVED
    if not ours:
        taken.unknown += max(1, len(one.sets))
        _stranger(taken, f"group {one.gs06}", one.sender)
        words = "; ".join(one.errors)
        yield _Said(None, None, f"group {one.gs06}", one.code, whole, words, one.answered_in)
        return
    left = dict(ours)
    for each in one.sets:
        st02 = each.st02 if each.st02 in ours else each.st02.zfill(9)
        id, interchange = ours.get(st02, (None, None))
        left.pop(st02, None)
        verdict = RECEIVED if each.accepted is None else ACCEPTED if each.accepted else REJECTED
        verdict = REJECTED if whole == REJECTED else verdict
        words = "; ".join((*each.errors, *(one.errors if whole == REJECTED else ())))
        if id is None:
            taken.unknown += 1
            _stranger(taken, f"set {each.st02} of group {one.gs06}", one.sender)
        yield _Said(interchange, id, f"set {each.st02}", each.code, verdict, words, one.answered_in)
    if whole != RECEIVED:
        words = "; ".join(one.errors)
        for st02, (id, interchange) in left.items():
            yield _Said(interchange, id, f"set {st02}", one.code, whole, words, one.answered_in)


def _stranger(taken: Taken, what: str, sender: str) -> None:
    because = f"{what} is answered by {sender.strip()}, but we never sent it there"
    taken.findings.append(_finding("NEVER_SENT", None, because))


def _sets(interchange: int) -> Iterable[int]:
    return TransactionSet.objects.filter(interchange=interchange).values_list("id", flat=True)


def _keep(file: Acknowledgment, said: Sequence[_Said], *, now: datetime) -> None:
    bulk.load(
        Answer,
        (
            "acknowledgment_id", "interchange_id", "transaction_set_id", "answers", "code", "verdict", "words",
            "answered_at", "isa13", "recorded_at",
        ),
        (
            (
                file.pk, one.interchange, one.transaction_set, one.answers[:40], one.code[:3], one.verdict, one.words,
                _answered_at(one.answered_in), "" if one.answered_in is None else one.answered_in.isa13[:9], now,
            )
            for one in said
        ),
    )  # fmt: skip


def _answered_at(envelope: Envelope | None) -> datetime:
    """The acknowledging interchange's own date and time: they only order answers, so any zone does."""
    day = None if envelope is None else dates.short_day(envelope.isa09)
    clock = None if envelope is None else dates.clock(envelope.isa10)
    return _UNDATED if day is None else datetime.combine(day, clock or time(), tzinfo=UTC)


def _prove(said: Sequence[_Said], *, by: Actor, now: datetime) -> None:
    """An answer proves that what it answers was handed over, also where a crash left no record of it."""
    answered = {one.interchange for one in said if one.interchange is not None}
    for interchange in Interchange.objects.filter(id__in=answered).exclude(steps__kind=HANDED_OVER):
        begun = interchange.steps.filter(kind=ATTEMPT).order_by("id").last()
        handover.record_hand_over(interchange, at=begun.at if begun else now, by=by, now=now)


def _untell(said: Sequence[_Said], *, now: datetime) -> bool:
    """The record forgets what a carrier rejected, and remembers what it accepted after all; whether it changed."""
    answered = {one.interchange for one in said if one.interchange is not None}
    agents = TransactionSet.objects.filter(kind=lifecycle.AGENT, interchange__in=answered)
    identities = {
        row
        for doubtful in (
            agents.filter(answers__verdict=REJECTED),
            agents.filter(interchange__answers__verdict=REJECTED, interchange__answers__transaction_set=None),
        )
        for row in doubtful.values_list("enrollment_id", "npn", "effective_from")
    }
    if not identities:
        return False
    ledger = Ledger(Scope(enrollments=tuple({row[0] for row in identities})), now=now)
    known = {
        (enrolled.id, one.npn, one.day)
        for enrolled, account in ledger.accounts()
        for one in account.told
        if one.verdict != REJECTED
    }
    for some in batched(sorted(identities), AT_ONCE):
        record.told(known.intersection(some), now=now)
        record.untold(set(some) - known, now=now)
        rows = Enrollment.objects.filter(id__in={row[0] for row in some})
        record.mark_due(rows.values_list("subscriber__household_id", flat=True), cause="a carrier's answer", now=now)
    return True


def _finding(rule: str, met: bool | None, because: str) -> Finding:
    return Finding(rule, met, because, CITES)
