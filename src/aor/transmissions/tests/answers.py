"""A carrier that answers what lies in its mailbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO

from aor.engine import store
from aor.transmissions.models import Interchange, TransactionSet
from aor.transmissions.tests.builders import NOW, mailbox
from aor.x12 import reader
from aor.x12.envelope import Interchange as Envelope
from aor.x12.guides import x231a1

SOON = NOW + timedelta(hours=3)


def envelope(interchange: Interchange) -> Envelope:
    content = store.path_of(interchange.sha256).read_bytes()
    return next(event for event in reader.read_interchanges(BytesIO(content)) if isinstance(event, Envelope))


def ta1(interchange: Interchange, code: str = "A", *, number: int = 1, at: datetime = SOON) -> bytes:
    note = "000" if code == "A" else "025"
    return x231a1.compose_ta1(envelope(interchange), isa13=number, composed_at=at, code=code, note=note)


def answer(
    interchange: Interchange,
    codes: Mapping[str, str] | str = "A",
    *,
    number: int = 1,
    at: datetime = SOON,
    why: bool = True,
) -> bytes:
    """A 999: one code for every set, or by ST02; of what is not accepted it says why, or only that it is not."""
    sets = TransactionSet.objects.filter(interchange=interchange).order_by("id")
    error = x231a1.SegmentError("NM1", 9, "8", "2100", 3, "1035", "1")
    verdicts = tuple(
        x231a1.SetVerdict(one.st02, code, (error,) if why and code != "A" else ())
        for one in sets
        if (code := codes if isinstance(codes, str) else codes.get(one.st02, ""))
    )
    group = x231a1.GroupVerdict(sets[0].gs06, verdicts)
    return x231a1.compose_999(envelope(interchange), [group], isa13=number, gs06=number, composed_at=at, ta1=None)


def leave(content: bytes, name: str = "answer.999") -> None:
    folder = mailbox(folder="from-carrier")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
