"""Retroactive requests changed: submitted, completed, withdrawn, objected to (readings, R8); decided by `rulings`.

    submitted = retro.submit(fields=fields, by=broker, now=now)          # a number, or what is missing
    retro.add_evidence(number, content=..., name=..., media_type=..., by=broker, now=now)
    retro.ask_more(number, version=1, words="...", by=officer, now=now)  # the clocks stand still
    retro.more_received(number, version=2, by=broker, now=now)
    retro.object_to(number, subscriber_id="S1", by=consumer, now=now)

Clocks: 60 days in all; our answer leaves the carrier its 30 of them.
A step names the version of the case that its person saw; `cases.Refused` says why one was not taken.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from aor.audit import operations as journal
from aor.audit.operations import Subject
from aor.calendar import queries as calendar
from aor.cases import correspondence
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.models import State
from aor.cases.operations import ANSWER, Refused
from aor.engine import bulk, store
from aor.enrollments.models import Enrollment
from aor.policy.decision import Decision
from aor.policy.retro import Outcome
from aor.retro import queries, say
from aor.retro.models import Assessment, Identified, Objection, Request, Ruling
from aor.retro.queries import Fields, Gathered
from aor.terms.actor import Actor, Role, system
from aor.terms.period import day_of

KIND = "retro"
IN_ALL, CARRIER = "in all", "carrier"
CONSUMER_OBJECTS = system("consumer objects")


@dataclass(frozen=True, slots=True)
class Submitted:
    """The receipt: what can be told at once, and the number; "" where the form is not complete."""

    decision: Decision
    number: str


def precheck(*, fields: Fields, evidence: bool = False, now: datetime) -> Decision:
    """The rules answered while the form is filled in, from the broker's own words and standing alone."""
    return queries.said(fields, evidence=evidence, now=now)


# Asked -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def submit(*, fields: Fields, by: Actor, now: datetime) -> Submitted:
    """Takes a request in: numbered and queued, whatever its findings, unless something needed is missing."""
    if by.npn != fields.npn:
        raise Refused("a retroactive request is made by the broker who asks to be agent of record")
    decision = queries.said(fields, evidence=False, now=now)
    if fields.lacking(day_of(now)):
        write("retro.refused", ("broker", fields.npn), decision, by=by, now=now)
        return Submitted(decision, "")
    (id,) = bulk.next_ids(Request, 1)
    opened = cases.open_one(kind=KIND, subject=("retro request", str(id)), clocks=_clocks(now), by=by, now=now)
    Request.objects.create(id=id, case_id=opened.id, received_at=now, **asdict(fields))
    row = queries.request(opened.number)
    found = queries.candidates(row)
    if len(found) == 1:
        _identify(row, found[0], by=system("matched"), now=now)
    told = assess(row, now=now)[1].told
    write("retro.submitted", subject_of(row), told, by=by, now=now)
    return Submitted(told, opened.number)


def _clocks(now: datetime) -> dict[str, Allowance]:
    parameters, today = calendar.parameters(), day_of(now)
    in_all = parameters.number("retro_decision_days", today)
    ours = in_all - parameters.number("retro_carrier_days", today)
    return {ANSWER: Allowance(ours, Unit.DAYS), IN_ALL: Allowance(in_all, Unit.DAYS)}


def add_evidence(number: str, *, content: bytes, name: str, media_type: str, by: Actor, now: datetime) -> int:
    """Keeps a document that the door has checked: the signed agreement, a screenshot. Raises Refused."""
    return correspondence.keep_evidence(number, content=content, name=name, media_type=media_type, by=by, now=now)


@transaction.atomic
def identify(number: str, *, enrollment: int, by: Actor, now: datetime) -> None:
    """An officer says which enrollment the request is about; the consumer is told of the request."""
    if by.role not in cases.OFFICIALS:
        raise Refused("only the marketplace says which enrollment a request is about")
    row = queries.request(number)
    if queries.latest_ruling(row) is not None:
        raise Refused(f"{number} was decided")
    _identify(row, enrollment, by=by, now=now)
    assess(row, now=now)
    write("retro.identified", subject_of(row), None, by=by, now=now, enrollment=enrollment)


def _identify(row: Request, enrollment: int, *, by: Actor, now: datetime) -> None:
    Identified.objects.create(request=row, enrollment_id=enrollment, at=now, by_name=by.name)
    subscriber = Enrollment.objects.values_list("subscriber__exchange_subscriber_id", flat=True).get(pk=enrollment)
    say.consumer_asked(row, subscriber, now=now)


def propose(number: str, *, now: datetime) -> Assessment:
    """Every finding as known now, kept, with the outcome they propose."""
    with transaction.atomic():
        return assess(queries.request(number), now=now)[0]


def assess(row: Request, *, now: datetime) -> tuple[Assessment, Gathered]:
    """Every finding as known now, kept; a single candidate is taken for the coverage."""
    gathered = queries.gather(row, now=now)
    if gathered.found is None and (found := queries.candidates(row)) and len(found) == 1:
        _identify(row, found[0], by=system("matched"), now=now)
        gathered = queries.gather(row, now=now)
    proposal = gathered.proposal
    version = gathered.around.parameters.version
    (stored,) = journal.store_decisions([proposal.decision], parameters_version=version)
    reasons = ",".join(proposal.reasons)
    assessment = Assessment.objects.create(
        request=row, at=now, decision_id=stored, outcome=proposal.outcome, reasons=reasons
    )
    return assessment, gathered


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as a person sees it. A broker sees what they may be told, the outcome and the letter alone."""

    request: Request
    told: Decision
    outcome: str
    letter: str
    assessment: Assessment | None
    ruling: Ruling | None


def show(number: str, *, purpose: str, by: Actor, now: datetime) -> Shown:
    """A request with what was found and decided; the read is recorded. Raises Refused for what is not theirs."""
    row = Request.objects.select_related("case").filter(case__number=number).first()
    if row is None or not cases.is_own(row.case, by):
        raise Refused(f"there is no case {number}")
    journal.record_read(subject=subject_of(row), what="retroactive request", purpose=purpose, by=by, at=now)
    official = by.role in cases.OFFICIALS or by.role is Role.AUDITOR
    ruling = queries.latest_ruling(row)
    return Shown(
        row,
        queries.gather(row, now=now).told,
        "" if ruling is None else ruling.outcome,
        "" if ruling is None else ruling.letter,
        queries.latest_assessment(row) if official else None,
        ruling if official else None,
    )


def read_letter(number: str, *, purpose: str, by: Actor, now: datetime) -> bytes:
    """The letter of the latest decision, as PDF; the read is recorded. Raises Refused where there is none."""
    shown = show(number, purpose=purpose, by=by, now=now)
    if not shown.letter:
        raise Refused(f"{number} has no letter")
    with store.open_document(shown.letter) as file:
        return file.read()


# More, withdrawn, objected -----------------------------------------------------------------------------------------


@transaction.atomic
def ask_more(number: str, *, version: int, words: str, by: Actor, now: datetime) -> None:
    """The broker is asked for more, in a message of the case; the clocks stand still. Raises Refused."""
    row = queries.request(number)
    correspondence.send(number, to=(Role.BROKER, row.npn), body=words, by=by, now=now)
    cases.wait(number, version=version, by=by, now=now)
    say.broker(row, say.MORE, now=now, dedupe=f"v{version}")
    write("retro.more_asked", subject_of(row), None, by=by, now=now)


@transaction.atomic
def more_received(number: str, *, version: int, by: Actor, now: datetime) -> Decision:
    """The broker has added what was asked for; what can be told of it at once. Raises Refused."""
    row = queries.request(number)
    cases.resume(number, version=version, by=by, now=now)
    told = assess(row, now=now)[1].told
    write("retro.more_received", subject_of(row), told, by=by, now=now)
    return told


@transaction.atomic
def withdraw(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """The broker takes the request back before it is decided. Raises Refused."""
    row = queries.request(number)
    if queries.latest_ruling(row) is not None:
        raise Refused(f"{number} was decided")
    cases.withdraw(number, version=version, by=by, now=now)
    assessment, _ = assess(row, now=now)
    Ruling.objects.create(
        request=row, assessment=assessment, number=1, at=now, outcome=Outcome.WITHDRAWN, by_name=by.name
    )
    write("retro.withdrawn", subject_of(row), None, by=by, now=now)


@transaction.atomic
def object_to(number: str, *, subscriber_id: str, by: Actor, now: datetime) -> None:
    """The consumer objects: a finding against the request; a decided one is heard again. Raises Refused."""
    row = next((one for one in queries.about(subscriber_id) if one.case.number == number), None)
    if row is None:
        raise Refused(f"there is no case {number}")
    if row.case.state == State.CLOSED:
        raise Refused("this request is closed; the consumer chooses their broker in their account")
    _, made = Objection.objects.get_or_create(request=row, defaults={"at": now})
    if made and row.case.state == State.ANSWERED:
        cases.escalate(number, version=row.case.version, by=CONSUMER_OBJECTS, now=now, clocks=appeal_clocks(now))
    write("retro.objected", subject_of(row), None, by=by, now=now)


def appeal_clocks(now: datetime) -> dict[str, Allowance]:
    """What an appeal is allowed."""
    return {ANSWER: Allowance(calendar.parameters().number("retro_appeal_days", day_of(now)), Unit.DAYS)}


def subject_of(row: Request) -> Subject:
    """Under what a request is journaled."""
    return ("case", row.case.number)


def write(
    verb: str, subject: Subject, decision: Decision | None, *, by: Actor, now: datetime, **details: object
) -> None:
    """Journals an act about a request."""
    version = "" if decision is None else calendar.parameters().version
    journal.write(
        verb=verb, subject=subject, decision=decision, parameters_version=version, by=by, at=now, details=details
    )
