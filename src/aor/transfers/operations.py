"""A book of business moves from broker to broker (readings, R10).

    decision, number = transfers.ask(from_npn=..., to_npn=..., on=date(2026, 7, 1), by=broker, now=now)
    transfers.add_evidence(number, content=..., name=..., media_type=..., by=broker, now=now)
    preview = transfers.preview(number, purpose="...", by=officer, now=now)   # each household: can it move, why not
    transfers.approve(number, version=1, by=officer, now=now)                 # the letters go, 30 days before
    transfers.opt_out(number, subscriber_id="S1", by=consumer, now=now)
    transfers.due(now=now)                                                    # on the day: in sets, some at a time
    transfers.undo(number, by=officer, now=now)

Access to a household's data opens only when the consumer confirms (`acts.associate.confirm_transfer`). Of an agency's
book each broker's is a transfer of its own, asked for together by `ask_for_agency`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime
from itertools import batched

from django.db import transaction

from aor.acts import move, say
from aor.acts.move import Moving
from aor.acts.settle import HOUSEHOLDS_AT_ONCE
from aor.associations import queries as association_facts
from aor.associations.models import Open
from aor.associations.operations import ConsentGiven
from aor.audit import operations as journal
from aor.brokers import agencies
from aor.brokers import queries as brokers
from aor.calendar import queries as calendar
from aor.cases import correspondence
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.models import State
from aor.cases.operations import ANSWER, OFFICIALS, Refused
from aor.consumers import queries as consumers
from aor.consumers.models import Household as HouseholdRow
from aor.consumers.models import Subscriber
from aor.engine import bulk, locks
from aor.engine.among import among
from aor.policy import association, roster
from aor.policy import transfer as rules
from aor.policy.access import Change
from aor.policy.decision import Decision
from aor.policy.transfer import Asked
from aor.record.queries import Surroundings
from aor.terms.actor import Actor, Role, system
from aor.terms.period import day_of
from aor.transfers import queries
from aor.transfers.models import Household, Ruling, Step, Transfer
from aor.transfers.queries import LEFT_OUT, MOVED, OPTED_OUT, UNDONE, Preview, Prospect

KIND = "transfer"
BY_TIMETABLE = system("the day of the transfer")
LETTER = "transfer announced"
_STEP = ("household_id", "kind", "at", "because", "association_id")
_HOUSEHOLD = ("transfer_id", "association_id", "household_key", "subscriber_id", "written_at", "because")


def precheck(*, from_npn: str, to_npn: str, on: date, successor: bool = False, now: datetime) -> Decision:
    """The rules answered while the form is filled in; the agreement is added to the case."""
    return _prechecks({from_npn: to_npn}, on=on, successor=successor, now=now)[from_npn]


def precheck_for_agency(
    pairs: Mapping[str, str], *, agency_npn: str, on: date, successor: bool = False, now: datetime
) -> dict[str, Decision]:
    """As `precheck`, of several at once: by each former broker; who is to follow must be of the agency."""
    members = {one.npn for one in agencies.members(agency_npn)}
    found = _prechecks(pairs, on=on, successor=successor, now=now)
    return {
        from_npn: Decision.of(roster.of_agency(pairs[from_npn], pairs[from_npn] in members), *decision.findings)
        for from_npn, decision in found.items()
    }


def _prechecks(pairs: Mapping[str, str], *, on: date, successor: bool, now: datetime) -> dict[str, Decision]:
    around = Surroundings.known()
    standings = around.standings({*pairs, *pairs.values()})
    return {
        from_npn: rules.asking(
            Asked(from_npn, to_npn, on, evidence=True, successor=successor),
            new=standings[to_npn],
            former=standings[from_npn],
            today=day_of(now),
            parameters=around.parameters,
        )
        for from_npn, to_npn in pairs.items()
    }


@transaction.atomic
def ask(
    *,
    from_npn: str,
    to_npn: str,
    on: date,
    successor: bool = False,
    agency_npn: str = "",
    policies: Collection[str] = (),
    by: Actor,
    now: datetime,
) -> tuple[Decision, str]:
    """The new broker asks: the decision, and the number of the case, "" where refused. Raises Refused for others.

    With `policies` only their households are asked for, else the whole book.
    """
    if by.npn != to_npn and by.role not in OFFICIALS:
        raise Refused("a transfer is asked for by the new broker")
    decision = precheck(from_npn=from_npn, to_npn=to_npn, on=on, successor=successor, now=now)
    number = ""
    if decision.granted:
        days = calendar.parameters().number("transfer_answer_business_days", day_of(now))
        opened = cases.open_one(
            kind=KIND,
            subject=("broker", from_npn),
            clocks={ANSWER: Allowance(days, Unit.BUSINESS_DAYS)},
            by=Actor(by.role, by.name, to_npn),
            now=now,
        )
        number = opened.number
        Transfer.objects.create(
            case_id=opened.id, from_npn=from_npn, to_npn=to_npn, agency_npn=agency_npn, on=on, successor=successor,
            policies=" ".join(sorted(set(policies))), at=now,
        )  # fmt: skip
    subject = ("case", number) if number else ("broker", from_npn)
    _journal("transfer.asked", subject, decision, by=by, now=now, to=to_npn, on=str(on))
    return decision, number


@transaction.atomic
def ask_for_agency(
    pairs: Mapping[str, str], *, agency_npn: str, on: date, successor: bool = False,
    policies: Collection[str] = (), by: Actor, now: datetime,
) -> dict[str, tuple[Decision, str]]:  # fmt: skip
    """An agency takes over another's book: by each former broker, the one of its own who follows.

    `by` is of the agency, as the door has made sure; the journal says for which of its brokers they asked.
    """
    members = {one.npn for one in agencies.members(agency_npn)}
    found: dict[str, tuple[Decision, str]] = {}
    for from_npn, to_npn in pairs.items():
        belongs = Decision.of(roster.of_agency(to_npn, to_npn in members))
        if belongs.granted:
            found[from_npn] = ask(
                from_npn=from_npn, to_npn=to_npn, on=on, successor=successor, agency_npn=agency_npn,
                policies=policies, by=replace(by, npn=to_npn), now=now,
            )  # fmt: skip
        else:
            found[from_npn] = (belongs, "")
    return found


def add_evidence(number: str, *, content: bytes, name: str, media_type: str, by: Actor, now: datetime) -> int:
    """Keeps the agreement, which the door has checked; where we waited for it the clock runs on. Raises Refused."""
    with transaction.atomic():
        kept = correspondence.keep_evidence(number, content=content, name=name, media_type=media_type, by=by, now=now)
        case = queries.transfer(number).case
        if case.state == State.WAITING:
            cases.resume(number, version=case.version, by=by, now=now)
    return kept


@transaction.atomic
def ask_more(number: str, *, version: int, words: str, by: Actor, now: datetime) -> None:
    """An officer asks the new broker for more, in a message of the case; the clock stands still. Raises Refused."""
    row = _officers(number, by)
    correspondence.send(number, to=(Role.BROKER, row.to_npn), body=words, by=by, now=now)
    cases.wait(number, version=version, by=by, now=now)
    say.to_brokers("transfer asks", [row.to_npn], about=number, now=now, number=number)
    _journal("transfer.more asked", ("case", number), None, by=by, now=now)


def preview(number: str, *, purpose: str, by: Actor, now: datetime) -> Preview:
    """Every household with whether it can move, and why not, for an officer; that it was looked at is recorded."""
    row = _officers(number, by)
    found = queries.preview(row, now=now)
    subjects = [("subscriber", one.subscriber_id) for one in found.households]
    with transaction.atomic():
        journal.record_reads(subjects=subjects, what="transfer preview", purpose=purpose, by=by, at=now)
    return found


def told(number: str, *, by: Actor, now: datetime) -> tuple[Decision, int, dict[str, int]]:
    """What the new broker is told: how many households can move, and why others cannot; none by name.

    Nothing of the book before the agreement is on file. Of the former broker's standing never more than that it is
    not met: the details are theirs.
    """
    row = queries.transfer(number)
    if not cases.is_own(row.case, by):
        raise Refused(f"there is no case {number}")
    shown = queries.has_evidence(row)
    found = queries.preview(row, now=now)
    decision = Decision(queries.plainly(found.decision.findings), found.decision.granted)
    return (decision, found.can_move, queries.plain_reasons(found.reasons)) if shown else (decision, 0, {})


@transaction.atomic
def withdraw(number: str, *, version: int, by: Actor, now: datetime) -> None:
    """The new broker takes it back before it is decided. Raises Refused."""
    if Ruling.objects.filter(transfer__case__number=number).exists():
        raise Refused(f"{number} was decided")
    cases.withdraw(number, version=version, by=by, now=now)
    _journal("transfer.withdrawn", ("case", number), None, by=by, now=now)


def approve(number: str, *, version: int, because: str = "", by: Actor, now: datetime) -> Decision:
    """An officer approves: the book is listed, and whoever can move is written to. Raises Refused."""
    row = _officers(number, by)
    if Ruling.objects.filter(transfer=row).exists():
        raise Refused(f"{number} was decided")
    found = queries.preview(row, now=now)
    if not found.decision.granted:
        _journal("transfer.approved refused", ("case", number), found.decision, by=by, now=now)
        return found.decision
    with transaction.atomic():
        cases.answer(number, version=version, by=by, now=now, note="approved")
        _rule(row, found.decision, approved=True, because=because, by=by, now=now)
        bulk.load(
            Household,
            _HOUSEHOLD,
            (
                (
                    row.pk, one.association, one.key, one.subscriber_id, now if one.decision.granted else None,
                    one.because[:300],
                )
                for one in found.households
            ),
        )  # fmt: skip
        letters = {f"{number}:{one.key}": one.people for one in found.households if one.decision.granted}
        say.to_households(LETTER, letters, now=now, day=row.on)
        say.to_brokers("transfer decided", [row.to_npn], about=number, now=now, number=number)
        say.to_brokers("book moves", [row.from_npn], about=number, now=now, day=row.on)
        _journal("transfer.approved", ("case", number), found.decision, by=by, now=now, written_to=len(letters))
    return found.decision


@transaction.atomic
def deny(number: str, *, version: int, because: str, by: Actor, now: datetime) -> None:
    """An officer does not approve it, and says why. Raises Refused."""
    row = _officers(number, by)
    if not because.strip() or Ruling.objects.filter(transfer=row).exists():
        raise Refused("a transfer is denied once, with a reason")
    decision = queries.preview(row, now=now).decision
    cases.close(number, version=version, by=by, now=now, note="denied")
    _rule(row, decision, approved=False, because=because, by=by, now=now)
    say.to_brokers("transfer decided", [row.to_npn], about=number, now=now, number=number)
    _journal("transfer.denied", ("case", number), decision, by=by, now=now)


def _rule(row: Transfer, decision: Decision, *, approved: bool, because: str, by: Actor, now: datetime) -> None:
    (stored,) = journal.store_decisions([decision], parameters_version=calendar.parameters().version)
    Ruling.objects.create(
        transfer=row, at=now, approved=approved, because=because[:500], by_name=by.name, decision_id=stored
    )


@transaction.atomic
def opt_out(number: str, *, subscriber_id: str, by: Actor, now: datetime) -> None:
    """The consumer says no: they stay with their broker. Raises Refused where they were not written to."""
    row = next((one for one in queries.announced(subscriber_id, now=now) if one.transfer.case.number == number), None)
    if row is None:
        raise Refused(f"there is no case {number}")
    with locks.shared("writers"):
        _hold([row])
        if row.steps.exists():
            raise Refused(f"{number} is through")
        Step.objects.create(household=row, kind=OPTED_OUT, at=now)
    _journal("transfer.opted out", ("subscriber", subscriber_id), None, by=by, now=now, number=number)


# The day ------------------------------------------------------------------------------------------------------------


def due(*, now: datetime) -> int:
    """Enters every approved transfer whose day has come; how many households moved. Begun ones go on."""
    return sum(enter(row.case.number, now=now) for row in queries.to_enter(day_of(now)))


def enter(number: str, *, now: datetime, progress: Callable[[str], object] = lambda _: None) -> int:
    """The households move, some at a time: whoever cannot any more is left out with why. Idempotent."""
    row, moved, done = queries.transfer(number), 0, 0
    while waiting := list(queries.left(row)[:HOUSEHOLDS_AT_ONCE]):
        moved += _enter_some(row, waiting, now=now)
        move.settled(now=now)
        done += len(waiting)
        progress(f"{number}: {done} households")
    with transaction.atomic():
        row.case.refresh_from_db()
        cases.close(number, version=row.case.version, by=BY_TIMETABLE, now=now, note=f"{moved} households moved")
        say.to_brokers("association ended", [row.from_npn], about=number, now=now, once=True)
        say.to_brokers("association began", [row.to_npn], about=number, now=now, once=True)
    return moved


@transaction.atomic
def _enter_some(row: Transfer, waiting: list[Household], *, now: datetime) -> int:
    around, asked = Surroundings.known(), queries.asked_of(row, evidence=True)
    with locks.shared("writers"):
        ids = _hold(waiting)
        found = {one.key: one for one in queries.prospects(ids, asked, around, now=now)}
        answered = set(Step.objects.filter(household__in=waiting).values_list("household_id", flat=True))
        entering: list[tuple[Household, Prospect]] = []
        left_out: list[tuple[Household, str]] = []
        for one in waiting:
            if one.pk in answered:
                continue
            prospect = found.get(one.household_key)
            decision = _decision(one, prospect, row, around)
            if decision.granted and prospect is not None:
                entering.append((one, prospect))
            else:
                left_out.append((one, "; ".join(finding.because for finding in decision.unmet)))
        _load(row, entering, left_out, now=now)
    return len(entering)


def _hold(waiting: list[Household]) -> list[int]:
    """The rows of the households, held until the transaction ends."""
    names = [one.subscriber_id for one in waiting]
    rows = Subscriber.objects.filter(among("exchange_subscriber_id", names))
    ids = sorted(set(rows.values_list("household_id", flat=True)))
    list(HouseholdRow.objects.select_for_update().filter(among("id", ids)).order_by("id").values_list("id"))
    return ids


def _decision(one: Household, prospect: Prospect | None, row: Transfer, around: Surroundings) -> Decision:
    """On the day; without a prospect, or with another association, the household has chosen otherwise."""
    same = prospect is not None and prospect.association == one.association_id
    moved = prospect.decision if prospect is not None and same else Decision.of(rules.still_theirs(False))
    sent_on = None if one.written_at is None else day_of(one.written_at)
    return rules.entered(moved, sent_on=sent_on, opted_out=False, on=row.on, parameters=around.parameters)


def _load(
    row: Transfer, entering: list[tuple[Household, Prospect]], left_out: list[tuple[Household, str]], *, now: datetime
) -> None:
    number = row.case.number
    languages = consumers.languages_of([one.subscriber_id for one, _ in entering])
    new = brokers.names([row.to_npn]).get(row.to_npn, row.to_npn)
    moving = [
        Moving(one.subscriber_id, _consent(row, number, new, languages.get(one.subscriber_id, "en")))
        for one, _ in entering
    ]
    made = move.enter(moving, npn=row.to_npn, source=f"transfer {number}", by=BY_TIMETABLE, now=now)
    steps: list[tuple[int, str, datetime, str, int | None]] = [
        (one.pk, MOVED, now, "", id) for (one, _), id in zip(entering, made, strict=True)
    ]
    steps += [(one.pk, LEFT_OUT, now, because[:300], None) for one, because in left_out]
    bulk.load(Step, _STEP, steps)
    say.to_households(
        "transfer entered", {f"{number}:{prospect.key}": prospect.people for _, prospect in entering}, now=now
    )


def _consent(row: Transfer, number: str, new: str, language: str) -> ConsentGiven:
    """The letter without an answer is the agreement (readings, R10); access waits for the consumer's own act."""
    return ConsentGiven(
        act="letter without an opt-out",
        shown=f"Your broker gives their work to {new} (NPN {row.to_npn}) on {row.on}. You can say no until then.",
        template_version=LETTER,
        parties=f"household, broker {row.to_npn}",
        purpose="help with coverage; no access to data before the consumer confirms",
        language=language,
        reference=number,
    )


# Undone -------------------------------------------------------------------------------------------------------------


def undo(number: str, *, by: Actor, now: datetime) -> tuple[Decision, int]:
    """An officer takes it back within the days of an undo: the former broker is restored without a gap.

    Who has confirmed the new broker, or chosen since, stays as they chose. How many households. Raises Refused.
    """
    row = _officers(number, by)
    steps = Step.objects.filter(household__transfer=row, kind=MOVED).select_related("household").order_by("pk")
    first = steps.first()
    decision = association.undo(
        is_open=first is not None,
        confirmed_at=first.at if first else now,
        now=now,
        parameters=calendar.parameters(),
    )
    done = 0
    if decision.granted:
        done = sum(_undo_some(number, list(some), by=by, now=now) for some in batched(steps, HOUSEHOLDS_AT_ONCE))
        move.settled(now=now)
    with transaction.atomic():
        if done:
            say.to_brokers("book moved back", [row.from_npn, row.to_npn], about=number, now=now, number=number)
        _journal("transfer.undone", ("case", number), decision, by=by, now=now, households=done)
    return decision, done


@transaction.atomic
def _undo_some(number: str, steps: list[Step], *, by: Actor, now: datetime) -> int:
    ids = [one.association_id for one in steps if one.association_id is not None]
    changes = association_facts.access_changes(ids)
    opened = set(Open.objects.filter(among("association", ids)).values_list("association_id", flat=True))
    back = [
        one for one in steps if one.association_id in opened and changes.get(one.association_id) != Change.CONFIRMED
    ]
    with locks.shared("writers"):
        _hold([one.household for one in back])
        taken = [one.association_id for one in back if one.association_id is not None]
        move.take_back(taken, source=f"transfer {number}", by=by, now=now)
        bulk.load(Step, _STEP, [(one.household_id, UNDONE, now, "", one.association_id) for one in back])
        told = {f"{number}:{one.household.household_key}": [one.household.subscriber_id] for one in back}
        say.to_households("transfer undone", told, now=now)
    return len(back)


def _officers(number: str, by: Actor) -> Transfer:
    row = Transfer.objects.select_related("case").filter(case__number=number).first()
    if row is None or by.role not in OFFICIALS:
        raise Refused(f"there is no case {number}")
    return row


def _journal(
    verb: str, subject: tuple[str, str], decision: Decision | None, *, by: Actor, now: datetime, **details: object
) -> None:
    refused = decision is not None and not decision.granted and not verb.endswith(("refused", "denied"))
    journal.write(
        verb=f"{verb} refused" if refused else verb,
        subject=subject,
        decision=decision,
        parameters_version="" if decision is None else calendar.parameters().version,
        by=by,
        at=now,
        details=details,
    )
