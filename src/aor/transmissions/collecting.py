"""What carriers left in their mailboxes: TA1s and 999s, and receipts as CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from io import BytesIO

from django.db import transaction

from aor.carriers import queries as carriers
from aor.carriers.queries import TradingPartner
from aor.engine import faults, locks, store
from aor.gateways.mailbox import DONE, FROM_CARRIER, Mailbox
from aor.gateways.outcomes import Refused, Retryable
from aor.policy.decision import Finding
from aor.terms.actor import Actor
from aor.terms.period import YEARS
from aor.transmissions import handover, receipts
from aor.transmissions.acknowledgments import Taken, acknowledge
from aor.transmissions.models import Acknowledgment
from aor.transmissions.receipts import Said

CITES = "the marketplace's interfaces, receipts of carriers"
COLUMNS = ("exchange_policy_id", "npn", "recorded_from", "result", "reason")
LARGEST = 25 << 20  # bytes


def collect(*, by: Actor, now: datetime) -> list[Taken]:
    """Reads what the carriers left in their mailboxes; each file is kept, answered and moved to done/.

    A mailbox that is down gives an answer without name, with the reason. Raises locks.Busy.
    """
    result: list[Taken] = []
    with locks.exclusive("collect", by=by.name, at=now, wait=False):
        for hios, partner in carriers.trading_partners().items():
            try:
                with handover.mailbox_of(partner) as mailbox:
                    for name in mailbox.list(FROM_CARRIER):
                        result.extend(_collect(partner, mailbox, name, by=by, now=now))
            except (handover.Unreachable, Retryable, Refused, OSError) as trouble:
                result.append(_unreachable(hios, trouble))
    return result


def _collect(partner: TradingPartner, mailbox: Mailbox, name: str, *, by: Actor, now: datetime) -> Iterator[Taken]:
    """One file; what keeps it from being read or moved keeps none of the others from it."""
    hios = partner.hios_issuer_id
    try:
        content = mailbox.get(name, FROM_CARRIER)
    except FileNotFoundError:
        return  # another collect took it
    except (Refused, OSError) as trouble:
        yield _unreachable(hios, trouble)
        return
    if name.lower().endswith(".csv"):
        yield take_receipts(content, name=name, carrier=hios, by=by, now=now)
    else:
        yield acknowledge(BytesIO(content), name=name, by=by, now=now, carrier=hios)
    try:
        mailbox.move(name, FROM_CARRIER, DONE)
    except FileNotFoundError:
        return
    except (Refused, OSError) as trouble:
        yield _unreachable(hios, trouble)
        return
    faults.reached("collect:moved")


def _unreachable(hios_issuer_id: str, trouble: Exception) -> Taken:
    """An answer without name: a mailbox, or a file of it, that could not be had."""
    taken = Taken("", hios_issuer_id)
    taken.findings.append(_finding("UNREACHABLE", False, str(trouble)))
    return taken


@transaction.atomic
def take_receipts(content: bytes, *, name: str, carrier: str, by: Actor, now: datetime) -> Taken:
    """Takes a CSV of receipts (columns `COLUMNS`): kept, every bad row told by its line; twice changes nothing."""
    sha256 = hashlib.sha256(content).hexdigest()
    taken = Taken(name, carrier)
    before = Acknowledgment.objects.filter(sha256=sha256).first()
    if before is not None:
        taken.accepted = True
        taken.findings.append(_finding("SAME_FILE", True, f"already read as {before.name}; nothing changed"))
        return taken
    said, lines = _rows(content, taken)
    known = receipts.known_policies((one.policy_id for one in said), carrier)
    for line, one, because in zip(lines, said, receipts.refusals(said, known), strict=True):
        if because:
            taken.unknown += 1
            taken.findings.append(_finding("RECEIPT_REFUSED", False, f"line {line}: {because}"))
        elif one.result == receipts.RECORDED:
            taken.accepted_sets += 1
        else:
            taken.rejected_sets += 1
    taken.acknowledged = taken.accepted_sets + taken.rejected_sets
    with locks.shared("writers"):
        file = Acknowledgment.objects.create(
            sha256=sha256,
            name=name[:255],
            hios_issuer_id=carrier,
            received_at=now,
            document=store.put(content).sha256 if taken.accepted else "",
            findings=json.dumps([finding.because for finding in taken.findings], ensure_ascii=False),
        )
        receipts.take(said, hios_issuer_id=carrier, source=name[:255], by=by, now=now, acknowledgment=file.pk)
    return taken


def _rows(content: bytes, taken: Taken) -> tuple[Sequence[Said], Sequence[int]]:
    """The rows of a file with their lines; none, with a finding, where it cannot be read as a whole."""
    said: list[Said] = []
    lines: list[int] = []
    try:
        if len(content) > LARGEST:
            raise ValueError(f"the file is larger than {LARGEST >> 20} MB")
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
        if sorted(reader.fieldnames) != sorted(COLUMNS):
            raise ValueError(f"its columns must be {', '.join(COLUMNS)}")
        for row in reader:
            said.append(_said({key: _text(cell) for key, cell in row.items() if key}))
            lines.append(reader.line_num)
    except (ValueError, csv.Error) as wrong:
        words = "it is not text in UTF-8" if isinstance(wrong, UnicodeDecodeError) else str(wrong)
        taken.findings.append(_finding("NOT_RECEIPTS", False, f"{taken.name} is not read: {words}"))
        return [], []
    taken.accepted = True
    return said, lines


def _text(cell: str | None) -> str:
    """A cell as a database can be asked for it: PostgreSQL has no NUL, and the number of no policy has one."""
    return (cell or "").strip().replace("\0", "\N{REPLACEMENT CHARACTER}")


def _said(row: dict[str, str]) -> Said:
    """A row as the carrier meant it; a day that is none is missing, and is answered so."""
    try:
        day = date.fromisoformat(row["recorded_from"])
    except ValueError:
        day = None
    if day is not None and day.year not in YEARS:
        day = None
    policy, npn, result = row["exchange_policy_id"], row["npn"].lstrip("0"), row["result"].lower()
    return Said(policy, npn, day, result, row["reason"][: receipts.LONGEST_REASON])


def _finding(rule: str, met: bool | None, because: str) -> Finding:
    return Finding(rule, met, because, CITES)
