"""A simulated carrier: takes what lies in its mailbox and answers with TA1 and 999, not always as one would wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from io import BytesIO
from pathlib import Path
from random import Random

from aor.x12.envelope import FunctionalGroup, Interchange, TransactionSet
from aor.x12.findings import EdiFinding
from aor.x12.guides import x231a1
from aor.x12.guides.x231a1 import GroupVerdict, SegmentError, SetVerdict
from aor.x12.reader import read_interchanges


class Manner(Enum):
    """How one interchange is answered."""

    PROMPT = "within a day"
    LATE = "after a week"
    TWICE = "twice"
    SILENT = "not at all"
    STRANGE = "with an answer beside it to a group that nobody sent"
    REFUSES = "refused whole, by TA1"


_ODDS = ((Manner.LATE, 0.08), (Manner.TWICE, 0.05), (Manner.STRANGE, 0.03), (Manner.SILENT, 0.02))
# What the first interchanges of some carriers meet, so that a small demo has its troubles too: (HIOS id, which one).
_CERTAIN = {
    ("99101", 2): Manner.TWICE,
    ("99101", 4): Manner.STRANGE,
    ("99202", 3): Manner.LATE,
    ("99202", 5): Manner.SILENT,
    ("99303", 4): Manner.REFUSES,
}
REJECTED_IN_100 = 2.0
# The segment, its element, the element's number in X12's dictionary, IK403: what carriers say is wrong.
_COMPLAINTS = (("N1*BO", 4, "67", "7"), ("REF*1L", 2, "127", "7"), ("DTP*303", 3, "1251", "8"))
_UNKNOWN_GROUP = "999999999"


@dataclass(frozen=True, slots=True)
class Answer:
    """A file that the carrier will leave in its mailbox."""

    due: datetime
    name: str
    content: bytes


@dataclass
class SimulatedCarrier:
    """One carrier at its mailbox, a folder. What it will say follows from the seed and the control numbers.

    `refused` are the interchanges (ISA13) it refused whole, `rejected` the sets (ISA13, ST02); staff of the
    marketplace see them in the acknowledgments.
    """

    hios: str
    mailbox: Path
    seed: int
    refused: list[str] = field(default_factory=list)
    rejected: list[tuple[str, str]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    number: int = 0

    def take(self, now: datetime) -> int:
        """Moves what lies in `to-carrier/` to its `taken/`, decides what to answer and when; returns how many."""
        folder = self.mailbox / "to-carrier"
        (folder / "taken").mkdir(parents=True, exist_ok=True)
        files = sorted(file for file in folder.glob("*") if file.is_file() and not file.name.startswith("."))
        for file in files:
            self.read(file.read_bytes(), now)
            file.rename(folder / "taken" / file.name)
        return len(files)

    def answer(self, now: datetime) -> int:
        """Leaves the answers that are due in `from-carrier/`, each appearing under its name in one rename."""
        folder = self.mailbox / "from-carrier"
        folder.mkdir(parents=True, exist_ok=True)
        due = sorted((answer for answer in self.answers if answer.due <= now), key=lambda answer: answer.due)
        for answer in due:
            temporary = folder / f".{answer.name}.part"
            temporary.write_bytes(answer.content)
            temporary.rename(folder / answer.name)
            self.answers.remove(answer)
        return len(due)

    def read(self, content: bytes, now: datetime) -> None:
        """Decides what to answer to one file."""
        interchange: Interchange | None = None
        sets: dict[str, list[TransactionSet]] = {}
        broken = False
        for event in read_interchanges(BytesIO(content), keep_tax_id=lambda _: True):
            if isinstance(event, Interchange):
                interchange = event
            elif isinstance(event, FunctionalGroup):
                sets[event.gs06] = []
            elif isinstance(event, TransactionSet):
                sets[event.group.gs06].append(event)
            elif isinstance(event, EdiFinding):
                broken = True
        if interchange is None or interchange.isa13 in self.seen:
            return  # nothing to answer, or read before: known by its ISA13
        self.seen.add(interchange.isa13)
        random = Random(f"carrier:{self.seed}:{self.hios}:{interchange.isa13}")
        self._decide(interchange, sets, Manner.REFUSES if broken else self._manner(random), random, now)

    def _manner(self, random: Random) -> Manner:
        certain = _CERTAIN.get((self.hios, len(self.seen)))
        luck = random.random()
        for manner, odds in _ODDS:
            luck -= odds
            if certain is None and luck < 0:
                return manner
        return certain or Manner.PROMPT

    def _decide(
        self, asked: Interchange, sets: dict[str, list[TransactionSet]], manner: Manner, random: Random, now: datetime
    ) -> None:
        if manner is Manner.SILENT:
            return
        wait = timedelta(days=7) if manner is Manner.LATE else timedelta(hours=2)
        due = now + wait + timedelta(minutes=random.randrange(20 * 60))
        if manner is Manner.REFUSES:
            self.refused.append(asked.isa13)
            self.leave(due, "TA1", x231a1.compose_ta1(
                asked, isa13=self._next(), composed_at=due, code="R", note="024"))  # fmt: skip
            return
        groups = [
            GroupVerdict(gs06, tuple(self._verdict(asked.isa13, one, random) for one in some))
            for gs06, some in sets.items()
        ]
        content = self._group_answer(asked, groups, due)
        self.leave(due, "999", content)
        if manner is Manner.TWICE:
            self.leave(due + timedelta(hours=30), "again.999", content)
        if manner is Manner.STRANGE:
            strange = [GroupVerdict(_UNKNOWN_GROUP, (SetVerdict("999999999"),))]
            self.leave(due, "999", self._group_answer(asked, strange, due))

    def _group_answer(self, asked: Interchange, groups: Sequence[GroupVerdict], at: datetime) -> bytes:
        number = self._next()
        return x231a1.compose_999(asked, groups, isa13=number, gs06=number, composed_at=at)

    def _verdict(self, isa13: str, one: TransactionSet, random: Random) -> SetVerdict:
        if random.random() * 100 >= REJECTED_IN_100:
            return SetVerdict(one.st02)
        self.rejected.append((isa13, one.st02))
        complaints = [
            (position, prefix, element, reference, code)
            for prefix, element, reference, code in _COMPLAINTS
            for position, segment in enumerate(one.segments, 2)
            if segment.startswith(prefix) and len(segment.split("*")) > element
        ]
        position, prefix, element, reference, code = random.choice(complaints)
        tag, value = prefix[: prefix.index("*")], one.segments[position - 2].split("*")[element]
        return SetVerdict(
            one.st02, "R", (SegmentError(tag, position, "8", "", element, reference, code, value),)
        )  # fmt: skip

    def _next(self) -> int:
        self.number += 1
        return self.number

    def leave(self, due: datetime, kind: str, content: bytes) -> None:
        """A file for `from-carrier/` when it is due."""
        self.answers.append(Answer(due, f"ACK.{self.hios}.{self.number:09d}.{kind}", content))
