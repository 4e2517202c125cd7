"""Retroactive requests decided by officers, and appealed once (readings, R8).

    rulings.decide(number, version=3, outcome=Outcome.APPROVED, by=officer, now=now)
    rulings.appeal(number, version=4, by=broker, now=now)                # another officer hears it

On an approval the carrier's clock begins. A step names the version of the case that its person saw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from aor.acts import associate, contacts, correct
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.operations import Refused
from aor.consumers.models import Household
from aor.documents import letters
from aor.documents.letters import Sender
from aor.engine import store
from aor.policy import retro as rules
from aor.policy.decision import Decision
from aor.policy.retro import Outcome
from aor.retro import operations as requests
from aor.retro import queries, say, words
from aor.retro.models import Request, Ruling
from aor.retro.queries import Gathered
from aor.terms.actor import Actor
from aor.terms.period import day_of

DECIDED = (Outcome.APPROVED, Outcome.PROSPECTIVE, Outcome.DENIED)


@dataclass(frozen=True, slots=True)
class Decided:
    """Whether an officer could decide so, and the letter's hash; "" where not."""

    decision: Decision
    letter: str = ""


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
        requests.write(
            "retro.decided refused", requests.subject_of(row), decided.decision, by=by, now=now, outcome=outcome
        )
    return decided


def _decide(row: Request, *, version: int, outcome: Outcome, because: str, by: Actor, now: datetime) -> Decided:
    _hold(row)
    before = queries.latest_ruling(row)
    if before is not None and before.correction is not None:
        _take_back(row, before, by=by, now=now)
    assessment, gathered = requests.assess(row, now=now)
    decision = rules.ruling(gathered.proposal, outcome, because=because)
    if not decision.granted:
        return Decided(decision)
    cases.answer(row.case.number, version=version, by=by, now=now)
    if outcome is not Outcome.APPROVED:
        cases.meet(row.case.number, name=requests.IN_ALL, now=now)
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
    requests.write(
        "retro.decided",
        requests.subject_of(row),
        decision,
        by=by,
        now=now,
        outcome=outcome,
        reasons=assessment.reasons,
    )
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
    cases.start_clocks([row.case_id], name=requests.CARRIER, allowed=Allowance(carrier_days, Unit.DAYS), now=now)
    return correction


def _take_back(row: Request, before: Ruling, *, by: Actor, now: datetime) -> None:
    """What an earlier ruling corrected is taken back before it is decided again."""
    assert before.correction is not None
    enrollment = row.identified.order_by("-pk").values_list("enrollment", flat=True)[0]
    correct.take_back(enrollment=enrollment, correction=before.correction, source=_source(row), by=by, now=now)
    cases.meet(row.case.number, name=requests.CARRIER, now=now)


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
        cases.escalate(number, version=version, by=by, now=now, clocks=requests.appeal_clocks(now))
    verb = "retro.appealed" if decision.granted else "retro.appealed refused"
    requests.write(verb, requests.subject_of(row), decision, by=by, now=now)
    return decision


def _source(row: Request) -> str:
    return f"retroactive request {row.case.number}"
