"""A book of business moves from broker to broker (readings, R10).

    decision, number = transfers.ask(from_npn=..., to_npn=..., on=date(2026, 7, 1), by=broker, now=now)
    transfers.add_evidence(number, content=..., name=..., media_type=..., by=broker, now=now)
    preview = transfers.preview(number, purpose="...", by=officer, now=now)   # each household: can it move, why not
    transfers.approve(number, version=1, by=officer, now=now)                 # the letters go, 30 days before

What comes then, who says no, the day and an undo, is in `entering`. Access to a household's data opens only when the
consumer confirms (`acts.associate.confirm_transfer`). Of an agency's book each broker's is a transfer of its own,
asked for together by `ask_for_agency`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from aor.acts import say
from aor.audit import operations as journal
from aor.brokers import agencies
from aor.calendar import queries as calendar
from aor.cases import correspondence
from aor.cases import operations as cases
from aor.cases.clocks import Allowance, Unit
from aor.cases.models import State
from aor.cases.operations import ANSWER, OFFICIALS, Refused
from aor.engine import bulk
from aor.policy import roster
from aor.policy import transfer as rules
from aor.policy.decision import Decision
from aor.policy.transfer import Asked
from aor.record.queries import Surroundings
from aor.terms.actor import Actor, Role
from aor.terms.period import day_of
from aor.transfers import queries
from aor.transfers.models import Household, Ruling, Transfer
from aor.transfers.queries import Preview

KIND = "transfer"
LETTER = "transfer announced"
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
    journaled("transfer.asked", subject, decision, by=by, now=now, to=to_npn, on=str(on))
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
    row = of_officer(number, by)
    correspondence.send(number, to=(Role.BROKER, row.to_npn), body=words, by=by, now=now)
    cases.wait(number, version=version, by=by, now=now)
    tell_who_asked("transfer asks", row, now=now)
    journaled("transfer.more asked", ("case", number), None, by=by, now=now)


def preview(number: str, *, purpose: str, by: Actor, now: datetime) -> Preview:
    """Every household with whether it can move, and why not, for an officer; that it was looked at is recorded."""
    row = of_officer(number, by)
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
    journaled("transfer.withdrawn", ("case", number), None, by=by, now=now)


def approve(number: str, *, version: int, because: str = "", by: Actor, now: datetime) -> Decision:
    """An officer approves: the book is listed, and whoever can move is written to. Raises Refused."""
    row = of_officer(number, by)
    if Ruling.objects.filter(transfer=row).exists():
        raise Refused(f"{number} was decided")
    found = queries.preview(row, now=now)
    if not found.decision.granted:
        journaled("transfer.approved refused", ("case", number), found.decision, by=by, now=now)
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
        tell_who_asked("transfer decided", row, now=now)
        say.to_brokers("book moves", [row.from_npn], about=number, now=now, day=row.on)
        journaled("transfer.approved", ("case", number), found.decision, by=by, now=now, written_to=len(letters))
    return found.decision


@transaction.atomic
def deny(number: str, *, version: int, because: str, by: Actor, now: datetime) -> None:
    """An officer does not approve it, and says why. Raises Refused."""
    row = of_officer(number, by)
    if not because.strip() or Ruling.objects.filter(transfer=row).exists():
        raise Refused("a transfer is denied once, with a reason")
    decision = queries.preview(row, now=now).decision
    cases.close(number, version=version, by=by, now=now, note="denied")
    _rule(row, decision, approved=False, because=because, by=by, now=now)
    tell_who_asked("transfer decided", row, now=now)
    journaled("transfer.denied", ("case", number), decision, by=by, now=now)


def _rule(row: Transfer, decision: Decision, *, approved: bool, because: str, by: Actor, now: datetime) -> None:
    (stored,) = journal.store_decisions([decision], parameters_version=calendar.parameters().version)
    Ruling.objects.create(
        transfer=row, at=now, approved=approved, because=because[:500], by_name=by.name, decision_id=stored
    )


def tell_who_asked(kind: str, row: Transfer, *, now: datetime) -> None:
    """The new broker, and where their agency asked and they still are of it, those who keep it."""
    number = row.case.number
    say.to_brokers(kind, [row.to_npn], about=number, now=now, number=number)
    if row.to_npn in {one.npn for one in agencies.members(row.agency_npn)}:
        say.to_managers(kind, row.agency_npn, about=number, now=now, number=number)


def of_officer(number: str, by: Actor) -> Transfer:
    """The transfer, for those who decide of it. Raises Refused for everybody else."""
    row = Transfer.objects.select_related("case").filter(case__number=number).first()
    if row is None or by.role not in OFFICIALS:
        raise Refused(f"there is no case {number}")
    return row


def journaled(
    verb: str, subject: tuple[str, str], decision: Decision | None, *, by: Actor, now: datetime, **details: object
) -> None:
    """A step in the journal; of a decision that is not granted, as refused."""
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
