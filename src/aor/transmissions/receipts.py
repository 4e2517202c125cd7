"""What carriers say they recorded: each word is kept beside what we had told them, and every row gets an answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from aor.audit import operations as journal
from aor.engine import bulk
from aor.engine.among import among
from aor.enrollments.models import Enrollment
from aor.terms.actor import Actor
from aor.terms.npn import Npn
from aor.transmissions.ledger import Ledger, Scope
from aor.transmissions.lifecycle import REJECTED, Told
from aor.transmissions.models import Receipt

RECORDED = "recorded"
LONGEST_REASON = 300


class Said(NamedTuple):
    """One row of a carrier: `npn` is "" for nobody; `recorded_from` the first day; `reason` why it was rejected."""

    policy_id: str
    npn: str
    recorded_from: date | None
    result: str
    reason: str = ""


class Answered(NamedTuple):
    """What became of a row: the number of its receipt, or None and why there is none."""

    number: int | None
    because: str = ""


def take(
    said: Sequence[Said],
    *,
    hios_issuer_id: str,
    source: str,
    by: Actor,
    now: datetime,
    acknowledgment: int | None = None,
) -> list[Answered]:
    """Keeps the rows that speak of this carrier's own policies; answers each row, in order. In a transaction."""
    known = known_policies((one.policy_id for one in said), hios_issuer_id)
    wrong = refusals(said, known)
    good = [one for one, because in zip(said, wrong, strict=True) if not because]
    ledger = Ledger(Scope(enrollments=tuple(sorted({known[one.policy_id] for one in good}))), now=now)
    told = {enrolled.id: account.told for enrolled, account in ledger.accounts()} if good else {}
    numbers = bulk.next_ids(Receipt, len(good))
    rows = []
    for number, one in zip(numbers, good, strict=True):
        match = _match(one, told[known[one.policy_id]])
        rows.append(
            (
                number, hios_issuer_id, known[one.policy_id], one.npn, one.recorded_from, one.result, one.reason,
                match.day if match else None, (match.set_id or None) if match else None, acknowledgment, source, now,
            )
        )  # fmt: skip
    bulk.load(
        Receipt,
        (
            "id", "hios_issuer_id", "enrollment_id", "npn", "recorded_from", "result", "reason", "told",
            "transaction_set_id", "acknowledgment_id", "source", "received_at",
        ),
        rows,
    )  # fmt: skip
    details = {"source": source, "taken": len(good), "refused": len(said) - len(good)}
    journal.write(verb="receipts.taken", subject=("carrier", hios_issuer_id), by=by, at=now, details=details)
    following = iter(numbers)
    return [Answered(None, because) if because else Answered(next(following)) for because in wrong]


def refusals(said: Iterable[Said], known: Collection[str]) -> list[str]:
    """Why each row cannot be kept, "" where it can; a policy of another carrier is as unknown as one of nobody."""
    return [_wrong(one) if one.policy_id in known else "no such policy of this carrier is known" for one in said]


def known_policies(policies: Iterable[str], hios_issuer_id: str) -> dict[str, int]:
    """The enrollments of a carrier, by policy id."""
    rows = Enrollment.objects.filter(among("policy_id", set(policies)), hios_issuer_id=hios_issuer_id)
    return dict(bulk.read(rows, "policy_id", "id"))


def _wrong(one: Said) -> str:
    try:
        if one.npn:
            Npn(one.npn)
    except ValueError as wrong:
        return str(wrong)
    if one.result == RECORDED:
        return "" if one.recorded_from else "recorded_from is missing: the day from which the broker was recorded"
    if one.result == REJECTED:
        return "" if one.reason else "reason is missing: why it was rejected"
    return f"result is {RECORDED} or {REJECTED}, not {one.result[:20]!r}"


def _match(one: Said, told: Sequence[Told]) -> Told | None:
    """What we had told of the same broker: from the same day if so, else the latest."""
    of_broker = [each for each in told if each.npn == one.npn]
    same = [each for each in of_broker if each.day == one.recorded_from]
    return next(reversed(same or of_broker), None)
