"""Retroactive requests changed: submitted, completed, decided, appealed, withdrawn, objected to (readings, R8).

    submitted = retro.submit(fields=fields, by=broker, now=now)          # a number, or what is missing
    retro.add_evidence(number, content=..., name=..., media_type=..., by=broker, now=now)
    retro.ask_more(number, version=1, words="...", by=officer, now=now)  # the clocks stand still
    retro.more_received(number, version=2, by=broker, now=now)
    retro.decide(number, version=3, outcome=Outcome.APPROVED, by=officer, now=now)
    retro.appeal(number, version=4, by=broker, now=now)                  # another officer hears it

Clocks: 60 days in all; our answer leaves the carrier its 30 of them; on an approval the carrier's begin.
A step names the version of the case that its person saw; `cases.Refused` says why one was not taken.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from aor.acts import associate, contacts, correct
from aor.audit import operations as journal
from aor.audit.operations import Subject
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.models import State
from aor.cases.operations import ANSWER, Refused
from aor.consumers.models import Household
from aor.documents import letters
from aor.documents.letters import Sender
from aor.engine import bulk, store
from aor.enrollments.models import Enrollment
from aor.policy import retro as rules
from aor.policy.decision import Decision
from aor.policy.retro import Outcome
from aor.retro import queries, say, words
from aor.retro.models import Assessment, Identified, Objection, Request, Ruling
from aor.retro.queries import Fields, Gathered
from aor.terms.actor import Actor, Role, system
from aor.terms.period import day_of

KIND = "retro"
IN_ALL, CARRIER = "in all", "carrier"
DECIDED = (Outcome.APPROVED, Outcome.PROSPECTIVE, Outcome.DENIED)
CONSUMER_OBJECTS = system("consumer objects")


@dataclass(frozen=True, slots=True)
class Submitted:
    """The receipt: what can be told at once, and the number; "" where the form is not complete."""

    decision: Decision
    number: str


@dataclass(frozen=True, slots=True)
class Decided:
    """Whether an officer could decide so, and the letter's hash; "" where not."""

    decision: Decision
    letter: str = ""


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
        _journal("retro.refused", ("broker", fields.npn), decision, by=by, now=now)
        return Submitted(decision, "")
    (id,) = bulk.next_ids(Request, 1)
    opened = cases.open_one(kind=KIND, subject=("retro request", str(id)), clocks=_clocks(now), by=by, now=now)
    Request.objects.create(id=id, case_id=opened.id, received_at=now, **asdict(fields))
    row = queries.request(opened.number)
    found = queries.candidates(row)
    if len(found) == 1:
        _identify(row, found[0], by=system("matched"), now=now)
    told = _assess(row, now=now)[1].told
    _journal("retro.submitted", _subject(row), told, by=by, now=now)
    return Submitted(told, opened.number)


def _clocks(now: datetime) -> dict[str, Allowance]:
    parameters, today = calendar.parameters(), day_of(now)
    in_all = parameters.number("retro_decision_days", today)
    ours = in_all - parameters.number("retro_carrier_days", today)
    return {ANSWER: Allowance(ours, Unit.DAYS), IN_ALL: Allowance(in_all, Unit.DAYS)}


def add_evidence(number: str, *, content: bytes, name: str, media_type: str, by: Actor, now: datetime) -> int:
    """Keeps a document that the door has checked: the signed agreement, a screenshot. Raises Refused."""
    return cases.keep_evidence(number, content=content, name=name, media_type=media_type, by=by, now=now)


@transaction.atomic
def identify(number: str, *, enrollment: int, by: Actor, now: datetime) -> None:
    """An officer says which enrollment the request is about; the consumer is told of the request."""
    if by.role not in cases.OFFICIALS:
        raise Refused("only the marketplace says which enrollment a request is about")
    row = queries.request(number)
    if queries.latest_ruling(row) is not None:
        raise Refused(f"{number} was decided")
    _identify(row, enrollment, by=by, now=now)
    _assess(row, now=now)
    _journal("retro.identified", _subject(row), None, by=by, now=now, enrollment=enrollment)


def _identify(row: Request, enrollment: int, *, by: Actor, now: datetime) -> None:
    Identified.objects.create(request=row, enrollment_id=enrollment, at=now, by_name=by.name)
    subscriber = Enrollment.objects.values_list("subscriber__exchange_subscriber_id", flat=True).get(pk=enrollment)
    say.consumer_asked(row, subscriber, now=now)


def propose(number: str, *, now: datetime) -> Assessment:
    """Every finding as known now, kept, with the outcome they propose."""
    with transaction.atomic():
        return _assess(queries.request(number), now=now)[0]


def _assess(row: Request, *, now: datetime) -> tuple[Assessment, Gathered]:
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
    journal.record_read(subject=_subject(row), what="retroactive request", purpose=purpose, by=by, at=now)
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
    cases.send(number, to=(Role.BROKER, row.npn), body=words, by=by, now=now)
    cases.wait(number, version=version, by=by, now=now)
    say.broker(row, say.MORE, now=now, dedupe=f"v{version}")
    _journal("retro.more_asked", _subject(row), None, by=by, now=now)


@transaction.atomic
def more_received(number: str, *, version: int, by: Actor, now: datetime) -> Decision:
    """The broker has added what was asked for; what can be told of it at once. Raises Refused."""
    row = queries.request(number)
    cases.resume(number, version=version, by=by, now=now)
    told = _assess(row, now=now)[1].told
    _journal("retro.more_received", _subject(row), told, by=by, now=now)
    return told


@transaction.atomic
def withdraw(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """The broker takes the request back before it is decided. Raises Refused."""
    row = queries.request(number)
    if queries.latest_ruling(row) is not None:
        raise Refused(f"{number} was decided")
    cases.withdraw(number, version=version, by=by, now=now)
    assessment, _ = _assess(row, now=now)
    Ruling.objects.create(
        request=row, assessment=assessment, number=1, at=now, outcome=Outcome.WITHDRAWN, by_name=by.name
    )
    _journal("retro.withdrawn", _subject(row), None, by=by, now=now)


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
        cases.escalate(number, version=row.case.version, by=CONSUMER_OBJECTS, now=now, clocks=_appeal_clocks(now))
    _journal("retro.objected", _subject(row), None, by=by, now=now)


# Decided -----------------------------------------------------------------------------------------------------------


def decide(number: str, *, version: int, outcome: Outcome, because: str = "", by: Actor, now: datetime) -> Decided:
    """An officer decides, on appeal another one: approved, prospective or denied. Raises Refused.

    An approval corrects the record and nothing else; a prospective one is an invitation that only the consumer
    completes. The broker gets a letter, and the consumer is told.
    """
    if outcome not in DECIDED:
        raise Refused(f"a decision is one of {', '.join(DECIDED)}")
    with transaction.atomic():
        row = queries.request(number)
        decided = _decide(row, version=version, outcome=outcome, because=because, by=by, now=now)
        if not decided.decision.granted:
            transaction.set_rollback(True)
    if not decided.decision.granted:
        _journal("retro.decided refused", _subject(row), decided.decision, by=by, now=now, outcome=outcome)
    return decided


def _decide(row: Request, *, version: int, outcome: Outcome, because: str, by: Actor, now: datetime) -> Decided:
    _hold(row)
    before = queries.latest_ruling(row)
    if before is not None and before.correction is not None:
        _take_back(row, before, by=by, now=now)
    assessment, gathered = _assess(row, now=now)
    decision = rules.ruling(gathered.proposal, outcome, because=because)
    if not decision.granted:
        return Decided(decision)
    cases.answer(row.case.number, version=version, by=by, now=now)
    if outcome is not Outcome.APPROVED:
        cases.meet(row.case.number, name=IN_ALL, now=now)
    correction = _correct(row, gathered, decision, by=by, now=now) if outcome is Outcome.APPROVED else None
    invited = outcome is Outcome.PROSPECTIVE and _invite(row, gathered, by=by, now=now)
    letter = _letter(row, gathered, outcome, because, invited=invited, first=before is None, now=now)
    Ruling.objects.create(
        request=row, assessment=assessment, number=1 if before is None else before.number + 1, at=now,
        outcome=outcome, reasons=assessment.reasons, because=because, by_name=by.name, correction=correction,
        invited=invited, letter=letter,
    )  # fmt: skip
    say.broker(row, say.DECIDED, now=now, dedupe=f"v{version}")
    if gathered.enrollment is not None:
        say.consumer_decided(row, gathered.enrollment.subscriber_id, outcome, now=now, dedupe=f"v{version}")
    _journal("retro.decided", _subject(row), decision, by=by, now=now, outcome=outcome, reasons=assessment.reasons)
    return Decided(decision, letter)


def _hold(row: Request) -> None:
    """Nobody else decides of the household meanwhile."""
    identified = row.identified.order_by("-pk").values_list("enrollment__subscriber__household", flat=True)
    list(Household.objects.select_for_update().filter(pk__in=list(identified[:1])).values_list("pk", flat=True))


def _correct(row: Request, gathered: Gathered, decision: Decision, *, by: Actor, now: datetime) -> int:
    assert gathered.enrollment is not None
    assert gathered.household is not None
    days = rules.corrected_days(gathered.enrollment, gathered.household, gathered.around.parameters)
    correction = correct.retroactive(
        enrollment=gathered.enrollment.id,
        npn=row.npn,
        period=days,
        source=_source(row),
        decision=decision,
        by=by,
        now=now,
    )
    carrier_days = gathered.around.parameters.number("retro_carrier_days", day_of(now))
    cases.start_clocks([row.case_id], name=CARRIER, allowed=Allowance(carrier_days, Unit.DAYS), now=now)
    return correction


def _take_back(row: Request, before: Ruling, *, by: Actor, now: datetime) -> None:
    """What an earlier ruling corrected is taken back before it is decided again."""
    assert before.correction is not None
    enrollment = row.identified.order_by("-pk").values_list("enrollment", flat=True)[0]
    correct.take_back(enrollment=enrollment, correction=before.correction, source=_source(row), by=by, now=now)
    cases.meet(row.case.number, name=CARRIER, now=now)


def _invite(row: Request, gathered: Gathered, *, by: Actor, now: datetime) -> bool:
    """The broker's invitation, through the contact that the marketplace holds; only the consumer completes it."""
    if gathered.enrollment is None or (gathered.found is not None and gathered.found.associated):
        return False
    subscriber = gathered.enrollment.subscriber_id
    contact = contacts.contact_for(subscriber, now=now).address
    as_broker = replace(by, npn=row.npn)
    decision, code = associate.invite(subscriber_id=subscriber, npn=row.npn, contact=contact, by=as_broker, now=now)
    return decision.granted and bool(code)


def _letter(
    row: Request, gathered: Gathered, outcome: Outcome, because: str, *, invited: bool, first: bool, now: datetime
) -> str:
    """The stored PDF to the broker."""
    days = gathered.around.parameters.number("retro_appeal_days", day_of(now))
    appeal = day_of(now) + timedelta(days) if first and outcome is not Outcome.APPROVED else None
    found = gathered.found
    on_file = found is not None and found.on_file
    answered = words.Answered(
        outcome,
        gathered.told,
        invited,
        associated=found is not None and found.associated,
        appeal_until=appeal,
        because=because.strip() if on_file else "",
    )
    broker = brokers.roster([row.npn]).get(row.npn)
    lines = (f"NPN {row.npn}",) if broker is None else (broker.name, *filter(None, [broker.agency_name]))
    sender = Sender(getattr(settings, "AOR_MARKETPLACE", "the marketplace"))
    return store.put(
        letters.pdf(words.letter(row, answered, broker=lines, day=day_of(now)), sender=sender, at=now)
    ).sha256


@transaction.atomic
def appeal(number: str, *, version: int, by: Actor, now: datetime) -> Decision:
    """The broker appeals, once; another officer hears it. Raises Refused for what is not theirs or not decided."""
    row = queries.request(number)
    ruling = queries.latest_ruling(row)
    if ruling is None:
        raise Refused(f"{number} is not decided yet")
    parameters, today = calendar.parameters(), day_of(now)
    days = parameters.number("retro_appeal_days", today)
    decision = Decision.of(
        rules.appeal_open(Outcome(ruling.outcome), day_of(ruling.at), ruling.number > 1, today, days)
    )
    if decision.granted:
        cases.escalate(number, version=version, by=by, now=now, clocks=_appeal_clocks(now))
    verb = "retro.appealed" if decision.granted else "retro.appealed refused"
    _journal(verb, _subject(row), decision, by=by, now=now)
    return decision


def _appeal_clocks(now: datetime) -> dict[str, Allowance]:
    return {ANSWER: Allowance(calendar.parameters().number("retro_appeal_days", day_of(now)), Unit.DAYS)}


def _subject(row: Request) -> Subject:
    return ("case", row.case.number)


def _source(row: Request) -> str:
    return f"retroactive request {row.case.number}"


def _journal(
    verb: str, subject: Subject, decision: Decision | None, *, by: Actor, now: datetime, **details: object
) -> None:
    version = "" if decision is None else calendar.parameters().version
    journal.write(
        verb=verb, subject=subject, decision=decision, parameters_version=version, by=by, at=now, details=details
    )
