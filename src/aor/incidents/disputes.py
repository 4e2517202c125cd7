""" "I did not ask for this": the broker's access closes at once, an officer decides, or the days do (readings, R12).

decision, number = disputes.disown(subscriber_id="S1", by=consumer, now=now)
disputes.decide(number, version=1, upheld=True, because="...", by=officer, now=now)
disputes.due(now=now)               # opens what has no case yet, restores what nobody decided in time
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from aor.acts import annul, associate
from aor.acts.place import hold, place_of
from aor.associations import queries as association_facts
from aor.associations.models import Association
from aor.audit import operations as journal
from aor.calendar import queries as calendar
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.models import State
from aor.cases.operations import ANSWER, OFFICIALS, Refused
from aor.incidents import queries, say
from aor.incidents.models import Dispute, Ruling
from aor.policy import incident as rules
from aor.policy.access import Change
from aor.policy.decision import Decision
from aor.terms.actor import Actor, system
from aor.terms.period import day_of

KIND = "dispute"
NOBODY_DECIDED = system("nobody decided in time")
_BEFORE = timedelta(microseconds=1)


@transaction.atomic
def disown(*, subscriber_id: str, by: Actor, now: datetime) -> tuple[Decision, str]:
    """The consumer says so: access closes at once, and a case is opened; its number, "" where there is nothing."""
    place = hold(subscriber_id, now)
    decision = associate.disown(subscriber_id=subscriber_id, by=by, now=now)
    if not decision.granted or place.open is None:
        return decision, ""
    return decision, _open(place.open, subscriber_id, by=by, now=now)


def _open(row: Association, subscriber_id: str, *, by: Actor, now: datetime) -> str:
    parameters = calendar.parameters()
    days = parameters.number("dispute_restore_business_days", day_of(now))
    clocks = {ANSWER: Allowance(days, Unit.BUSINESS_DAYS)}
    opened = cases.open_one(kind=KIND, subject=("association", str(row.pk)), clocks=clocks, by=by, now=now)
    Dispute.objects.create(case_id=opened.id, association=row, subscriber_id=subscriber_id, at=now)
    return opened.number


@transaction.atomic
def decide(number: str, *, version: int, upheld: bool, because: str = "", by: Actor, now: datetime) -> Decision:
    """An officer decides. Upheld, the earlier broker is restored without a gap; else access opens again.

    The consumer is answered in their language. Raises Refused for another version, or a case that is not there.
    """
    row = Dispute.objects.select_related("case", "association").filter(case__number=number).first()
    if row is None or by.role not in OFFICIALS:
        raise Refused(f"there is no case {number}")
    decided = Ruling.objects.filter(dispute=row).exists()
    findings = [rules.dispute_open(decided)]
    if not upheld:
        findings.append(rules.consent_found(row.association.consent_id is not None, because))
    decision = Decision.of(*findings)
    if decision.granted:
        _rule(row, version, decision, upheld=upheld, because=because, by=by, now=now)
    else:
        journal.write(
            verb="dispute.decided refused",
            subject=("case", number),
            decision=decision,
            parameters_version=calendar.parameters().version,
            by=by,
            at=now,
        )
    return decision


def _rule(
    row: Dispute, version: int, decision: Decision, *, upheld: bool, because: str, by: Actor, now: datetime
) -> None:
    number, association = row.case.number, row.association
    cases.close(number, version=version, by=by, now=now, note="upheld" if upheld else "access opened again")
    if association_facts.access_change(association.pk) == Change.DISOWNED:
        associate.decide_disowned(
            subscriber_id=row.subscriber_id, association=association.pk, upheld=upheld, by=by, now=now
        )
    if upheld:
        annul.annul(association=association.pk, source=f"dispute {number}", decision=decision, by=by, now=now)
    (stored,) = journal.store_decisions([decision], parameters_version=calendar.parameters().version)
    Ruling.objects.create(
        dispute=row,
        at=now,
        upheld=upheld,
        because=because[:500],
        by_role=by.role,
        by_name=by.name,
        decision_id=stored,
    )
    kind = "dispute upheld" if upheld else "dispute not upheld"
    people = place_of(row.subscriber_id, now).people
    say.consumers_told(kind, people, about=number, now=now)
    told = say.RESTORED if upheld else say.REOPENED
    say.brokers_told(told, [association.npn], number=number, about=str(association.pk), now=now)
    details = {"upheld": upheld, "npn": association.npn}
    journal.write(verb="dispute.decided", subject=("case", number), by=by, at=now, details=details)


def due(*, now: datetime) -> int:
    """Opens what was disowned by another door, and restores what nobody decided in time; how many of both."""
    done = 0
    for change in association_facts.disowned_open():
        if not Dispute.objects.filter(association=change.association).exists():
            with transaction.atomic():
                speaker = annul.speaker(change.association)
                _open(change.association, speaker, by=system("disowned"), now=change.at)
            done += 1
    return done + _follow(now) + _restore(now)


def _follow(now: datetime) -> int:
    """What an officer decided by another door: the case ends, and an earlier broker is restored."""
    done = 0
    for row in queries.disputes():
        latest = association_facts.access_change(row.association_id)
        if latest in (Change.UPHELD, Change.REOPENED):
            with transaction.atomic():
                decision, upheld = Decision.of(rules.dispute_open(False)), latest == Change.UPHELD
                because, by = "an officer decided", system("decided by an officer")
                _rule(row, row.case.version, decision, upheld=upheld, because=because, by=by, now=now)
            done += 1
    return done


def _restore(now: datetime) -> int:
    done = 0
    for row in queries.disputes():
        last = row.case.clocks.filter(name=ANSWER, met_at=None, stopped_at=None).first()
        if last is None or row.case.state == State.CLOSED:
            continue
        overdue = rules.dispute_overdue(day_of(last.due_at - _BEFORE), day_of(now))
        if overdue.met:
            with transaction.atomic():
                decision = Decision.of(rules.dispute_open(False), overdue)
                row.case.refresh_from_db()
                _rule(
                    row,
                    row.case.version,
                    decision,
                    upheld=True,
                    because=overdue.because,
                    by=NOBODY_DECIDED,
                    now=now,
                )
            done += 1
    return done
