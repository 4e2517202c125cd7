"""Transfers of a book in the policy book: asked for, looked at household by household, entered on the day."""

from __future__ import annotations

from datetime import date

from aor.policy import transfer as rules
from aor.policy.decision import Decision
from aor.policy.transfer import Asked, Client
from aor.terms.npn import Npn
from aor.terms.period import plan_year_of
from tests.scenarios.questions import question, sentences
from tests.scenarios.world import World


@question("transfer-asked", "NPN to NPN on DAY [nothing shown] [successor]")
def transfer_asked(
    w: World, npn: Npn, to: Npn, on: date, nothing_shown: bool = False, successor: bool = False
) -> list[str]:
    """The new broker, named second, asks for the book of the first."""
    asked = Asked(npn, to, on, not nothing_shown, successor)
    decision = rules.asking(asked, new=w.standing(to), former=w.standing(npn), today=w.day, parameters=w.parameters)
    return _said(decision)


def _moving(w: World, npn: Npn, to: Npn, whom: str, on: date, form: str, successor: bool) -> Decision:
    key, one = w.household(whom), w.open(whom)
    enrollments = [w.enrollment(policy) for policy in w.events]
    reached = [
        (own.carrier, plan_year_of(own.coverage.start))
        for own in enrollments
        if own.coverage is not None
        and any(w.day in period and name == key for period, name in own.memberships)
        and (own.coverage.until is None or own.coverage.until > on)
    ]
    theirs = one is not None and one.npn == npn
    held = [own for own in w.associations.get(key, []) if own.npn == npn]
    theirs = theirs or (successor and one is None and bool(held))
    client = Client(theirs, form or rules.PORTAL, key in w.locked, tuple(reached))
    return rules.moving(
        client,
        Asked(npn, to, on, evidence=True, successor=successor),
        new=w.standing(to),
        former=w.standing(npn),
        today=w.day,
        parameters=w.parameters,
    )


@question("can-move", "NPN to NPN WHOM on DAY [by WORD] [successor]")
def can_move(w: World, npn: Npn, to: Npn, whom: str, on: date, by: str = "", successor: bool = False) -> list[str]:
    """Whether one household can move with the book, and why not. By: the form by which the association was made."""
    return _said(_moving(w, npn, to, whom, on, by, successor))


@question("moves", "NPN to NPN WHOM on DAY [written DAY] [opted out]")
def moves(
    w: World, npn: Npn, to: Npn, whom: str, on: date, written: date | None = None, opted_out: bool = False
) -> list[str]:
    """The day of the transfer: whether one household moves. Written: when its letter went."""
    moving = _moving(w, npn, to, whom, on, "", False)
    return _said(rules.entered(moving, sent_on=written, opted_out=opted_out, on=on, parameters=w.parameters))


def _said(decision: Decision) -> list[str]:
    return [*sentences(decision.findings), "granted" if decision.granted else "refused"]
