"""What was wrong, in the policy book: incidents, disputes, signals, second officers."""

from __future__ import annotations

from datetime import date

from aor.policy import incident as rules
from tests.scenarios.questions import question, sentences
from tests.scenarios.world import World


@question("not-theirs", "WORD")
def not_theirs(w: World, word: str) -> list[str]:
    """A broker says of a row that is published, or that is none of theirs, that the consumer is not theirs."""
    return sentences([rules.incident_row(word == "published")])


@question("closing-incident", "[left TEXT]")
def closing_incident(w: World, left: str = "") -> list[str]:
    """An officer closes an incident, each step done but the one that is left."""
    steps = {"report withdrawn": True, "assessed": True, "corrected report": True} | ({left: False} if left else {})
    decision = rules.close(steps)
    return [*sentences(decision.findings), "granted" if decision.granted else "refused"]


@question("disputed", "[decided]")
def disputed(w: World, decided: bool = False) -> list[str]:
    """An officer looks at what a consumer did not ask for."""
    return sentences([rules.dispute_open(decided)])


@question("let-in-again", "[nothing on file] [because TEXT]")
def let_in_again(w: World, nothing_on_file: bool = False, because: str = "") -> list[str]:
    """An officer would open the disowned broker's access again."""
    return sentences([rules.consent_found(not nothing_on_file, because)])


@question("undecided", "through DAY")
def undecided(w: World, through: date) -> list[str]:
    """Nobody has decided a dispute that an officer could decide through a day."""
    return sentences([rules.dispute_overdue(through, w.day)])


@question("approve-correction", "proposed by WORD approved by WORD")
def approve_correction(w: World, proposed_by: str, approved_by: str) -> list[str]:
    """An officer approves that an NPN is corrected."""
    return sentences([rules.second_officer(proposed_by, approved_by)])


@question("signals", "households N contact of N [of a broker] [back DAY]")
def signals(
    w: World, households: int, contact_of: int, of_a_broker: bool = False, back: date | None = None
) -> list[str]:
    """An association began this day, among so many with its broker; its contact is held of so many households."""
    decision = rules.signals(
        count=households,
        households=contact_of,
        of_broker=of_a_broker,
        began=w.day,
        back=back,
        day=w.day,
        parameters=w.parameters,
    )
    return sentences(decision.findings)
