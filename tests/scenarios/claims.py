"""Discrepancies in the policy book: what is found of a broker's claim, and what the broker is told."""

from __future__ import annotations

from typing import Any

from aor.policy import discrepancy, report
from aor.policy.discrepancy import ClaimFacts, Entry, Found, Proposal
from aor.policy.holding import State
from aor.terms.month import Month
from aor.terms.npn import Npn
from aor.transmissions import lifecycle
from tests.scenarios.questions import question, sentences
from tests.scenarios.world import World

USAGE = "NPN POLICY [with CARRIER] [incomplete] [not sure] [form]"


def _entries(w: World, npn: str, policy: str) -> tuple[Entry, ...]:
    account, granted = w.account(policy), w.granted(policy)
    found = []
    for place, one in enumerate(w.record(policy)):
        if one.npn == npn:
            stands = lifecycle.state_of(account, account.entries[place], granted, w.day)
            held = stands.state is State.HELD
            unmet = one.decision.unmet if held else ()
            found.append(Entry(one.period.start, account.entries[place].until, stands.state, stands.sent_on, unmet))
    return tuple(found)


def _proposal(
    w: World,
    npn: Npn,
    policy: str,
    with_: str = "",
    incomplete: bool = False,
    not_sure: bool = False,
    form: bool = False,
) -> Proposal:
    """A policy that was never enrolled stands for a consumer whom nobody knows; two may look alike."""
    known = policy in w.events and not incomplete
    found = Found.NONE if not known else Found.REVIEW if not_sure else Found.DECIDED
    facts = ClaimFacts(("date of birth",) if incomplete else (), found, with_ or "HealthCo", form)
    if known:
        enrollment, state = w.enrollment(policy), w.state(policy)
        spans = discrepancy.associations(enrollment, w.facts())
        named = with_ in ("", enrollment.carrier.name) and not state.cancelled
        facts = ClaimFacts(
            missing=(),
            found=found,
            carrier=with_ or enrollment.carrier.name,
            speaks_of_form=form,
            effective=state.start if named else None,
            own=tuple(one for one in spans if one.association.npn == npn),
            others=tuple(one for one in spans if one.association.npn != npn),
            entries=_entries(w, npn, policy) if named else (),
            current_plan_years=report.current_plan_years(Month.of(w.day), w.parameters),
        )
    return discrepancy.propose(facts, w.day)


@question("claim", USAGE)
def claim(w: World, npn: Npn, policy: str, **said: Any) -> list[str]:
    """A broker claims the consumer of a policy: every finding, and the determination that they propose."""
    proposal = _proposal(w, npn, policy, **said)
    whole = "clear" if proposal.clear else "for an officer"
    return [*sentences(proposal.decision.findings), f"{proposal.determination} ({whole})"]


@question("claim-told", USAGE)
def claim_told(w: World, npn: Npn, policy: str, **said: Any) -> list[str]:
    """What the broker who claims the consumer of a policy is told."""
    told = _proposal(w, npn, policy, **said).told
    return [f"{told.says}: {told.because}"]
