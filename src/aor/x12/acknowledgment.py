"""What carriers answer: a TA1 for an interchange, a 999 (of old a 997) for a group and each of its sets.

A 999 does not name the interchange: it is matched by the group control number (AK102) and the partner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from typing import BinaryIO

from aor.x12 import acknowledgment_words as words
from aor.x12 import dates, privacy, reader
from aor.x12.envelope import Interchange, InterchangeNote, TransactionSet
from aor.x12.findings import EdiFinding, capped

ACCEPTED = {"A": True, "E": True, "M": False, "R": False, "W": False, "X": False}


@dataclass(frozen=True, slots=True)
class InterchangeAcknowledgment:
    """A TA1. `isa13` is the number answered; `sender` and `receiver` are of the interchange that answers."""

    sender: str
    receiver: str
    isa13: str
    date: date | None
    time: time | None
    code: str
    note_code: str
    note_words: str
    # Its own date, time and number order contradictory answers.
    answered_in: Interchange | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class SetAcknowledgment:
    """An AK2 loop. `accepted` is None where the answer cannot be told."""

    st01: str
    st02: str
    code: str
    accepted: bool | None
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupAcknowledgment:
    """A 999 or 997. Where `code` is R, M, W or X and `sets` is empty, the answer is that of every set of the group.

    `sets_included`, `received` and `accepted` are None where they are not numbers; `doubts` says in plain words what
    does not add up, which is no reason to refuse.
    """

    sender: str
    receiver: str
    functional_code: str
    gs06: str
    version: str
    code: str
    sets_included: int | None
    received: int | None
    accepted: int | None
    errors: tuple[str, ...]
    sets: tuple[SetAcknowledgment, ...]
    doubts: tuple[str, ...]
    answered_in: Interchange | None = field(default=None, compare=False, repr=False)


Acknowledgment = InterchangeAcknowledgment | GroupAcknowledgment


def read(
    stream: BinaryIO, *, stripped: Callable[[str], object] | None = None
) -> Iterator[Acknowledgment | EdiFinding]:
    """The acknowledgments of a file, and its findings; with one finding the file is to be refused as a whole."""
    return capped(_read(stream, stripped))


def _read(stream: BinaryIO, stripped: Callable[[str], object] | None) -> Iterator[Acknowledgment | EdiFinding]:
    for event in reader.events(stream, keep_tax_id=privacy.keep_none, stripped=stripped):
        if isinstance(event, EdiFinding):
            yield event
        elif isinstance(event, InterchangeNote):
            yield _note(event)
        elif isinstance(event, TransactionSet):
            yield group_acknowledgment(event)


def _note(event: InterchangeNote) -> InterchangeAcknowledgment | EdiFinding:
    _, isa13, day, clock, code, note = (event.elements + [""] * 6)[:6]
    if not (isa13.isascii() and isa13.isdigit() and len(isa13) <= 9):
        because = f"TA101 says {isa13 or 'nothing'}, which is no interchange control number"
        return EdiFinding(event.segment, "TA1", 1, "CONTROL_NUMBER", because)
    if code not in ("A", "E", "R"):
        because = f"TA104 says {code or 'nothing'}; it may say A (accepted), E (with errors) or R (rejected)"
        return EdiFinding(event.segment, "TA1", 4, "CODE", because)
    return InterchangeAcknowledgment(
        sender=event.interchange.isa06,
        receiver=event.interchange.isa08,
        isa13=isa13.zfill(9),
        date=dates.short_day(day),
        time=dates.clock(clock),
        code=code,
        note_code=note,
        note_words=words.worded(words.NOTES, note),
        answered_in=event.interchange,
    )


class _Set:
    """An AK2 loop while being read."""

    __slots__ = ("code", "errors", "pending", "segment", "st01", "st02")

    def __init__(self, st01: str, st02: str) -> None:
        self.st01, self.st02 = st01, st02
        self.code = ""
        self.errors: list[str] = []
        self.segment = ("", "")
        # What an IK3 says is kept back until its first IK4, which says it better.
        self.pending = ""

    def flush(self) -> None:
        if self.pending:
            self.errors.append(self.pending)
        self.pending = ""


def group_acknowledgment(transaction: TransactionSet) -> GroupAcknowledgment | EdiFinding:
    """A 999 or 997 as facts; a finding when it does not say which group it answers, or how."""
    if transaction.st01 not in ("999", "997"):
        because = f"a set {transaction.st01} stands among acknowledgments"
        return EdiFinding(transaction.segment, "ST", 1, "UNKNOWN", because)
    group = transaction.group
    separator, component = group.interchange.delimiters.element, group.interchange.delimiters.component
    answered: list[str] | None = None
    closing: list[str] | None = None
    sets: list[_Set] = []
    for segment in transaction.segments:
        elements = [*segment.split(separator), *_PADDING]
        match elements[0]:
            case "AK1":
                answered = elements
            case "AK2":
                sets.append(_Set(elements[1], elements[2]))
            case "IK3" | "AK3" if sets:
                _take_segment_error(sets[-1], elements)
            case "IK4" | "AK4" if sets:
                _take_element_error(sets[-1], elements, component)
            case "IK5" | "AK5" if sets:
                _take_answer(sets[-1], elements)
            case "AK9":
                closing = elements
    if answered is None or not answered[2]:
        because = "the acknowledgment does not say which group it answers (AK1)"
        return EdiFinding(transaction.segment, "AK1", 2, "MISSING", because)
    if closing is None:
        because = f"the acknowledgment of group {answered[2]} does not say how it was taken (AK9)"
        return EdiFinding(transaction.segment, "AK9", 1, "MISSING", because)
    read_sets = tuple(SetAcknowledgment(s.st01, s.st02, s.code, ACCEPTED.get(s.code), tuple(s.errors)) for s in sets)
    counts = tuple(_count(closing[i]) for i in (2, 3, 4))
    return GroupAcknowledgment(
        sender=group.interchange.isa06,
        receiver=group.interchange.isa08,
        functional_code=answered[1],
        gs06=answered[2],
        version=answered[3],
        code=closing[1],
        sets_included=counts[0],
        received=counts[1],
        accepted=counts[2],
        errors=tuple(words.worded(words.GROUP_ERRORS, code) for code in closing[5:10] if code),
        sets=read_sets,
        doubts=tuple(_doubts(closing[1], counts, read_sets)),
        answered_in=group.interchange,
    )


def _take_segment_error(answer: _Set, elements: list[str]) -> None:
    answer.flush()
    tag, position, code = elements[1], elements[2], elements[4]
    answer.segment = (tag, position)
    said = words.worded(words.SEGMENT_ERRORS, code or "8").format(tag=tag)
    answer.pending = f"{tag} in position {position}: {said}"


def _take_element_error(answer: _Set, elements: list[str], component: str) -> None:
    answer.pending = ""
    tag, position = answer.segment
    number, _, part = elements[1].partition(component)
    name = f"{tag}{number:0>2}" + (f"-{part.partition(component)[0]}" if part else "")
    said = words.worded(words.ELEMENT_ERRORS, elements[3]).format(element=name)
    bad = elements[4]
    told = f" ({bad!r})" if bad and not privacy.looks_private(bad) else ""
    answer.errors.append(f"{tag} in position {position}: {said}{told}")


def _take_answer(answer: _Set, elements: list[str]) -> None:
    answer.flush()
    answer.code = elements[1]
    for code in elements[2:7]:
        # "Segments in error" says nothing where the segments are named.
        if code and not (answer.errors and code in ("5", "I5")):
            answer.errors.append(words.worded(words.SET_ERRORS, code))


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _doubts(code: str, counts: tuple[int | None, ...], sets: tuple[SetAcknowledgment, ...]) -> Iterator[str]:
    included, received, accepted = counts
    if code not in (*ACCEPTED, "P"):
        yield f"AK901 says {code or 'nothing'}, which is no answer that we know"
    if included is None or received is None or accepted is None:
        yield "AK902 to AK904 do not count the sets"
        return
    if len(sets) > max(included, received):
        yield f"{len(sets)} sets are answered, AK902 and AK903 say {included} and {received}"
    rejected = sum(answer.accepted is False for answer in sets)
    if accepted > received or rejected > max(included, received) - accepted:
        yield f"{rejected} sets are answered as rejected, AK904 says that {accepted} of {received} were accepted"
    unclear = sum(answer.accepted is None for answer in sets)
    if unclear:
        yield f"{unclear} sets have no answer that we know (IK501)"


_PADDING = [""] * 10
