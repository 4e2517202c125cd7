"""What a carrier rejected or never answered is handed over again, with new control numbers (readings, R4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import batched

from django.db import transaction

from aor.audit import operations as journal
from aor.carriers import queries as carriers
from aor.carriers.queries import TradingPartner
from aor.engine import locks, restoring
from aor.gateways import shadow
from aor.policy.timeline import Point
from aor.terms.actor import Actor
from aor.transmissions import after_restore, compose, handover, lifecycle, sending
from aor.transmissions.compose import CannotCompose, Desk, Wanted
from aor.transmissions.ledger import HANDED_OVER, Enrolled, Ledger, Scope
from aor.transmissions.lifecycle import ACCEPTED, REJECTED, Account
from aor.transmissions.models import Interchange, TransactionSet
from aor.transmissions.sending import Sent


class CannotResend(Exception):
    """The words say why, to whoever asked."""


def resend(*, by: Actor, now: datetime, isa13: str = "", st02: str = "") -> Sent:
    """Hands over again what was not accepted of an interchange, or one set (its ST02, or our own number of it).

    The business reference stays, so that the carrier knows what it has seen. Raises CannotResend, locks.Busy.
    """
    with locks.exclusive("send", by=by.name, at=now, wait=False):
        if shadow.on():
            raise CannotResend(shadow.WORDS)
        if words := restoring.unfinished():
            raise CannotResend(words)
        if after_restore.needed():
            raise CannotResend("the database was restored: aor send reconciles it with the mailboxes first")
        interchange, sets = _asked(isa13, st02)
        if not interchange.steps.filter(kind=HANDED_OVER).exists():
            raise CannotResend(f"{interchange.name} was never handed over; aor send does that")
        partner = carriers.trading_partners().get(interchange.hios_issuer_id)
        if partner is None:
            raise CannotResend(f"carrier {interchange.hios_issuer_id} is on no roster any more")
        result = Sent()
        if left := _left(partner, sets):
            sending.take_up(partner, result, by=by, now=now)
            if result.failed or left.intersection(one.pk for one in result.interchanges):
                return result
        try:
            composed = _compose(partner, interchange, sets, result, by=by, now=now)
        except CannotCompose as trouble:
            raise CannotResend(str(trouble)) from None
        sending.take_up(partner, result, {one.pk for one in composed}, by=by, now=now)
        return result


def _left(partner: TradingPartner, sets: Sequence[TransactionSet]) -> set[int]:
    """Interchanges with these sets that an earlier try composed and did not hand over: no others are composed."""
    pending = [one.pk for one in handover.pending([partner.hios_issuer_id])]
    again = TransactionSet.objects.filter(interchange__in=pending, resend_of__in=[one.pk for one in sets])
    return set(again.values_list("interchange", flat=True))


@transaction.atomic
def _compose(
    partner: TradingPartner,
    interchange: Interchange,
    sets: Sequence[TransactionSet],
    result: Sent,
    *,
    by: Actor,
    now: datetime,
) -> list[Interchange]:
    """Composes all that may go again, and journals it, or raises CannotResend, CannotCompose."""
    desk = Desk.of(partner, now=now)
    wanted = list(_wanted(desk, sets, result, now=now))
    if not wanted:
        raise CannotResend("; ".join(dict.fromkeys(result.findings)))
    composed = [compose.compose(desk, some) for some in batched(wanted, desk.dialect.most_sets)]
    journal.write(
        verb="interchange.resent",
        subject=("interchange", f"{interchange.isa08}/{interchange.isa13}"),
        by=by,
        at=now,
        details={"sets": len(wanted), "as": [one.isa13 for one in composed]},
    )
    return composed


def _asked(isa13: str, st02: str) -> tuple[Interchange, list[TransactionSet]]:
    number = isa13 or st02
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise CannotResend(f"{number!r} is no control number")
    if isa13:
        found = list(Interchange.objects.filter(isa13=isa13.zfill(9)))
        _only_one(f"interchange {isa13}", [one.hios_issuer_id for one in found])
        return found[0], list(found[0].transaction_sets.order_by("id"))
    sets = TransactionSet.objects.select_related("interchange")
    named = list(sets.filter(st02=st02.zfill(9))) or list(sets.filter(pk=int(st02)))
    _only_one(f"set {st02}", [one.interchange.hios_issuer_id for one in named])
    return named[0].interchange, named


def _only_one(what: str, carriers_: Sequence[str]) -> None:
    if not carriers_:
        raise CannotResend(f"we never sent {what}")
    if len(carriers_) > 1:
        raise CannotResend(f"{what} went to several carriers: {', '.join(carriers_)}")


def _wanted(desk: Desk, sets: Sequence[TransactionSet], result: Sent, *, now: datetime) -> Iterator[Wanted]:
    """Those of the sets that may go again; of the others the reason is found."""
    by_enrollment: dict[int, list[TransactionSet]] = {}
    for one in sets:
        by_enrollment.setdefault(one.enrollment_id, []).append(one)
    ledger = Ledger(Scope(enrollments=tuple(by_enrollment)), now=now)
    for enrolled, account in ledger.accounts():
        granted = ledger.granted(enrolled)
        for one in by_enrollment[enrolled.id]:
            point = Point(one.effective_from, one.npn)
            draft = desk.draft(enrolled, point)
            because = _hindered(one, enrolled, account, granted) or compose.in_words(draft)
            if because:
                result.findings.append(f"set {one.st02} (policy {enrolled.policy_id}): {because}")
            else:
                yield Wanted(enrolled, point, one.kind, draft.text, one.pk, one.bgn02)


def _hindered(one: TransactionSet, enrolled: Enrolled, account: Account, granted: lifecycle.Granted) -> str:
    """Why a set must not go again; empty when it may."""
    told = next(said for said in account.told if said.set_id == one.pk)
    own = lifecycle.spell(account.told, one.npn, one.effective_from)
    if told.verdict == ACCEPTED:
        return "the accepted ones must not be resent"
    if told not in own or any(said.verdict != REJECTED for said in own if said is not told):
        return "the carrier was told again since"
    inside = account.coverage is not None and one.effective_from in account.coverage
    if not inside or lifecycle.agent_on(account.entries, one.effective_from) != one.npn:
        return "it is no longer so"
    if told.verdict == REJECTED and one.kind == lifecycle.AGENT:
        entry = next((e for e in account.entries if e.start == one.effective_from and e.npn == one.npn), None)
        if entry is not None and not granted(entry):
            return "the broker is not in standing today"
    return ""
