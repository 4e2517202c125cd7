"""A run: what is ready is composed and handed over, carrier by carrier; what died on the way is taken up again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from aor.acts import settle
from aor.audit import operations as journal
from aor.calendar import queries as calendar
from aor.carriers import queries as carriers
from aor.carriers.models import Carrier
from aor.carriers.queries import TradingPartner
from aor.engine import locks, restoring
from aor.engine.among import among
from aor.enrollments.models import Enrollment
from aor.gateways import shadow
from aor.policy.holding import State
from aor.policy.timeline import Point
from aor.record import operations as record
from aor.record import queries as record_facts
from aor.terms.actor import Actor
from aor.transmissions import after_restore, compose, handover, lifecycle, reconciling, schedule
from aor.transmissions.compose import CannotCompose, Desk, Wanted
from aor.transmissions.ledger import AT_ONCE, Enrolled, Ledger, Scope
from aor.transmissions.models import Interchange, Run, TransactionSet, Unwritten


@dataclass
class Sent:
    """What a run did. `interchanges` were handed over now; `would` is what a dry run would have sent, by carrier.

    `unwritten` are enrollments of the carrier served last of which a set could not be written.
    """

    interchanges: list[Interchange] = field(default_factory=list)
    held: int = 0
    would: dict[str, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    unwritten: set[int] = field(default_factory=set)
    failed: bool = False


def send(*, by: Actor, now: datetime, carrier: str = "", dry_run: bool = False) -> Sent:
    """Serves the carriers that are due, or the one asked for. Raises locks.Busy; LookupError: no such carrier."""
    if shadow.on() and not dry_run:
        return Sent(findings=[shadow.WORDS], failed=True)
    with locks.exclusive("send", by=by.name, at=now, wait=False):
        if words := restoring.unfinished():
            return Sent(findings=[words], failed=True)
        partners = carriers.trading_partners()
        if carrier and carrier not in partners:
            raise LookupError(f"carrier {carrier} is on no roster")
        asked = {carrier: partners[carrier]} if carrier else partners
        result = Sent()
        if not dry_run and after_restore.needed():
            reconciled = reconciling.reconcile(by=by, now=now)
            result.findings += reconciled.findings
            if reconciled.failed:
                result.failed = True
                return result
        served: list[str] = []
        runs = _due(asked, forced=bool(carrier), now=now)
        for hios, partner in asked.items():
            if not dry_run and not take_up(partner, result, by=by, now=now):
                continue
            if hios in runs:
                served.append(hios)
                _serve(partner, runs[hios], result, by=by, now=now, dry_run=dry_run)
        if not carrier or carrier not in served:
            ledger = Ledger(Scope(hios_issuer_id=carrier, without=tuple(served)), now=now)
            result.held += sum(
                _held(ledger, enrolled, account, account.entries) for enrolled, account in ledger.accounts()
            )
        return result


def _due(partners: dict[str, TradingPartner], *, forced: bool, now: datetime) -> dict[str, datetime]:
    """The carriers to serve now, each with the instant whose ready ones its run takes."""
    last_runs = dict(Run.objects.values_list("hios_issuer_id").annotate(Max("at")))
    known: dict[str, Any] = dict(Carrier.objects.values_list("hios_issuer_id").annotate(Min("known_from")))
    result = {}
    for hios, partner in partners.items():
        last = last_runs.get(hios)
        as_of = (
            schedule.asked(send_days=partner.send_days, cutoff=partner.cutoff, last_run=last, now=now)
            if forced
            else schedule.due(
                send_days=partner.send_days,
                cutoff=partner.cutoff,
                known_from=known[hios],
                last_run=last,
                now=now,
            )
        )
        if as_of is not None:
            result[hios] = as_of
    return result


def take_up(partner: TradingPartner, result: Sent, fresh: Collection[int] = (), *, by: Actor, now: datetime) -> bool:
    """Hands over what was composed; what an earlier run left and is no longer right is discarded.

    `fresh` were composed just now. False: the mailbox is down.
    """
    for interchange in handover.pending([partner.hios_issuer_id]):
        try:
            with handover.mailbox_of(partner) as mailbox:
                if not (
                    interchange.pk in fresh
                    or handover.may_have_gone(interchange, mailbox)
                    or still_wanted(interchange, now=now)
                ):
                    because = "a set of it was no longer right before it was handed over"
                    handover.discard(interchange, because=because, by=by, now=now)
                    result.findings.append(f"{interchange.name} was discarded: {because}")
                    continue
                handover.hand_over(interchange, mailbox, by=by, now=now)
        except handover.Unreachable as trouble:
            result.findings.append(str(trouble))
            result.failed = True
            return False
        result.interchanges.append(interchange)
    return True


def still_wanted(interchange: Interchange, *, now: datetime) -> bool:
    """Whether every set of an interchange not yet handed over would be composed the same today."""
    partner = carriers.trading_partners().get(interchange.hios_issuer_id)
    if partner is None:
        return False
    try:
        desk = Desk.of(partner, now=now)
    except CannotCompose:
        return False
    sets: dict[int, list[TransactionSet]] = {}
    for one in TransactionSet.objects.filter(interchange=interchange):
        sets.setdefault(one.enrollment_id, []).append(one)
    ledger = Ledger(Scope(enrollments=tuple(sets)), now=now)
    for enrolled, account in ledger.accounts():
        points = lifecycle.to_send(account, ledger.granted(enrolled), partial(desk.fingerprint, enrolled))
        for one in sets[enrolled.id]:
            point = Point(one.effective_from, one.npn)
            so = (
                account.coverage is not None
                and point.day in account.coverage
                and lifecycle.agent_on(account.entries, point.day) == point.npn
                if one.resend_of_id
                else point in points
            )
            if not so or one.fingerprint != desk.fingerprint(enrolled, point):
                return False
    return True


def _serve(
    partner: TradingPartner, as_of: datetime, result: Sent, *, by: Actor, now: datetime, dry_run: bool
) -> None:
    """One run for one carrier: everything is composed, then the run is recorded, then it is handed over."""
    hios = partner.hios_issuer_id
    try:
        desk = Desk.of(partner, now=now)
        if dry_run:
            result.would[hios] = sum(1 for _ in ready(desk, as_of, result))
            return
        _note_files(hios, now=now)
        result.unwritten = set()
        wanted = ready(desk, as_of, result)
        composed = [compose.compose(desk, some) for some in batched(wanted, desk.dialect.most_sets)]
    except CannotCompose as trouble:
        result.findings.append(str(trouble))
        result.failed = True
        return
    sets = sum(interchange.sets for interchange in composed)
    with transaction.atomic(), locks.shared("writers"):
        Run.objects.create(hios_issuer_id=hios, at=now, as_of=as_of, sets=sets)
        Unwritten.objects.filter(hios_issuer_id=hios).delete()
        Unwritten.objects.bulk_create([Unwritten(hios_issuer_id=hios, enrollment_id=id) for id in result.unwritten])
        journal.write(
            verb="carrier.served",
            subject=("carrier", hios),
            by=by,
            at=now,
            details={"as_of": as_of.isoformat(), "sets": sets},
        )
    take_up(partner, result, {interchange.pk for interchange in composed}, by=by, now=now)


def _note_files(hios: str, *, now: datetime) -> None:
    """What enrollment files told is known as told: data that denies it from now on, changes nothing (R3).

    It is noted before anything is composed, else a removal would go; once, by whichever run sees it first: a file
    may be dated ahead of its coming.
    """
    ledger = Ledger(Scope(hios_issuer_id=hios), now=now)
    if not ledger.has_mentions:
        return
    told: list[tuple[int, str, date]] = []
    denied: set[int] = set()
    for some in batched(ledger.accounts(), AT_ONCE):
        named = {
            (enrolled.id, one.npn, one.day): lifecycle.agent_on(account.entries, one.day)
            for enrolled, account in some
            for one in account.told
            if one.channel == lifecycle.BY_ENROLLMENT_FILE
        }
        new = named.keys() - record_facts.ever_told(enrollment for enrollment, _, _ in named)
        told += new
        denied |= {one[0] for one in new if named[one] != one[1]}
    households = Enrollment.objects.filter(among("id", denied)).values_list("subscriber__household_id", flat=True)
    with transaction.atomic(), locks.shared("writers"):
        record.told(told, now=now)
        record.mark_due(households, cause="told by an enrollment file", now=now)
    settle.settle(now=now)


def ready(desk: Desk, as_of: datetime, result: Sent) -> Iterator[Wanted]:
    """The sets that go to one carrier now, by enrollment, ascending by day; counts the held on the way.

    What became known long after `now` does not go: Date Sent would lie before it (architecture, Two times).
    """
    ledger = Ledger(Scope(hios_issuer_id=desk.partner.hios_issuer_id), now=desk.now)
    hours, ahead = calendar.parameters().number("backdating_hours", ledger.today), 0
    latest = desk.now + timedelta(hours=hours)
    for enrolled, account in ledger.accounts(as_of):
        if not (account.told or account.entries):
            continue
        going = _sets_of(desk, enrolled, account, ledger.granted(enrolled, as_of), result)
        if going and any(entry.known_from > latest for entry in account.entries):
            ahead += len(going)
            continue
        yield from going
        points = [one.point for one in going]
        if staying := [entry for entry in account.entries if (entry.start, entry.npn) not in points]:
            result.held += _held(ledger, enrolled, account, staying)
    if ahead:
        when = f"more than {hours} hours after {desk.now.isoformat(timespec='seconds')}"
        result.findings.append(f"{ahead} sets were not sent: they became known {when}; check the clock")
        result.failed = True


def _sets_of(
    desk: Desk,
    enrolled: Enrolled,
    account: lifecycle.Account,
    granted: lifecycle.Granted,
    result: Sent,
) -> Sequence[Wanted]:
    """The sets of one enrollment that can be written; one that cannot is found, and nothing rests on it."""

    excluded: frozenset[Point] = frozenset()
    while points := lifecycle.to_send(account, granted, partial(desk.fingerprint, enrolled), excluded):
        drafts = [(point, desk.draft(enrolled, point)) for point in points]
        wrong = {point: compose.in_words(draft) for point, draft in drafts if draft.findings}
        if not wrong:
            return [Wanted(enrolled, point, lifecycle.kind_of(account, point), draft.text) for point, draft in drafts]
        words = dict.fromkeys(wrong.values())
        result.findings += [f"policy {enrolled.policy_id}: not sent, {because}" for because in words]
        result.unwritten.add(enrolled.id)
        excluded |= wrong.keys()
    return ()


def _held(ledger: Ledger, enrolled: Enrolled, account: lifecycle.Account, entries: Iterable[lifecycle.Entry]) -> int:
    """How many of an enrollment's entries are held."""
    granted, today = ledger.granted(enrolled), ledger.today
    return sum(lifecycle.state_of(account, entry, granted, today).state is State.HELD for entry in entries)
