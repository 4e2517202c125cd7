"""After a restore: nothing is sent until the ledger knows what carriers may have seen since the copy was made.

Files of ours that still lie in a mailbox are taken back into the ledger, so that no carrier is told twice. Control
numbers move past every number found in mailboxes and answers, and on by a gap for what left no trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO

from django.db import transaction

from aor.audit import operations as journal
from aor.carriers import queries as carriers
from aor.carriers.queries import TradingPartner
from aor.engine import bulk, faults, locks, store
from aor.enrollments.models import Enrollment
from aor.gateways.mailbox import DONE, FROM_CARRIER, Mailbox
from aor.gateways.outcomes import Refused, Retryable
from aor.policy.timeline import Point
from aor.record.models import Entry
from aor.terms.actor import Actor
from aor.transmissions import compose, handover, lifecycle, trials
from aor.transmissions.after_restore import RECONCILED, SUBJECT
from aor.transmissions.compose import LAST_NUMBER, CannotCompose, Desk
from aor.transmissions.ledger import ATTEMPT, Ledger, Scope
from aor.transmissions.models import Counter, Interchange, Step, TransactionSet, Trial
from aor.x12 import acknowledgment
from aor.x12.findings import EdiFinding
from aor.x12.guides import x220a1
from aor.x12.guides.x220a1 import EnrollmentSet

# What went after the copy was made and was taken away without an answer has left no trace: numbers cost nothing.
GAP = {"isa13": 1_000, "gs06": 1_000, "st02": 100_000}
# A carrier's file cannot use up our numbers: what lies further off than this is not believed.
FARTHEST = 10_000_000


@dataclass
class Reconciled:
    """What was found: files taken back into the ledger, sentences for a person, and `failed` while sending waits."""

    taken_back: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    failed: bool = False


@dataclass
class _Found:
    """Control numbers met, by sender and kind, and files of ours that the ledger does not know."""

    numbers: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    strangers: list[tuple[TradingPartner, str, bytes, list[EnrollmentSet]]] = field(default_factory=list)

    def met(self, sender: str, **texts: str) -> None:
        for kind, text in texts.items():
            if text.strip().isdigit():
                self.numbers.setdefault((sender.strip(), kind), set()).add(int(text))


def reconcile(*, by: Actor, now: datetime) -> Reconciled:
    """Brings ledger and counters past what the mailboxes hold; failed while one of them cannot be read."""
    result, found = Reconciled(), _Found()
    for partner in carriers.trading_partners().values():
        try:
            with handover.mailbox_of(partner) as mailbox:
                _read(partner, mailbox, found)
        except (handover.Unreachable, Retryable, Refused, OSError) as trouble:
            result.findings.append(f"nothing is sent after the restore until every mailbox was read: {trouble}")
            result.failed = True
    if result.failed:
        return result
    for partner, name, content, sets in sorted(found.strangers, key=lambda one: int(one[3][0].isa13)):
        because = _take_back(partner, name, content, sets, by=by, now=now)
        result.findings += [because] if because else []
        result.taken_back += [] if because else [name]
        faults.reached("restore:taken back")
    with transaction.atomic(), locks.shared("writers"):
        compose.begin_counters(carriers.trading_partners().values(), now=now)
        counters = dict(_raised(found, result.findings))
        journal.write(
            verb=RECONCILED,
            subject=SUBJECT,
            by=by,
            at=now,
            details={"taken_back": result.taken_back, "findings": result.findings, "counters": counters},
        )
    return result


def _read(partner: TradingPartner, mailbox: Mailbox, found: _Found) -> None:
    hios = partner.hios_issuer_id
    known = set(Interchange.objects.filter(hios_issuer_id=hios).values_list("name", flat=True))
    known |= set(Trial.objects.filter(hios_issuer_id=hios).values_list("name", flat=True))
    for folder in handover.TAKEN:
        for name, content in _files(mailbox, folder):
            items = list(x220a1.read(BytesIO(content)))
            sets = [item for item in items if isinstance(item, EnrollmentSet)]
            for one in sets:
                found.met(one.isa06, isa13=one.isa13, gs06=one.gs06, st02=one.st02)
            if sets and len(sets) == len(items) and name not in known:
                found.strangers.append((partner, name, content, sets))
    for folder in (FROM_CARRIER, DONE):
        for _, content in _files(mailbox, folder):
            for answer in acknowledgment.read(BytesIO(content)):
                if isinstance(answer, acknowledgment.InterchangeAcknowledgment):
                    found.met(answer.receiver, isa13=answer.isa13)
                elif not isinstance(answer, EdiFinding):
                    found.met(answer.receiver, gs06=answer.gs06)
                    for one_set in answer.sets:
                        found.met(answer.receiver, st02=one_set.st02)


def _files(mailbox: Mailbox, folder: str) -> Iterator[tuple[str, bytes]]:
    try:
        names = mailbox.list(folder)
    except FileNotFoundError:
        return  # a carrier need not keep what it took
    for name in names:
        try:
            yield name, mailbox.get(name, folder)
        except FileNotFoundError:
            continue


def _take_back(
    partner: TradingPartner, name: str, content: bytes, sets: list[EnrollmentSet], *, by: Actor, now: datetime
) -> str:
    """Enters an interchange that went after the copy was made; a sentence when that cannot be."""
    unknown = f"{name} went after the copy was made and cannot be taken back into the ledger"
    try:
        desk = Desk.of(partner, now=now)
    except CannotCompose as trouble:
        return f"{unknown}: {trouble}"
    first = sets[0]
    if first.isa06.strip() != desk.dialect.sender_id:
        return f"{name} lies in the mailbox and is not ours: its sender is {first.isa06.strip()}"
    if trials.is_ours(sets):
        trials.take_back(partner.hios_issuer_id, name, content, sets, now=now)
        return ""
    policies = {member.policy_id for one in sets for member in one.members}
    rows = Enrollment.objects.filter(hios_issuer_id=partner.hios_issuer_id, policy_id__in=policies)
    ids = dict(rows.values_list("policy_id", "id"))
    if missing := sorted(policies - ids.keys()):
        return f"{unknown}: policy {missing[0]} is not known (any more)"
    accounts = {
        row.id: (row, account) for row, account in Ledger(Scope(enrollments=tuple(ids.values())), now=now).accounts()
    }
    told = []
    for one in sets:
        enrolled, account = accounts[ids[one.members[0].policy_id]]
        npn = _npn(desk, enrolled.id, one)
        if npn is None:
            return f"{unknown}: set {one.st02} names a broker by numbers that we do not know (any more)"
        told.append((one, enrolled, account, Point(one.members[0].maintenance_effective or enrolled.start, npn)))
    document = store.put(content)
    with transaction.atomic(), locks.shared("writers"):
        interchange = Interchange.objects.create(
            hios_issuer_id=partner.hios_issuer_id,
            isa06=first.isa06.strip(),
            isa08=first.isa08.strip(),
            isa13=first.isa13,
            name=name,
            sha256=document.sha256,
            sets=len(sets),
            composed_at=first.sent_at,
        )
        bulk.load(
            TransactionSet,
            (
                "interchange_id", "enrollment_id", "npn", "effective_from", "kind", "gs06", "st02", "bgn02",
                "fingerprint",
            ),
            [
                (
                    interchange.pk, enrolled.id, point.npn, point.day, lifecycle.kind_of(account, point),
                    one.gs06.lstrip("0"), one.st02, one.bgn02, desk.fingerprint(enrolled, point),
                )
                for one, enrolled, account, point in told
            ],
        )  # fmt: skip
        Step.objects.create(interchange=interchange, kind=ATTEMPT, at=first.sent_at, recorded_at=now)
        handover.record_hand_over(interchange, at=first.sent_at, by=by, now=now)
    return ""


def _npn(desk: Desk, enrollment: int, told: EnrollmentSet) -> str | None:
    """Whom a set names: "" for nobody, None where a dialect names brokers by numbers that fit no entry's."""
    if told.broker_npn or not told.broker_name:
        return told.broker_npn
    npns = Entry.objects.filter(enrollment=enrollment).values_list("npn", flat=True).distinct()
    named = [npn for npn in npns if (broker := desk.broker(npn)) and broker.license_number == told.broker_license]
    return named[0] if len(named) == 1 and told.broker_license else None


def _raised(found: _Found, findings: list[str]) -> Iterator[tuple[str, int]]:
    """Every counter of ours moved past what was met, and on by the gap; gives where each stands now."""
    for counter in Counter.objects.select_for_update().order_by("id"):
        met = found.numbers.get((counter.sender, counter.kind), set())
        for number in sorted(one for one in met if one > counter.value + FARTHEST):
            findings.append(f"an answer names {counter.kind} {number}, which lies too far off to be ours")
        believed = [one for one in met if one <= counter.value + FARTHEST]
        value = min(max([counter.value, *believed]) + GAP[counter.kind], LAST_NUMBER - 1)
        if value > counter.value:
            Counter.objects.filter(pk=counter.pk).update(value=value)
        yield f"{counter.sender}/{counter.kind}", value
