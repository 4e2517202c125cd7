"""Tests of the way to a carrier and back: an interchange of invented people with ISA15 = T, answered apart.

Nothing of it is in the record, in what carriers were told, or in the books. Its control numbers come from the
sender's counters, for an ISA13 or GS06 never repeats, in whatever file (CMS X12 834 companion guide 7.2, 4.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from aor.audit import operations as journal
from aor.carriers import queries as carriers
from aor.carriers.queries import TradingPartner
from aor.engine import faults, locks, restoring, store
from aor.gateways import shadow
from aor.gateways.outcomes import Refused, Retryable
from aor.terms.actor import Actor
from aor.terms.period import day_of
from aor.transmissions import after_restore, compose, handover
from aor.transmissions.compose import CannotCompose, Desk
from aor.transmissions.lifecycle import ACCEPTED, RECEIVED, REJECTED
from aor.transmissions.models import Acknowledgment, Trial, TrialAnswer
from aor.x12.acknowledgment import GroupAcknowledgment, InterchangeAcknowledgment
from aor.x12.guides import x220a1_maintenance as maintenance
from aor.x12.guides.x220a1 import EnrollmentSet
from aor.x12.guides.x220a1_maintenance import Broker, Composer, MaintenanceSet

POLICY = "AORTEST-"  # how every policy number of a test begins
BROKER = Broker("TEST BROKER", "9990000001", "990000001", "TEST00001")
PEOPLE = (("Testperson", "Ada"), ("Testperson", "Ben"), ("Testperson", "Cy"))
USAGE = slice(102, 103)  # of a file's bytes: ISA15, for an ISA's elements have fixed lengths

type Answering = InterchangeAcknowledgment | GroupAcknowledgment


class CannotTest(Exception):
    """The words say why, to whoever asked."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that names a test."""

    trial: int
    answers: str
    code: str
    verdict: str
    words: str


def send(carrier: str, *, by: Actor, now: datetime) -> Trial:
    """Composes a test and puts it into the carrier's mailbox. Raises CannotTest, locks.Busy, LookupError."""
    partner = carriers.trading_partners().get(carrier)
    if partner is None:
        raise LookupError(f"carrier {carrier} is on no roster")
    if shadow.on():
        raise CannotTest(shadow.WORDS)
    with locks.exclusive("send", by=by.name, at=now, wait=False):
        if words := restoring.unfinished():
            raise CannotTest(words)
        if after_restore.needed():
            raise CannotTest("the database was restored: aor send reconciles it with the mailboxes first")
        try:
            trial, content = _composed(Desk.of(partner, now=now))
            faults.reached("trial:composed")
            with handover.mailbox_of(partner) as mailbox:
                mailbox.put(trial.name, content)
        except CannotCompose as because:
            raise CannotTest(str(because)) from None
        except (handover.Unreachable, Retryable, Refused, OSError) as trouble:
            raise CannotTest(f"the mailbox of carrier {carrier} did not take the test: {trouble}") from None
        faults.reached("trial:put")
        with transaction.atomic():
            Trial.objects.filter(pk=trial.pk).update(handed_over_at=now)
            details = {"file": trial.name, "isa13": trial.isa13, "sets": trial.sets}
            journal.write(verb="carrier.tested", subject=("carrier", carrier), by=by, at=now, details=details)
        trial.handed_over_at = now
        return trial


def _composed(desk: Desk) -> tuple[Trial, bytes]:
    """The test's row and bytes. Raises CannotCompose."""
    test = replace(desk.dialect, usage="T")
    composer, partner = Composer(test), desk.partner
    drafts = [composer.draft(one) for one in _people(partner, desk.now)]
    if wrong := "; ".join(compose.in_words(draft) for draft in drafts if draft.findings):
        raise CannotCompose(f"carrier {partner.hios_issuer_id}: {wrong}")
    with transaction.atomic(), locks.shared("writers"):
        isa13, gs06, first = compose.numbers(desk, len(drafts))
        plan = _plan(partner)
        content = composer.interchange(
            [maintenance.numbered(draft.text, f"{first + place:09d}") for place, draft in enumerate(drafts)],
            isa13=isa13,
            gs06=gs06,
            receiver=partner.x12_id,
            group_receiver=maintenance.group_receiver(test, plan_id=plan, receiver=partner.x12_id),
            composed_at=desk.now,
        )
        trial = Trial.objects.create(
            hios_issuer_id=partner.hios_issuer_id,
            isa06=test.sender_id,
            isa08=partner.x12_id,
            isa13=f"{isa13:09d}",
            gs06=str(gs06),
            name=compose.file_name(desk, isa13),
            sha256=store.put(content).sha256,
            sets=len(drafts),
            composed_at=desk.now,
        )
    return trial, content


def _plan(partner: TradingPartner) -> str:
    return f"{partner.hios_issuer_id}MN999999904"


def _people(partner: TradingPartner, now: datetime) -> Iterator[MaintenanceSet]:
    """A broker told, of every kind of coverage the carrier has, and a broker removed: people whom nobody is."""
    year = day_of(now).year
    kinds = [*partner.coverages, partner.coverages[0]]
    for number, kind in enumerate(kinds, 1):
        last, first = PEOPLE[number - 1]
        yield MaintenanceSet(
            subscriber_first=first,
            subscriber_last=last,
            subscriber_middle="",
            subscriber_id=f"{POLICY}S{number}",
            member_id=f"{POLICY}M{number}",
            birth_date=date(1990, number, 1),
            sex="U",
            carrier_name=partner.name,
            carrier_tax_id=partner.tax_id,
            broker=None if number == len(kinds) else BROKER,
            coverage=kind,
            effective=date(year, 2, 1),
            benefit_begin=date(year, 1, 1),
            plan_id=_plan(partner),
            policy_id=f"{POLICY}{number}",
            composed_at=now,
        )


def apart(acknowledgments: Sequence[Answering]) -> tuple[list[Said], list[Answering]]:
    """What answers tests, and the rest, which answers what was sent in earnest or was never sent."""
    named = Q(isa13__in=[one.isa13 for one in acknowledgments if isinstance(one, InterchangeAcknowledgment)])
    named |= Q(gs06__in=[one.gs06.lstrip("0") for one in acknowledgments if isinstance(one, GroupAcknowledgment)])
    known: dict[tuple[str, str, str], int] = {}
    for id, isa06, isa08, isa13, gs06 in Trial.objects.filter(named).values_list(
        "id", "isa06", "isa08", "isa13", "gs06"
    ):
        known |= {(isa06, isa08, f"isa13 {isa13}"): id, (isa06, isa08, f"gs06 {gs06}"): id}
    said: list[Said] = []
    rest: list[Answering] = []
    for one in acknowledgments:
        number = _answered(one)
        trial = known.get((one.receiver.strip(), one.sender.strip(), number))
        if trial is None:
            rest.append(one)
        else:
            said += _said(trial, one)
    return said, rest


def _answered(one: Answering) -> str:
    """Which number of ours it names."""
    return f"isa13 {one.isa13}" if isinstance(one, InterchangeAcknowledgment) else f"gs06 {one.gs06.lstrip('0')}"


def _said(trial: int, one: Answering) -> Iterator[Said]:
    """A TA1 in one row; a 999 in one for the group and one for each set that it names."""
    if isinstance(one, InterchangeAcknowledgment):
        words = one.note_words if one.note_code.strip("0") else ""
        verdict = REJECTED if one.code == "R" else RECEIVED
        yield Said(trial, f"interchange {one.isa13}", one.code, verdict, words)
        return
    whole = ACCEPTED if one.code in ("A", "E") else REJECTED if one.code in ("R", "M", "W", "X") else RECEIVED
    yield Said(trial, f"group {one.gs06}", one.code, whole, "; ".join((*one.errors, *one.doubts)))
    for each in one.sets:
        verdict = RECEIVED if each.accepted is None else ACCEPTED if each.accepted else REJECTED
        yield Said(trial, f"set {each.st02}", each.code, verdict, "; ".join(each.errors))


def keep(file: Acknowledgment, said: Iterable[Said], *, now: datetime) -> None:
    """Keeps what a file answers to tests; an answer proves that its test was handed over, also after a crash."""
    said = list(said)
    Trial.objects.filter(id__in={one.trial for one in said}, handed_over_at=None).update(handed_over_at=now)
    TrialAnswer.objects.bulk_create(
        [
            TrialAnswer(
                acknowledgment=file,
                trial_id=one.trial,
                answers=one.answers[:40],
                code=one.code[:3],
                verdict=one.verdict,
                words=one.words,
                recorded_at=now,
            )
            for one in said
        ]
    )


def only_test(one: Answering, sha256: str) -> bool:
    """Whether an answer says of itself that it is a test's (ISA15 = T), and what it names was sent in earnest."""
    if one.answered_in is None or one.answered_in.isa15 != "T":
        return False
    with store.open_document(sha256) as document:
        return document.read(USAGE.stop)[USAGE] == b"P"


def is_ours(sets: Sequence[EnrollmentSet]) -> bool:
    """Whether a file's sets are a test's: all of invented policies."""
    return all(
        one.usage == "T" and all(member.policy_id.startswith(POLICY) for member in one.members) for one in sets
    )


def take_back(carrier: str, name: str, content: bytes, told: Sequence[EnrollmentSet], *, now: datetime) -> None:
    """Enters a test that went after the copy was made from which the database was restored."""
    document, first = store.put(content), told[0]
    Trial.objects.create(
        hios_issuer_id=carrier,
        isa06=first.isa06.strip(),
        isa08=first.isa08.strip(),
        isa13=first.isa13,
        gs06=first.gs06.lstrip("0"),
        name=name,
        sha256=document.sha256,
        sets=len(told),
        composed_at=first.sent_at,
        handed_over_at=now,
    )


def latest(hios_issuer_id: str, *, most: int) -> list[Trial]:
    """A carrier's last tests with their answers, the latest first; two queries."""
    rows = Trial.objects.filter(hios_issuer_id=hios_issuer_id).order_by("-id").prefetch_related("answers")
    return list(rows[:most])
