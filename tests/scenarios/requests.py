"""Retroactive requests in the policy book: found, proposed, told to the broker, decided by an officer."""

from __future__ import annotations

from datetime import date
from typing import Any

from aor.policy import retro
from aor.policy.attribution import Correction
from aor.policy.decision import Decision
from aor.policy.retro import Asked, Found, Outcome
from aor.policy.standing import BrokerStanding, CarrierFacts
from aor.terms.npn import Npn
from tests.scenarios.questions import question, sentences
from tests.scenarios.verbs import verb
from tests.scenarios.world import World

USAGE = "NPN POLICY [from DAY] [agreed DAY] [no day named] [nothing shown] [asked before] [consumer objects]"


def _facts(
    w: World,
    npn: Npn,
    policy: str,
    from_: date | None = None,
    agreed: date | None = None,
    no_day_named: bool = False,
    nothing_shown: bool = False,
    asked_before: bool = False,
    consumer_objects: bool = False,
) -> tuple[Asked, Found | None, BrokerStanding, CarrierFacts]:
    """The agreement is signed with the enrollment, unless the line says otherwise."""
    found, carrier, enrolled_on = None, CarrierFacts("10001", "HealthCo"), w.day
    if policy in w.memberships:
        enrollment = w.enrollment(policy)
        carrier, enrolled_on = enrollment.carrier, enrollment.enrolled_on
        found = retro.found(
            enrollment, w.facts(), npn, today=w.day, objected=consumer_objects, parameters=w.parameters
        )
    effective = from_ or (found.effective_on if found else w.day)
    asked = Asked(
        npn=npn,
        received_on=w.day,
        effective_on=effective,
        enrolled_on=enrolled_on,
        agreement_on=None if no_day_named else agreed or min(enrolled_on, effective),
        agreement_shown=not nothing_shown,
        attested=not nothing_shown,
        asked_before="an earlier request" if asked_before else "",
    )
    return asked, found, w.standing(npn), carrier


@question("request", USAGE)
def request(w: World, npn: Npn, policy: str, **said: Any) -> list[str]:
    """A retroactive request received this day: every finding, and the outcome that they propose."""
    proposal = retro.propose(*_facts(w, npn, policy, **said), w.parameters)
    return [*sentences(proposal.decision.findings), f"proposed: {proposal.outcome}"]


@question("request-told", USAGE)
def request_told(w: World, npn: Npn, policy: str, **said: Any) -> list[str]:
    """What the broker who asks is told is not met."""
    told = retro.told(*_facts(w, npn, policy, **said), w.parameters)
    return ["; ".join(sentences(told.unmet)) or "nothing is missing"]


@verb("decide", "WORD NPN POLICY [because TEXT]")
def decide(w: World, word: str, npn: Npn, policy: str, because: str = "") -> Decision:
    """An officer decides a retroactive request of this day: approved, prospective or denied."""
    proposal = retro.propose(*_facts(w, npn, policy), w.parameters)
    decision = retro.ruling(proposal, Outcome(word), because=because)
    if decision.granted and Outcome(word) is Outcome.APPROVED:
        days = retro.corrected_days(w.enrollment(policy), w.facts(), w.parameters)
        correction = Correction(w.number(), "retro", npn, days, w.day, "a retroactive request")
        w.corrections.setdefault(policy, []).append(correction)
    return decision


@question("appeal", "WORD decided DAY [again]")
def appeal(w: World, word: str, decided: date, again: bool = False) -> list[str]:
    """Whether a decision on a retroactive request can be appealed this day."""
    days = w.parameters.number("retro_appeal_days", w.day)
    return sentences([retro.appeal_open(Outcome(word), decided, again, w.day, days)])


@question("form", "TEXT")
def form(w: World, text: str) -> list[str]:
    """A retroactive request filled in so far: what is missing, or nothing."""
    return sentences([retro.fields_given([] if text == "nothing" else [text])])
