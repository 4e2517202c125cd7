"""How long data are kept, in the policy book: what may go, and legal holds."""

from __future__ import annotations

from datetime import date

from aor.policy import retention as rules
from aor.policy.retention import Hold, Kind, Thing, What
from aor.terms.period import ONE_DAY, Period
from tests.scenarios.questions import question, sentences
from tests.scenarios.verbs import verb
from tests.scenarios.world import World


@verb("hold", "WORD TEXT")
def hold(w: World, word: str, text: str) -> None:
    """A legal hold is placed on a household, a broker, a carrier, a case or a period (DAY DAY, half-open)."""
    kind, number = Kind(word), len(w.holds) + 1
    if kind is Kind.PERIOD:
        first, until = map(date.fromisoformat, text.split())
        w.holds[number] = Hold(number, kind, period=Period(first, until))
    else:
        w.holds[number] = Hold(number, kind, frozenset({text}))


@verb("release", "N")
def release(w: World, n: int) -> None:
    """An officer releases a legal hold; they are counted in the order placed."""
    del w.holds[n]


@question("may-go", "WORD ended DAY [of HOUSEHOLD] [broker NPN] [carrier CARRIER] [nobody known]")
def may_go(
    w: World, word: str, ended: date, of: str = "", broker: str = "", carrier: str = "", nobody_known: bool = False
) -> list[str]:
    """Whether data of a class, of which the clock began on a day, may be disposed of."""
    thing = Thing(
        ended,
        Period(ended, ended + ONE_DAY),
        subscribers=frozenset({of} - {""}),
        npns=frozenset({broker} - {""}),
        carriers=frozenset({carrier} - {""}),
        placed=not nobody_known,
    )
    years = w.parameters.number(f"kept_years_{What(word)}", w.day)
    decision = rules.disposal(thing, holds=tuple(w.holds.values()), years=years, today=w.day)
    return [*sentences(decision.findings), "granted" if decision.granted else "refused"]
