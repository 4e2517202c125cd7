"""The carriers: they read what lies in their mailboxes, answer it, and hold what they were told (R4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

from aor.terms.period import day_of
from aor.x12 import reader
from aor.x12.envelope import FunctionalGroup, Interchange, TransactionSet
from aor.x12.findings import EdiFinding
from aor.x12.guides import x231a1

ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass
class Said:
    """One set that a carrier was handed: from `day` the agent of record of `policy` is `npn`, "" for nobody."""

    order: tuple[datetime, int]
    carrier: str
    isa13: str
    st02: str
    policy: str
    npn: str
    day: date
    sent_on: date
    own: bool = False  # an entry's own set: one that began that day
    again: bool = False  # somebody asked for it to be handed over again
    answers: list[tuple[datetime, int, str, bool]] = field(default_factory=list)  # when, number, what, by a TA1

    @property
    def verdict(self) -> str:
        """What holds: the last word; a TA1 that takes the interchange only takes back a TA1 that did not."""
        taken = [answer[:2] for answer in self.answers if answer[2] == "received"]
        live = [
            answer
            for answer in self.answers
            if answer[2] != "received" and not (answer[3] and taken and answer[:2] < max(taken))
        ]
        return max(live, key=lambda a: (a[0], a[1], a[2] == REJECTED))[2] if live else ""

    @property
    def stands(self) -> bool:
        return self.verdict != REJECTED


@dataclass
class File:
    """An interchange as its carrier read it."""

    carrier: str
    envelope: Interchange
    group: str
    sets: list[Said]
    at: datetime


@dataclass
class Carriers:
    """Every carrier of the marketplace at its mailbox, a folder below `home`."""

    home: Path
    files: list[File] = field(default_factory=list)
    waiting: list[tuple[str, bytes, list[tuple[Said, tuple[datetime, int, str, bool]]]]] = field(default_factory=list)
    laid: list[tuple[Said, tuple[datetime, int, str, bool]]] = field(default_factory=list)
    numbers: int = 0
    used: dict[str, dict[int, str]] = field(default_factory=dict)  # control numbers by kind, with their carriers

    def said(self) -> Iterator[Said]:
        for file in self.files:
            yield from file.sets

    def read(self, now: datetime) -> list[File]:
        """Takes what lies in the mailboxes away, in the order of the control numbers; they must rise."""
        found = [
            (path.name.split(".")[-2], path, path.parent.parent.name)
            for path in self.home.glob("mailboxes/*/to-carrier/*")
            if path.is_file()
        ]
        files = []
        for number, path, carrier in sorted(found):
            # However the clock went, what a carrier is told later comes later.
            at = max([now, *(file.at for file in self.files if file.carrier == carrier)])
            file = _file(path.read_bytes(), carrier, at, len(self.files))
            assert file.envelope.isa13 == number
            self._rises(carrier, "isa13", int(number))
            self._rises(carrier, "gs06", int(file.group))
            for said in file.sets:
                self._rises(carrier, "st02", int(said.st02))
            path.unlink()
            self.files.append(file)
            files.append(file)
        return files

    def _rises(self, carrier: str, kind: str, number: int) -> None:
        """A carrier's numbers rise; no two carriers have the same."""
        used = self.used.setdefault(kind, {})
        assert number not in used, f"{kind} {number} went twice"
        assert number > max((n for n, of in used.items() if of == carrier), default=0), (
            f"{kind} {number} does not rise"
        )
        used[number] = carrier

    def answer(self, file: File, how: str, now: datetime) -> None:
        """Writes an answer: accept, reject, mixed, refuse (TA1), take (TA1). It waits until it is left."""
        self.numbers += 1
        minute = now.replace(second=0, microsecond=0)
        if how in ("refuse", "take"):
            code, note, what = ("R", "024", REJECTED) if how == "refuse" else ("A", "000", "received")
            content = x231a1.compose_ta1(file.envelope, isa13=self.numbers, composed_at=now, code=code, note=note)
            told = [(one, (minute, self.numbers, what, True)) for one in file.sets]
        else:
            verdicts = [how == "accept" or (how == "mixed" and place % 2 == 0) for place in range(len(file.sets))]
            error = x231a1.SegmentError("NM1", 9, "8", "2100", 3, "1035", "1")
            sets = tuple(
                x231a1.SetVerdict(one.st02, "A" if good else "R", () if good else (error,))
                for one, good in zip(file.sets, verdicts, strict=True)
            )
            content = x231a1.compose_999(
                file.envelope,
                [x231a1.GroupVerdict(file.group, sets)],
                isa13=self.numbers,
                gs06=self.numbers,
                composed_at=now,
                ta1=None,
            )
            told = [
                (one, (minute, self.numbers, ACCEPTED if good else REJECTED, False))
                for one, good in zip(file.sets, verdicts, strict=True)
            ]
        self.waiting.append((file.carrier, content, told))

    @contextmanager
    def down(self, carrier: str) -> Iterator[None]:
        """The mailbox of a carrier cannot be opened: where its folder was there is a file."""
        box, aside = self.home / "mailboxes" / carrier, self.home / "aside"
        box.mkdir(parents=True, exist_ok=True)
        box.rename(aside)
        box.touch()
        yield
        box.unlink()
        aside.rename(box)

    def stranger(self, file: File, now: datetime) -> None:
        """An answer to a group that nobody sent."""
        self.numbers += 1
        group = x231a1.GroupVerdict("999999999", (x231a1.SetVerdict("999999999"),))
        content = x231a1.compose_999(
            file.envelope, [group], isa13=self.numbers, gs06=self.numbers, composed_at=now, ta1=None
        )
        self.waiting.append((file.carrier, content, []))

    def leave(self, which: int, *, twice: bool) -> None:
        """Lays one of the answers that wait into its mailbox, twice if so wished; any order is right."""
        carrier, content, told = self.waiting.pop(which % len(self.waiting))
        folder = self.home / "mailboxes" / carrier / "from-carrier"
        folder.mkdir(parents=True, exist_ok=True)
        self.numbers += 1
        for copy in ("", ".again") if twice else ("",):
            (folder / f"ACK.{self.numbers:09d}{copy}.999").write_bytes(content)
        self.laid += told

    def collected(self) -> None:
        """What was laid down has been read by the marketplace."""
        for said, answer in self.laid:
            said.answers.append(answer)
        self.laid = []

    # what a carrier holds

    def told(self, policy: str) -> list[Said]:
        return [said for said in self.said() if said.policy == policy]


@dataclass(frozen=True)
class Point:
    """One thing told, by whatever way: from `day` on it is `npn`."""

    order: tuple[datetime, int]
    day: date
    npn: str
    stands: bool
    accepted: bool = False
    sent_on: date | None = None


def holds(points: list[Point], day: date) -> str:
    """Whom the carrier holds for a day: the latest day told at or before it, as last told."""
    found: dict[date, str] = {}
    for point in sorted(points, key=lambda p: p.order):
        if point.stands:
            found[point.day] = point.npn
    before = [known for known in found if known <= day]
    return found[max(before)] if before else ""


def spell(points: list[Point], npn: str, day: date) -> list[Point]:
    """The tellings of one thing since the carrier was last told otherwise for that day."""
    result: list[Point] = []
    for point in sorted((p for p in points if p.day == day), key=lambda p: p.order):
        if point.npn == npn:
            result.append(point)
        elif point.stands:
            result = []
    return result


def _file(content: bytes, carrier: str, now: datetime, place: int) -> File:
    envelope: Interchange | None = None
    group, sets = "", list[TransactionSet]()
    for event in reader.read_interchanges(BytesIO(content), keep_tax_id=lambda _: True):
        assert not isinstance(event, EdiFinding), event
        if isinstance(event, Interchange):
            envelope = event
        elif isinstance(event, FunctionalGroup):
            group = event.gs06
        elif isinstance(event, TransactionSet):
            sets.append(event)
    assert envelope is not None
    isa13 = envelope.isa13
    said = [_said(one, carrier, isa13, (now, place * 10_000 + n + 1)) for n, one in enumerate(sets)]
    return File(carrier, envelope, group, said, now)


def _said(one: TransactionSet, carrier: str, isa13: str, order: tuple[datetime, int]) -> Said:
    npn, policy, day = "", "", None
    for segment in one.segments:
        parts = segment.split("*")
        if parts[:2] == ["N1", "BO"]:
            npn = parts[4]
        elif parts[:2] == ["REF", "1L"]:
            policy = parts[2]
        elif parts[:2] == ["DTP", "303"]:
            day = date(int(parts[3][:4]), int(parts[3][4:6]), int(parts[3][6:8]))
    assert policy
    assert day
    return Said(order, carrier, isa13, one.st02, policy, npn, day, day_of(order[0]))


MINUTE = timedelta(minutes=1)
