"""The questions of the policy book: each gives the sentences that are true; one of them must be the expected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from aor.policy import access, attribution, renewal
from aor.policy.attribution import Attributed
from aor.policy.decision import Finding
from aor.policy.timeline import Point
from aor.terms.month import Month
from aor.transmissions import lifecycle
from aor.transmissions.sending_day import SendingDay
from tests.scenarios import closing
from tests.scenarios.verbs import Word
from tests.scenarios.world import World

QUESTIONS: dict[str, Word] = {}
NOBODY = "nobody"


def question(name: str, usage: str) -> Callable[[Callable[..., list[str]]], Callable[..., list[str]]]:
    """Registers a question; its docstring is what the book's list of questions says."""

    def register(function: Callable[..., list[str]]) -> Callable[..., list[str]]:
        QUESTIONS[name] = Word(usage, " ".join((function.__doc__ or "").split()), function)
        return function

    return register


def sentences(findings: Iterable[Finding]) -> list[str]:
    """`RULE: sentence` of a finding that is not met, `RULE met: ...`, `RULE not known: ...`."""
    words = {True: " met", False: "", None: " not known"}
    return [f"{one.rule}{words[one.met]}: {one.because}" for one in findings]


def _listed(parts: Iterable[str]) -> list[str]:
    return ["; ".join(parts) or NOBODY]


@question("associated", "WHOM")
def associated(w: World, whom: str) -> list[str]:
    """Whose association is open."""
    one = w.open(whom)
    return [one.npn if one else NOBODY]


@question("sees", "NPN WHOM")
def sees(w: World, npn: str, whom: str) -> list[str]:
    """Whether the broker may see the household's data: yes or no, and the findings."""
    one = w.open(whom)
    lent = [cover.npn for cover in w.covers if cover.colleague_npn == npn and cover.start <= w.day < cover.until]
    mine = one is not None and (one.npn == npn or one.npn in lent)
    found = access.access_open(mine, one.path if one else "", w.access.get(one.id, "") if one else "")
    needed = sorted({npn, one.npn} if one is not None and mine else {npn}, key=lambda each: each != npn)
    standings = (
        access.own_standing(w.standing(each), w.day, w.parameters, navigator=each in w.navigators) for each in needed
    )
    decision = access.may_see(found, *standings)
    return [*sentences(decision.findings), "yes" if decision.granted else "no"]


@question("reached", "NPN WHOM")
def reached(w: World, npn: str, whom: str) -> list[str]:
    """What staff see of an invitation by name: whether it reached its consumer, and why not; no broker does."""
    decision = w.reached[npn, w.household(whom)]
    return [*sentences(decision.findings), "yes" if decision.granted else "no"]


@question("record", "POLICY")
def record(w: World, policy: str) -> list[str]:
    """Every agent of record; `until` is the first day that no longer counts, unsaid at the end of coverage."""
    end = w.state(policy).until
    return _listed(
        f"{one.npn} from {one.period.start}"
        + (f" until {one.period.until}" if one.period.until != end else "")
        + ("" if one.in_standing else " held")
        for one in w.record(policy)
    )


@question("agent", "POLICY")
def agent(w: World, policy: str) -> list[str]:
    """Who is agent of record on the day of the line."""
    return _listed(one.npn for one in w.record(policy) if one.in_standing and w.day in one.period)


def _entry(w: World, policy: str, of: str) -> int:
    """The entry of the day, else the latest before it, else the first to come. Raises ValueError when none."""
    entries = [(place, one) for place, one in enumerate(w.record(policy)) if one.npn == (of or one.npn)]
    if not entries:
        raise ValueError("there is no such agent of record, not even a held one")
    begun = [place for place, one in entries if one.period.start <= w.day]
    return begun[-1] if begun else entries[0][0]


def _attributed(w: World, policy: str, of: str) -> Attributed:
    return w.record(policy)[_entry(w, policy, of)]


@question("standing", "POLICY [of NPN]")
def standing(w: World, policy: str, of: str = "") -> list[str]:
    """The findings that decided the agent of record of the day."""
    return sentences(_attributed(w, policy, of).decision.findings)


@question("cure", "POLICY [of NPN]")
def cure(w: World, policy: str, of: str = "") -> list[str]:
    """What would mend each finding that is not met, and who must act."""
    return [f"{one.rule}: {one.cure}" for one in _attributed(w, policy, of).decision.unmet]


@question("unmet", "POLICY [of NPN]")
def unmet(w: World, policy: str, of: str = "") -> list[str]:
    """Which findings are not met, all of them."""
    return [", ".join(one.rule for one in _attributed(w, policy, of).decision.unmet) or "none"]


@question("why", "POLICY")
def why(w: World, policy: str) -> list[str]:
    """Why nobody is agent of record on the day."""
    return sentences(attribution.findings_without_agent(w.enrollment(policy), w.facts(), w.day, w.parameters))


@question("holding", "POLICY [of NPN]")
def holding(w: World, policy: str, of: str = "") -> list[str]:
    """The findings of the sending day."""
    entry = w.account(policy).entries[_entry(w, policy, of)]
    carriers = {one.hios_issuer_id: one for one in w.carriers.values()}
    state = w.state(policy)
    today = SendingDay(w.now, w.parameters, carriers, w.standings)
    return sentences(today.decision(entry, state.hios_issuer_id, state.start, state.sent_at).findings)


@question("state", "POLICY [of NPN]")
def state(w: World, policy: str, of: str = "") -> list[str]:
    """How the agent of record of the day stands, with Date Sent where there is one."""
    account = w.account(policy)
    found = lifecycle.state_of(account, account.entries[_entry(w, policy, of)], w.granted(policy), w.day)
    return [found.state.value + (f" on {found.sent_on}" if found.sent_on and found.state == "sent" else "")]


def _told(points: Iterable[Point]) -> list[str]:
    return ["; ".join(f"{point.npn or NOBODY} from {point.day}" for point in points) or "nothing"]


@question("tell", "POLICY")
def tell(w: World, policy: str) -> list[str]:
    """The transaction sets that would go to the carrier today, in order; nobody is a removal."""
    return _told(w.to_send(policy))


@question("told", "POLICY")
def told(w: World, policy: str) -> list[str]:
    """What the carrier was told and did not reject, in the order told."""
    return _told(Point(one.day, one.npn) for one in w.account(policy).told if one.verdict != lifecycle.REJECTED)


@question("renewal", "POLICY YEAR")
def renewals(w: World, policy: str, year: int) -> list[str]:
    """Before the renewal run: carried, held or lost, who must act, and why."""
    enrollment = w.enrollment(policy)
    last = date(year - 1, 12, 31)
    current = [(enrollment.id, one.npn) for one in w.record(policy) if last in one.period]
    if not current:
        raise ValueError(f"nobody is agent of record on {last}")
    (one,) = renewal.prospects(w.facts(), current, plan_year=year, day=w.day, parameters=w.parameters)
    who = f": {one.who_must_act}" if one.who_must_act else ""
    return [f"{one.renewal.value}{who}", *sentences(one.findings)]


@question("report", "MONTH NPN")
def report(w: World, month: Month, npn: str) -> list[str]:
    """The rows of the broker's report of the month, each with its Date Sent."""
    own = [one for one in closing.sends(w, month) if one.npn == npn and not one.reason]
    return ["; ".join(f"{one.policy} sent {one.sent_on}" for one in own) or "no rows"]


@question("exceptions", "MONTH NPN")
def exceptions(w: World, month: Month, npn: str) -> list[str]:
    """The broker's sends of the month that are on no report, each with its reason."""
    own = [one for one in closing.sends(w, month) if one.npn == npn and one.reason]
    return ["; ".join(f"{one.policy}: {one.reason}" for one in own) or "none"]


@question("closing", "MONTH")
def month(w: World, month: Month) -> list[str]:
    """The questions of the close of a month."""
    return sentences(closing.findings(w, month).findings)


ANSWERS: dict[str, Callable[..., Any]] = {name: word.does for name, word in QUESTIONS.items()}
