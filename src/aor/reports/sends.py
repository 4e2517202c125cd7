"""What carriers were told and what brokers still miss, as known at the cut: one pass over the ledger of sends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import batched

from django.db.models import Min

from aor.associations.models import Open
from aor.audit import queries as journal
from aor.carriers import queries as carriers
from aor.consumers import queries as consumers
from aor.enrollments.models import Event
from aor.policy import attribution
from aor.policy.decision import Finding
from aor.policy.report import WHO_MUST_ACT
from aor.policy.timeline import Point
from aor.reports import accounting, compose
from aor.reports.accounting import RunFacts, Send
from aor.reports.compose import Covered, WithheldFacts
from aor.terms.month import Month
from aor.terms.period import Period, day_of, end_of, first_of_next_month, plan_year_of
from aor.transmissions import lifecycle, schedule, sending
from aor.transmissions.compose import CannotCompose, Desk
from aor.transmissions.ledger import HANDED_OVER, Enrolled, Ledger, Scope
from aor.transmissions.lifecycle import Account, Entry, Told
from aor.transmissions.models import Run, Step
from aor.transmissions.sending import Sent

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Associated:
    """The association open for a household; `plan_year` None is for all its coverage."""

    npn: str
    confirmed_at: datetime
    plan_year: int | None


@dataclass(slots=True)
class Known:
    """First hand-overs, whose coverage they are, and what brokers miss (by NPN), as known at one instant."""

    sends: list[Send] = field(default_factory=list)
    covered: dict[int, Covered] = field(default_factory=dict)
    withheld: defaultdict[str, list[WithheldFacts]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class LastRun:
    """A carrier's last send day of a month, whether a run went, when, and whose ready ones it took.

    Without a run both instants are the end of that day.
    """

    day: date
    ran: bool
    at: datetime
    as_of: datetime


@dataclass(frozen=True, slots=True)
class _Held:
    """A held entry whose own stored decision says why."""

    npn: str
    covered: Covered
    carrier_name: str
    decision: int


def known(*, cut: datetime, plan_years: tuple[int, ...], brokers: frozenset[str]) -> Known:
    """As known at the cut. What is missing is told for `brokers` and for coverage of `plan_years` alone.

    Which household a subscriber is of, and which association is open for it, are taken as they are now.
    """
    ledger = Ledger(Scope(), now=cut, known_at=cut)
    names = {hios: facts.name for hios, facts in ledger.carriers.items()}
    associated = _associated(cut, brokers)
    result, held, desks = Known(), list[_Held](), dict[str, Desk | None]()
    for enrolled, account in ledger.accounts():
        sends = list(first_hand_overs(enrolled, account))
        result.sends += sends
        opened = associated.get(enrolled.subscriber_id)
        coverage = account.coverage if plan_year_of(enrolled.start) in plan_years else None
        if sends or (opened and coverage):
            result.covered[enrolled.id] = _covered(enrolled)
        if opened is None or coverage is None:
            continue
        covered = result.covered[enrolled.id]
        carrier = names.get(enrolled.hios_issuer_id) or carriers.unknown(enrolled.hios_issuer_id).name
        own = [entry for entry in account.entries if entry.npn == opened.npn]
        if not own:
            result.withheld[opened.npn].append(_not_attributed(covered, carrier, opened, coverage))
        for entry in own:
            if lifecycle.standing_told(account, entry):
                continue
            ended = entry.until <= day_of(cut)
            if not entry.in_standing:
                held += [] if ended else [_Held(opened.npn, covered, carrier, entry.decision)]
            elif not (unmet := _unmet_today(ledger, enrolled, entry)):
                wrong = _unwritable(desks, enrolled, entry, now=cut)
                result.withheld[opened.npn].append(_ready_row(covered, carrier, wrong))
            elif not ended:
                result.withheld[opened.npn].append(_held_row(covered, carrier, unmet))
    for some in batched(held, CHUNK):
        decisions = journal.decisions(one.decision for one in some)
        for one in some:
            unmet = decisions[one.decision].decision.unmet
            result.withheld[one.npn].append(_held_row(one.covered, one.carrier_name, unmet))
    return result


def last_runs(month: Month, *, known_at: datetime) -> dict[str, LastRun]:
    """Where the month ends for each carrier on the roster, as known at an instant."""
    runs: defaultdict[str, list[RunFacts]] = defaultdict(list)
    rows = Run.objects.filter(at__gte=month.begins, at__lt=month.ends, at__lte=known_at).order_by("at", "id")
    for hios, at, as_of in rows.values_list("hios_issuer_id", "at", "as_of"):
        runs[hios].append(RunFacts(at, as_of))
    found = {}
    for hios, partner in carriers.trading_partners(known_at).items():
        day = schedule.last_send_day(partner.send_days, month)
        if day is not None:
            run = accounting.last_run(runs[hios], day, month)
            found[hios] = LastRun(day, run is not None, *((run.at, run.as_of) if run else (end_of(day), end_of(day))))
    return found


def _unmet_today(ledger: Ledger, enrolled: Enrolled, entry: Entry) -> tuple[Finding, ...]:
    """What keeps an entry in standing from going; empty when it is ready."""
    decision = ledger.decision(enrolled, entry)
    return () if decision.granted else decision.unmet


def _held_row(covered: Covered, carrier_name: str, unmet: Iterable[Finding]) -> WithheldFacts:
    findings = list(unmet)
    actors = dict.fromkeys(WHO_MUST_ACT.get(finding.rule, "the marketplace") for finding in findings)
    return compose.withheld(
        covered,
        carrier_name=carrier_name,
        state="held",
        reason="; ".join(finding.because for finding in findings),
        cure="; ".join(dict.fromkeys(finding.cure for finding in findings if finding.cure)),
        who_must_act=", ".join(actors),
    )


def _unwritable(desks: dict[str, Desk | None], enrolled: Enrolled, entry: Entry, *, now: datetime) -> str:
    """Why the set of a ready entry cannot be written, in a sentence; empty when it can."""
    hios = enrolled.hios_issuer_id
    if hios not in desks:
        try:
            desks[hios] = Desk.of(carriers.trading_partners()[hios], now=now)
        except CannotCompose:
            desks[hios] = None
    desk = desks[hios]
    point = Point(entry.start, entry.npn)
    return "nothing can be written for the carrier yet" if desk is None else desk.wrong(enrolled, point)


def _ready_row(covered: Covered, carrier_name: str, wrong: str) -> WithheldFacts:
    return compose.withheld(
        covered,
        carrier_name=carrier_name,
        state="ready",
        reason=f"not sent: {wrong}" if wrong else f"waits for the next run to {carrier_name}",
        cure="sent once what is missing is mended" if wrong else "reported for the month in which it is sent",
        who_must_act="the marketplace",
    )


def _not_attributed(covered: Covered, carrier_name: str, opened: Associated, coverage: Period) -> WithheldFacts:
    """Associated, and yet not agent of record of this coverage: another broker, if any, is never named."""
    since = day_of(opened.confirmed_at)
    begins = coverage.start if since <= coverage.start else first_of_next_month(since)
    ended = attribution.coverage_not_ended(begins, coverage)
    plan_year = plan_year_of(coverage.start)
    if not ended.met:
        reason, cure, who = ended.because, "", ""
    elif opened.plan_year is not None and plan_year < opened.plan_year:
        reason = f"the association is for coverage from plan year {opened.plan_year} on; this is of {plan_year}"
        cure, who = "the consumer designates the broker for all coverage", "the consumer"
    else:
        reason = "associated with the household, but not agent of record of this coverage"
        cure, who = "report it as a discrepancy if you believe it should be yours", "the broker"
    return compose.withheld(
        covered, carrier_name=carrier_name, state="not attributed", reason=reason, cure=cure, who_must_act=who
    )


def _associated(cut: datetime, brokers: frozenset[str]) -> dict[str, Associated]:
    """The open association by subscriber, where it is one of these brokers'."""
    rows = Open.objects.filter(association__npn__in=brokers) if len(brokers) <= CHUNK else Open.objects.all()
    columns = ("household_key", "association__npn", "association__confirmed_at", "association__plan_year")
    by_key = {key: Associated(*row) for key, *row in rows.values_list(*columns).iterator() if row[0] in brokers}
    if not by_key:
        return {}
    day = day_of(cut)
    return {
        subscriber: opened
        for subscriber, stays in consumers.memberships_of(None, known_at=cut).items()
        if (opened := by_key.get(consumers.key_on(stays, day)))
    }


def _covered(enrolled: Enrolled) -> Covered:
    return Covered(
        enrolled.id,
        enrolled.policy_id,
        enrolled.hios_issuer_id,
        enrolled.coverage_kind,
        enrolled.start,
        enrolled.last_name,
        enrolled.first_name,
        enrolled.birth_date,
    )


def hand_overs(at: datetime) -> Iterator[Send]:
    """Every first hand-over as known at an instant."""
    for enrolled, account in Ledger(Scope(), now=at, known_at=at).accounts():
        yield from first_hand_overs(enrolled, account)


def earliest_month() -> Month | None:
    """No first hand-over was in a month before this one; None where there are none at all."""
    told = Step.objects.filter(kind=HANDED_OVER).aggregate(at=Min("at"))["at"]
    named = Event.objects.exclude(broker_npn="").aggregate(day=Min("sent_day"))["day"]
    days = [day for day in (told and day_of(told), named) if day]
    return Month.of(min(days)) if days else None


def first_hand_overs(enrolled: Enrolled, account: Account) -> Iterator[Send]:
    """The first hand-over of each entry that a carrier was told of; removals, corrections, re-sends are none."""
    by_entry: dict[tuple[str, date], list[Told]] = {}
    for told in account.told:
        if told.npn:
            by_entry.setdefault((told.npn, told.day), []).append(told)
    for (npn, day), all_told in by_entry.items():
        if not any(told.kind == lifecycle.AGENT for told in all_told):
            continue
        counts = lifecycle.first_sent(all_told, npn, day) or all_told[-1]
        yield Send(
            enrollment=enrolled.id,
            npn=npn,
            effective_from=day,
            hios_issuer_id=enrolled.hios_issuer_id,
            coverage_start=enrolled.start,
            date_sent=counts.sent_on,
            handed_over_at=counts.at,
            channel=counts.channel,
            rejected=counts.verdict == lifecycle.REJECTED,
            answered=counts.verdict != lifecycle.UNANSWERED or counts.channel != lifecycle.BY_SET,
            opening=any(told.channel == lifecycle.BY_OPENING_BALANCE for told in all_told),
        )


def waiting(hios: str, *, as_of: datetime, now: datetime) -> list[str]:
    """The policies whose agents of record were ready for a carrier at an instant and still wait to go."""
    try:
        desk = Desk.of(carriers.trading_partners()[hios], now=now)
    except CannotCompose:
        return _waiting_for_nobody(hios, as_of, now)
    return [wanted.enrolled.policy_id for wanted in sending.ready(desk, as_of, Sent())]


def _waiting_for_nobody(hios: str, as_of: datetime, now: datetime) -> list[str]:
    """What would be ready if anything could be composed for this carrier."""
    ledger = Ledger(Scope(hios_issuer_id=hios), now=now)
    return [
        enrolled.policy_id
        for enrolled, account in ledger.accounts(as_of)
        for _ in lifecycle.to_send(account, ledger.granted(enrolled, as_of), lambda point: "")
    ]
