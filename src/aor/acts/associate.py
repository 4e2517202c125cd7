"""Every way for a broker and a household to begin, end and undo an association (readings, R1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from aor.acts import say, settle
from aor.acts.place import Place, alone, hold
from aor.associations import operations as associations
from aor.associations import queries as association_facts
from aor.associations.models import Association
from aor.associations.operations import ConsentGiven
from aor.audit import operations as journal
from aor.policy import access
from aor.policy import association as rules
from aor.policy.access import Change
from aor.policy.association import EndKind, Path
from aor.policy.decision import Decision
from aor.record.queries import Surroundings
from aor.terms.actor import Actor
from aor.terms.period import day_of


@transaction.atomic
def designate(
    *,
    subscriber_id: str,
    npn: str,
    consent: ConsentGiven | None,
    second_factor: bool,
    by: Actor,
    now: datetime,
    plan_year: int | None = None,
) -> Decision:
    """The consumer names a broker in their marketplace account: complete at once."""
    place = hold(subscriber_id, now)
    decision = rules.designation(consent=consent is not None, replaces=place.replaces(npn), second=second_factor)
    if decision.granted and consent is not None:
        _begin(place, subscriber_id, npn, Path.DESIGNATED, consent, now, plan_year)
    return _journal("association.designated", subscriber_id, place, decision, by, now, npn=npn)


@transaction.atomic
def invite(*, subscriber_id: str, npn: str, contact: str, by: Actor, now: datetime) -> tuple[Decision, str]:
    """The broker asks. `contact` is one the marketplace held before, or "". Returns the decision and the code."""
    place = hold(subscriber_id, now)
    parameters = place.around.parameters
    decision = rules.invitation(standing=place.standing(npn), contact=bool(contact), now=now, parameters=parameters)
    code, invited = "", 0
    if decision.granted:
        days = timedelta(days=parameters.number("invitation_days", day_of(now)))
        row, code = associations.invite(
            npn=npn, subscriber_id=subscriber_id, contact=contact, now=now, expires_at=now + days
        )
        invited = row.id
    _journal("association.invited", subscriber_id, place, decision, by, now, npn=npn, invitation=invited)
    return decision, code


@transaction.atomic
def confirm(
    *,
    invitation: int,
    code: str = "",
    subscriber_id: str = "",
    consent: ConsentGiven | None,
    second_factor: bool,
    by: Actor,
    now: datetime,
    plan_year: int | None = None,
) -> Decision:
    """The consumer accepts the broker's invitation, by its code or signed in as the subscriber invited.

    A wrong code answers as an unknown invitation does, and is counted.
    """
    row = association_facts.invitation_held_by(invitation, code=code, subscriber_id=subscriber_id)
    if row is None:
        if code:
            associations.wrong_code(by.name, at=now)
        return Decision.of(rules.invitation_open("not found", now, now))
    place = hold(row.subscriber_id, now)
    _, state = association_facts.invitation(invitation) or (row, "not found")
    decision = rules.confirmation(
        state=state,
        expires_at=row.expires_at,
        consent=consent is not None,
        replaces=place.replaces(row.npn),
        second=second_factor,
        locked=place.locked and place.replaces(row.npn),
        now=now,
    )
    if decision.granted and consent is not None:
        associations.answer(invitation, kind="confirmed", at=now)
        _begin(place, row.subscriber_id, row.npn, Path.INVITED, consent, now, plan_year)
    return _journal("association.confirmed", row.subscriber_id, place, decision, by, now, npn=row.npn)


@transaction.atomic
def answer_invitation(*, invitation: int, kind: str, by: Actor, now: datetime) -> Decision:
    """The consumer declines an invitation, or the broker withdraws it (`kind` declined or withdrawn)."""
    row = association_facts.invitation(invitation)
    if row is not None:
        hold(row[0].subscriber_id, now)  # it may be accepted at this moment
    found = association_facts.invitation(invitation)
    state, expires = ("not found", now) if found is None else (found[1], found[0].expires_at)
    decision = Decision.of(rules.invitation_open(state, expires, now))
    if decision.granted:
        associations.answer(invitation, kind=kind, at=now)
    journal.write(
        verb=f"invitation.{kind}",
        subject=("invitation", str(invitation)),
        decision=decision,
        parameters_version=Surroundings.known().parameters.version,
        by=by,
        at=now,
    )
    return decision


def expire_invitations(*, by: Actor, now: datetime) -> int:
    """Invitations whose days are over end harmlessly; how many."""
    due = association_facts.invitations_to_expire(now)
    with transaction.atomic():
        for invitation in due:
            associations.answer(invitation, kind="expired", at=now)
        journal.write_many(
            verb="invitation.expired",
            entries=[journal.Entry(("invitation", str(invitation))) for invitation in due],
            by=by,
            at=now,
        )
    return len(due)


@transaction.atomic
def submit_application(
    *,
    subscriber_id: str,
    npn: str,
    consent: ConsentGiven | None,
    by: Actor,
    now: datetime,
    second_factor: bool = False,
) -> Decision:
    """The application that the broker started is submitted with the consumer's own consent act."""
    place = hold(subscriber_id, now)
    decision = rules.application(
        standing=place.standing(npn),
        consent=consent is not None,
        locked=place.locked and place.replaces(npn),
        now=now,
        parameters=place.around.parameters,
        replaces=place.replaces(npn),
        second=second_factor,
    )
    if decision.granted and consent is not None:
        _begin(place, subscriber_id, npn, Path.APPLICATION, consent, now, None)
    return _journal("association.application", subscriber_id, place, decision, by, now, npn=npn)


@transaction.atomic
def assist(
    *, subscriber_id: str, npn: str, consent: ConsentGiven | None, identity_checked: bool, by: Actor, now: datetime
) -> Decision:
    """An officer records an association for a consumer without account or e-mail."""
    place = hold(subscriber_id, now)
    decision = rules.assistance(consent=consent is not None, checked=identity_checked)
    if decision.granted and consent is not None:
        _begin(place, subscriber_id, npn, Path.ASSISTED, consent, now, None)
    return _journal("association.assisted", subscriber_id, place, decision, by, now, npn=npn)


@transaction.atomic
def end(*, subscriber_id: str, by: Actor, now: datetime, plan_year: int | None = None) -> Decision:
    """The consumer ends: access closes at once, credit with the month (or from a plan year on)."""
    place = hold(subscriber_id, now)
    decision = Decision.of(rules.association_open(place.open is not None))
    if place.open is not None:
        at = place.after(now)
        associations.end(place.open.id, kind=EndKind.ENDED, at=at, now=at, plan_year=plan_year)
        _settle(place, "broker ended", "association ended", now)
    npn = place.open.npn if place.open else ""
    return _journal("association.ended", subscriber_id, place, decision, by, now, npn=npn)


@transaction.atomic
def withdraw(*, subscriber_id: str, npn: str, by: Actor, now: datetime) -> Decision:
    """The broker ends the association: access closes at once, credit with the month, the consumer is told."""
    place = hold(subscriber_id, now)
    mine = place.open if place.open is not None and place.open.npn == npn else None
    decision = Decision.of(rules.association_open(mine is not None))
    if mine is not None:
        at = place.after(now)
        associations.end(mine.id, kind=EndKind.WITHDRAWN, at=at, now=at)
        _settle(place, "broker withdrew", "association withdrawn", now)
    return _journal("association.withdrawn", subscriber_id, place, decision, by, now, npn=npn)


@transaction.atomic
def disown(*, subscriber_id: str, by: Actor, now: datetime) -> Decision:
    """The consumer did not ask for this broker: access closes at once, an officer decides (readings, R12)."""
    place = hold(subscriber_id, now)
    asked = place.open is not None and association_facts.access_change(place.open.id) != Change.DISOWNED
    decision = Decision.of(rules.association_open(asked))
    if decision.granted and place.open is not None:
        _change_access(place, place.open, Change.DISOWNED, now)
        say.disowned(place.open, people=place.people, now=now)
    npn = place.open.npn if place.open else ""
    return _journal("association.disowned", subscriber_id, place, decision, by, now, npn=npn)


@transaction.atomic
def confirm_transfer(*, subscriber_id: str, consent: ConsentGiven | None, by: Actor, now: datetime) -> Decision:
    """The consumer lets the broker who took over their earlier broker's book see their data (readings, R10)."""
    place = hold(subscriber_id, now)
    waits = place.open is not None and access.waits(place.open.path, association_facts.access_change(place.open.id))
    decision = Decision.of(rules.association_open(waits), rules.consent_recorded(consent is not None))
    if decision.granted and place.open is not None:
        _change_access(place, place.open, Change.CONFIRMED, now, consent)
    npn = place.open.npn if place.open else ""
    return _journal("association.transfer confirmed", subscriber_id, place, decision, by, now, npn=npn)


@transaction.atomic
def decide_disowned(*, subscriber_id: str, association: int, upheld: bool, by: Actor, now: datetime) -> Decision:
    """An officer decides: upheld, the access stays closed; else it opens again. What follows is the case's."""
    place = hold(subscriber_id, now)
    asked = association_facts.access_change(association) == Change.DISOWNED
    row = association_facts.association(association)
    decision = Decision.of(rules.association_open(asked and row is not None))
    if decision.granted and row is not None:
        _change_access(place, row, Change.UPHELD if upheld else Change.REOPENED, now)
    npn = row.npn if row else ""
    return _journal("association.disowning decided", subscriber_id, place, decision, by, now, npn=npn, upheld=upheld)


@transaction.atomic
def decline(*, subscriber_id: str, npn: str, by: Actor, now: datetime) -> Decision:
    """The broker declines a designation in time: it is annulled, and the consumer is asked about the earlier one."""
    place = hold(subscriber_id, now)
    mine = place.open if place.open is not None and place.open.npn == npn else None
    decision = rules.decline(
        is_open=mine is not None,
        confirmed_at=mine.confirmed_at if mine else now,
        now=now,
        parameters=place.around.parameters,
    )
    if decision.granted and mine is not None:
        _annul(mine, place, EndKind.DECLINED, now)
    return _journal("association.declined", subscriber_id, place, decision, by, now, npn=npn)


@transaction.atomic
def resume(*, subscriber_id: str, association: int, by: Actor, now: datetime) -> Decision:
    """The consumer says yes: the broker before a declined association resumes, without a gap."""
    place = hold(subscriber_id, now)
    ends = association_facts.ends_of(association)
    asked = EndKind.DECLINED in ends and EndKind.DECLINED_RESUMED not in ends and place.open is None
    decision = Decision.of(rules.association_open(asked))
    row = association_facts.association(association)
    if decision.granted and row is not None:
        _annul(row, place, EndKind.DECLINED_RESUMED, now)
    return _journal("association.resumed", subscriber_id, place, decision, by, now, npn=row.npn if row else "")


@transaction.atomic
def undo(*, subscriber_id: str, by: Actor, now: datetime) -> Decision:
    """The consumer takes the last change back: the earlier broker is restored from its day, without a gap."""
    place = hold(subscriber_id, now)
    decision = rules.undo(
        is_open=place.open is not None,
        confirmed_at=place.open.confirmed_at if place.open else now,
        now=now,
        parameters=place.around.parameters,
    )
    if decision.granted and place.open is not None:
        _annul(place.open, place, EndKind.UNDONE, now)
    npn = place.open.npn if place.open else ""
    return _journal("association.undone", subscriber_id, place, decision, by, now, npn=npn)


@transaction.atomic
def lock(*, subscriber_id: str, locked: bool, by: Actor, now: datetime) -> None:
    """The consumer locks their broker, so that nobody else can change it, or unlocks it."""
    place = hold(subscriber_id, now)
    for key in sorted({place.key, alone(subscriber_id)}):
        associations.lock(key, locked=locked, at=now)
    journal.write(
        verb="association.locked" if locked else "association.unlocked",
        subject=("household", place.key),
        by=by,
        at=now,
    )


def _begin(
    place: Place,
    subscriber_id: str,
    npn: str,
    path: Path,
    consent: ConsentGiven,
    now: datetime,
    plan_year: int | None,
) -> None:
    at = place.after(now)
    associations.begin(
        subscriber_id=subscriber_id,
        npn=npn,
        path=path,
        confirmed_at=at,
        consent=consent,
        now=at,
        plan_year=plan_year,
    )
    told = "broker replaced" if place.replaces(npn) else "broker chosen"
    _settle(place, told, f"association {path}", now)


def _settle(place: Place, told: str, cause: str, now: datetime) -> None:
    """The record follows, and who is concerned is told."""
    settle.household(place.household, around=place.around, cause=cause, now=now)
    after = association_facts.open_for(place.key)
    say.changed(told, people=place.people, before=place.open, after=after, now=now)


def _change_access(
    place: Place, row: Association, kind: Change, now: datetime, consent: ConsentGiven | None = None
) -> None:
    associations.change_access(row.id, kind=kind, at=now, consent=consent)
    settle.household(place.household, around=place.around, cause=f"access {kind}", now=now)


def _annul(row: Association, place: Place, kind: EndKind, now: datetime) -> None:
    associations.end(row.id, kind=kind, at=now, now=now)
    told = "broker declined" if kind is EndKind.DECLINED else "broker restored"
    _settle(place, told, f"association {kind}"[:60], now)


def _journal(
    verb: str, subscriber_id: str, place: Place, decision: Decision, by: Actor, now: datetime, **details: object
) -> Decision:
    """A refusal is journaled as fully as a grant: "why not?" is the question of this trade."""
    journal.write(
        verb=verb if decision.granted else f"{verb} refused",
        subject=("subscriber", subscriber_id),
        decision=decision,
        parameters_version=place.around.parameters.version,
        by=by,
        at=now,
        details={"household": place.key, **details},
    )
    return decision
