"""Why somebody is, or is not, agent of record of one enrollment on a day: the answer, the findings, the story."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from aor.acts import queries as acts
from aor.acts.queries import Explained
from aor.audit import queries as journal
from aor.carriers import queries as carriers
from aor.policy.decision import Finding, finding_from_json
from aor.policy.holding import State
from aor.policy.timeline import Point
from aor.record.queries import Entry as Recorded
from aor.terms.period import Period, day_of, start_of
from aor.transmissions import lifecycle, queries
from aor.transmissions.compose import CannotCompose, Desk
from aor.transmissions.ledger import DISCARDED, HANDED_OVER, Enrolled, Ledger, Scope
from aor.transmissions.lifecycle import Account, Entry
from aor.transmissions.models import Answer, Receipt, Step, TransactionSet

_BROKER = re.compile(r"\bbroker (\d{1,10})\b")
_EVENTS = {
    "add": "the marketplace told the carrier of the enrollment",
    "change": "the marketplace told the carrier of a change",
    "end": "the marketplace ended the coverage",
    "cancel": "the marketplace cancelled the enrollment",
    "reinstate": "the marketplace reinstated the enrollment",
}


@dataclass(frozen=True, slots=True)
class Chapter:
    """One thing that took place; `granted` and `findings` where it was decided."""

    at: datetime
    what: str
    granted: bool | None = None
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, object]:
        decided = self.granted is not None
        decision = {"granted": self.granted, "findings": [f.as_json() for f in self.findings]} if decided else None
        return {"at": self.at.isoformat(), "what": self.what, "decision": decision}


@dataclass(frozen=True, slots=True)
class Story:
    """The answer of `why`; `state` is None where there is neither an agent nor a candidate."""

    policy_id: str
    hios_issuer_id: str
    on: date
    known_at: datetime
    agent_of_record: str | None
    candidate: str | None
    state: State | None
    findings: tuple[Finding, ...]
    chapters: tuple[Chapter, ...]

    @property
    def sentence(self) -> str:
        """What one says on the phone."""
        policy = f"policy {self.policy_id} on {self.on}"
        if self.agent_of_record:
            return f"Agent of record of {policy} is broker {self.agent_of_record} ({self.state})."
        if self.candidate:
            return f"Nobody is agent of record of {policy}; broker {self.candidate} would be ({self.state})."
        return f"Nobody is agent of record of {policy}."

    def as_json(self) -> dict[str, object]:
        return {
            "exchange_policy_id": self.policy_id,
            "hios_issuer_id": self.hios_issuer_id,
            "on": self.on.isoformat(),
            "known_at": self.known_at.isoformat(),
            "agent_of_record": self.agent_of_record,
            "candidate": self.candidate,
            "state": None if self.state is None else self.state.value,
            "findings": [finding.as_json() for finding in self.findings],
            "story": [chapter.as_json() for chapter in self.chapters],
        }


def for_brokers(told: Story, npns: Collection[str]) -> Story:
    """The story as these brokers may read it: who any other broker is, is never said (readings, R11)."""
    others = {npn for one in told.chapters for npn in _BROKER.findall(one.what)} - set(npns)
    others |= {npn for npn in (told.agent_of_record, told.candidate) if npn and npn not in npns}
    if not others:
        return told

    def masked(text: str) -> str:
        for npn in others:
            text = text.replace(f"broker {npn}", "another broker").replace(npn, "another broker")
        return text

    def findings(given: tuple[Finding, ...]) -> tuple[Finding, ...]:
        return tuple(replace(one, because=masked(one.because), cure=masked(one.cure)) for one in given)

    chapters = [
        Chapter(one.at, masked(one.what), one.granted, () if masked(one.what) != one.what else findings(one.findings))
        for one in told.chapters
    ]
    mine = told.agent_of_record is None or told.agent_of_record in npns
    return replace(
        told,
        agent_of_record=told.agent_of_record if mine else "another broker",
        candidate=told.candidate if told.candidate in npns else None,
        findings=findings(told.findings) if mine and told.candidate in (None, *npns) else (),
        chapters=tuple(chapters),
    )


def why(enrollment: int, *, on: date, now: datetime, known_at: datetime | None = None) -> Story:
    """The story of one enrollment, as known at an instant. The caller records that it was read."""
    at = now if known_at is None else min(now, known_at)
    ledger = Ledger(Scope(enrollments=(enrollment,)), now=at, known_at=known_at)
    ((enrolled, account),) = ledger.accounts()
    explained = acts.explain(enrollment, day=on, known_at=known_at)
    entry = _asked(account, on)
    agent = candidate = state = None
    findings = explained.without_agent
    if entry is not None:
        state, _, told = lifecycle.state_of(account, entry, ledger.granted(enrolled), on)
        if on in entry.period and entry.in_standing and state is not State.HELD:
            agent = entry.npn
        elif entry.until > on:
            candidate = entry.npn
        if entry.until > on:
            findings = _stored(explained, entry)
            today = () if told else ledger.decision(enrolled, entry).findings
            met = {finding.rule for finding in findings if finding.met}
            findings += tuple(f for f in today if f not in findings and not (f.met and f.rule in met))
        if state is State.READY and known_at is None:
            findings += _unwritable(enrolled, entry, now)
    chapters = sorted(_chapters(enrolled, account, explained, known_at), key=lambda chapter: chapter.at)
    return Story(
        policy_id=enrolled.policy_id,
        hios_issuer_id=enrolled.hios_issuer_id,
        on=on,
        known_at=known_at or now,
        agent_of_record=agent,
        candidate=candidate,
        state=state,
        findings=findings,
        chapters=tuple(chapters),
    )


def _asked(account: Account, on: date) -> Entry | None:
    """The entry in effect on a day, else the next to begin, else the last that ended."""
    ordered = sorted(account.entries, key=lambda entry: entry.start)
    following = [entry for entry in ordered if entry.until > on]
    if following:
        return following[0]
    return ordered[-1] if ordered else None


def _unwritable(enrolled: Enrolled, entry: Entry, now: datetime) -> tuple[Finding, ...]:
    """What keeps the set of a ready entry from being written, of which its decision knows nothing."""
    partner = carriers.trading_partners().get(enrolled.hios_issuer_id)
    if partner is None:
        return ()
    try:
        because = Desk.of(partner, now=now).wrong(enrolled, Point(entry.start, entry.npn))
    except CannotCompose as trouble:
        because = str(trouble)
    cites, cure = "ASC X12N 005010X220A1", "the marketplace adds what is missing; the next run then takes it"
    return (Finding("WRITABLE", False, f"not sent: {because}", cites, cure, day_of(now)),) if because else ()


def _stored(explained: Explained, entry: Entry) -> tuple[Finding, ...]:
    return next((_findings(row.findings) for row in explained.history if row.id == entry.id), ())


def _findings(text: str) -> tuple[Finding, ...]:
    return tuple(finding_from_json(finding) for finding in json.loads(text))


def _chapters(
    enrolled: Enrolled, account: Account, explained: Explained, known_at: datetime | None
) -> Iterator[Chapter]:
    for event in explained.events:
        unsent = f"the eligibility system told of the enrollment ({event.kind}), not yet sent to the carrier"
        yield Chapter(event.sent_at, unsent if event.unsent else _EVENTS.get(event.kind, event.kind))
    for association in explained.associations:
        who = f"broker {association.npn}"
        yield Chapter(association.confirmed_at, f"{who} and the household were associated ({association.path})")
        for end in association.ends:
            scope = "" if end.plan_year is None else f" from plan year {end.plan_year}"
            yield Chapter(end.at, f"the association with {who} ended{scope}: {end.kind}")
    for row in explained.history:
        yield from _of_entry(row, known_at)
    yield from _of_sets(account, known_at)
    for receipt in Receipt.objects.filter(enrollment=enrolled.id).order_by("id"):
        if known_at is None or receipt.received_at <= known_at:
            yield Chapter(receipt.received_at, f"receipt {receipt.pk}: {queries.words_of(receipt)}")
    for act in journal.story(("enrollment", enrolled.policy_id), known_at=known_at):
        decision = None if act.decision is None else act.decision.decision
        yield Chapter(
            act.at,
            act.verb,
            None if decision is None else decision.granted,
            () if decision is None else decision.findings,
        )


def _of_entry(row: Recorded, known_at: datetime | None) -> Iterator[Chapter]:
    who = f"broker {row.npn} {_days(row.period)}"
    how = "agent of record" if row.in_standing else "held"
    yield Chapter(row.known_from, f"{who}: {how}", row.in_standing, _findings(row.findings))
    if row.known_until is not None and (known_at is None or row.known_until <= known_at):
        yield Chapter(row.known_until, f"{who}: no longer so, superseded")


def _days(period: Period) -> str:
    return f"from {period.start}" + ("" if period.until is None else f" to {period.last_day}")


def _of_sets(account: Account, known_at: datetime | None) -> Iterator[Chapter]:
    """What went to the carrier, and what it answered."""
    by_file = {told.npn for told in account.told if told.channel == lifecycle.BY_ENROLLMENT_FILE}
    for mention in account.strangers:
        if mention.npn in by_file:
            continue
        yield Chapter(
            mention.sent_at, f"the enrollment file named broker {mention.npn}, another than the agent of record"
        )
    for told in account.told:
        if told.set_id == 0 and told.channel == lifecycle.BY_ENROLLMENT_FILE:
            yield Chapter(told.at, f"the enrollment file told the carrier: broker {told.npn} from {told.day}")
        elif told.set_id == 0:
            yield Chapter(start_of(told.sent_on), f"known to the carrier before go-live: {_told(told.npn, told.day)}")
    sets = TransactionSet.objects.filter(enrollment=account.enrollment).select_related("interchange").order_by("id")
    steps: dict[int, list[Step]] = {}
    for step in Step.objects.filter(interchange__transaction_sets__in=sets, kind__in=[HANDED_OVER, DISCARDED]):
        steps.setdefault(step.interchange_id, []).append(step)
    for one in sets:
        numbers = f"set {one.st02}, interchange {one.interchange.isa13}"
        for step in {step.pk: step for step in steps.get(one.interchange_id, ())}.values():
            if known_at is None or step.recorded_at <= known_at:
                again = " again" if one.resend_of_id else ""
                what = f"{step.kind}{again} ({numbers}): {_told(one.npn, one.effective_from)}"
                yield Chapter(step.at, what)
        yield from _of_answers(one, numbers, known_at)


def _of_answers(one: TransactionSet, numbers: str, known_at: datetime | None) -> Iterator[Chapter]:
    own = Answer.objects.filter(transaction_set=one)
    for answer in own | Answer.objects.filter(interchange=one.interchange_id, transaction_set=None):
        if known_at is None or answer.recorded_at <= known_at:
            words = f": {answer.words}" if answer.words else ""
            yield Chapter(answer.recorded_at, f"the carrier {answer.verdict} {numbers}{words}")


def _told(npn: str, day: date) -> str:
    return f"broker {npn} from {day}" if npn else f"nobody from {day}"


def find(policy: str) -> Mapping[int, str]:
    """The enrollments of a policy id (or HIOS:POLICY), each with its carrier."""
    return dict(acts.enrollments_named(policy))
