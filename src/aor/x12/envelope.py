"""Interchanges, functional groups and transaction sets, and whether they balance.

The rules are those of X12.5 and X12.6: each header has its trailer with the same control number, each trailer counts
what it closes, and no control number is used twice within what encloses it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from aor.x12 import dates
from aor.x12.findings import Code, EdiFinding, Unreadable
from aor.x12.separators import Delimiters

MOST_SEGMENTS_IN_SET = 1_000_000

# Functional identifier (GS01) to the guides (GS08) that we read.
GUIDES = {
    "BE": {"005010X220A1"},
    "FA": {"005010X231A1", "005010X231", "005010X230", "005010", "004010", "004010X098A1", "004010X095A1"},
}
SETS = {"BE": {"834"}, "FA": {"999", "997"}}


@dataclass(frozen=True, slots=True)
class Interchange:
    """What an ISA says; `segment` is its position in the file."""

    isa05: str
    isa06: str
    isa07: str
    isa08: str
    isa09: str
    isa10: str
    isa12: str
    isa13: str
    isa15: str
    delimiters: Delimiters
    segment: int


@dataclass(frozen=True, slots=True)
class FunctionalGroup:
    """What a GS says."""

    interchange: Interchange
    gs01: str
    gs02: str
    gs03: str
    gs04: str
    gs05: str
    gs06: str
    gs08: str
    segment: int


class TransactionSet(NamedTuple):
    """What stands between ST and SE, unsplit; `segment` is the position of the ST."""

    group: FunctionalGroup
    st01: str
    st02: str
    st03: str
    segments: list[str]
    segment: int


@dataclass(frozen=True, slots=True)
class InterchangeNote:
    """A TA1, which stands outside of every group."""

    interchange: Interchange
    elements: list[str]
    segment: int


Event = Interchange | FunctionalGroup | TransactionSet | InterchangeNote | EdiFinding


class Numbers:
    """Control numbers met so far. Rising runs cost nothing to remember, so a million sets stay flat in memory."""

    __slots__ = ("_firsts", "_lasts", "_others")

    def __init__(self) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._others: set[str | int] = set()

    def repeats(self, text: str) -> bool:
        """Whether the number was met before; it is remembered."""
        number: int | str = int(text) if text.isascii() and text.isdigit() else text
        if isinstance(number, int):
            if not self._lasts or number > self._lasts[-1] + 1:
                self._firsts.append(number)
                self._lasts.append(number)
                return False
            if number == self._lasts[-1] + 1:
                self._lasts[-1] = number
                return False
            run = bisect_right(self._firsts, number) - 1
            if run >= 0 and number <= self._lasts[run]:
                return True
        known = number in self._others
        self._others.add(number)
        return known


def same_number(a: str, b: str) -> bool:
    """Whether two control numbers are one, leading zeros aside."""
    return a == b or (_is_number(a) and _is_number(b) and int(a) == int(b))


class Walk:
    """Takes envelope segments and the bodies between them, in order, and gives the events."""

    __slots__ = (
        "_body", "_group", "_groups", "_gs06", "_interchange", "_isa13", "_set", "_sets", "_st02", "last",
    )  # fmt: skip

    def __init__(self) -> None:
        self._interchange: Interchange | None = None
        self._group: FunctionalGroup | None = None
        self._set: TransactionSet | None = None
        self._body: list[str] = []
        self._groups = self._sets = 0
        self._isa13: set[tuple[str, str, str]] = set()
        self._gs06 = Numbers()
        self._st02 = Numbers()
        self.last = 0

    def body(self, segments: list[str], at: int) -> Iterator[EdiFinding]:
        """Segments that open and close nothing; `at` is the position of the first."""
        if self._set is not None:
            self._body += segments
            if len(self._body) > MOST_SEGMENTS_IN_SET:
                because = f"the transaction set has more than {MOST_SEGMENTS_IN_SET} segments"
                raise Unreadable("LENGTH", because)
            return
        where = "between groups" if self._group is None else "between transaction sets"
        for position, segment in enumerate(segments, at):
            tag = "".join(filter(str.isalnum, segment[:3]))
            yield _finding(position, tag, "ORDER", f"a segment '{tag}' stands {where}, where none may stand")

    def take(self, elements: list[str], delimiters: Delimiters, at: int) -> Iterator[Event]:
        """One envelope segment, split; `at` is its position."""
        match elements[0]:
            case "ISA":
                yield from self._isa(elements, delimiters, at)
            case "IEA":
                yield from self._iea(elements, at)
            case "TA1":
                yield from self._ta1(elements, at)
            case "GS":
                yield from self._gs(elements, at)
            case "GE":
                yield from self._ge(elements, at)
            case "ST":
                yield from self._st(elements, at)
            case "SE":
                yield from self._se(elements, at)
            case tag:
                yield _finding(at, tag, "UNKNOWN", f"'{tag}' is not a segment that we know")

    def end(self) -> Iterator[EdiFinding]:
        """The file is over."""
        yield from self._close_interchange(self.last)

    def _isa(self, elements: list[str], delimiters: Delimiters, at: int) -> Iterator[Event]:
        yield from self._close_interchange(at)
        if len(elements) != 17:
            raise Unreadable("LENGTH", "an ISA segment does not have its sixteen elements")
        e = elements
        self._interchange = interchange = Interchange(
            e[5], e[6].strip(), e[7], e[8].strip(), e[9], e[10], e[12], e[13], e[15], delimiters, at
        )
        self._groups = 0
        self._gs06 = Numbers()
        if dates.short_day(e[9]) is None:
            yield _finding(at, "ISA", "DATE", f"ISA09 says {e[9]!r}, which is not a day (YYMMDD)", 9)
        if dates.clock(e[10]) is None:
            yield _finding(at, "ISA", "DATE", f"ISA10 says {e[10]!r}, which is not a time (HHMM)", 10)
        if e[12] not in ("00501", "00401"):
            yield _finding(at, "ISA", "UNKNOWN", f"ISA12 says version {e[12]!r}; we read 00501 and 00401", 12)
        if not _is_number(e[13]):
            yield _finding(at, "ISA", "CONTROL_NUMBER", f"ISA13 says {e[13]!r}, which is not nine digits", 13)
        if e[15] not in ("P", "T"):
            yield _finding(at, "ISA", "CODE", f"ISA15 says {e[15]!r}; it may say P or T", 15)
        key = (interchange.isa06, interchange.isa08, e[13])
        if key in self._isa13:
            because = f"the interchange control number {e[13]} (ISA13) is used twice in this file"
            yield _finding(at, "ISA", "REPEATED", because, 13)
        self._isa13.add(key)
        yield interchange

    def _iea(self, elements: list[str], at: int) -> Iterator[EdiFinding]:
        yield from self._close_group(at)
        interchange, self._interchange = self._interchange, None
        if interchange is None:
            yield _finding(at, "IEA", "ORDER", "an IEA closes an interchange that was not opened")
            return
        yield from _counted(elements, at, self._groups, "the interchange", "groups")
        yield from _closed(elements, at, interchange.isa13, "ISA13")

    def _ta1(self, elements: list[str], at: int) -> Iterator[Event]:
        if self._interchange is None or self._group is not None:
            yield _finding(at, "TA1", "ORDER", "a TA1 may stand only in an interchange and outside of its groups")
        if self._interchange is not None:
            yield InterchangeNote(self._interchange, elements, at)

    def _gs(self, elements: list[str], at: int) -> Iterator[Event]:
        yield from self._close_group(at)
        if self._interchange is None:
            yield _finding(at, "GS", "ORDER", "a group begins outside of an interchange")
            return
        self._groups += 1
        self._sets = 0
        self._st02 = Numbers()
        e = elements + [""] * 8
        self._group = FunctionalGroup(self._interchange, e[1], e[2], e[3], e[4], e[5], e[6], e[8], at)
        if e[1] not in GUIDES:
            because = f"GS01 says {e[1]!r}; we read BE (enrollments) and FA (acknowledgments)"
            yield _finding(at, "GS", "UNKNOWN", because, 1)
        elif e[8] not in GUIDES[e[1]]:
            yield _finding(at, "GS", "UNKNOWN", f"GS08 says {e[8]!r}, a guide that we do not read", 8)
        if dates.day(e[4]) is None:
            yield _finding(at, "GS", "DATE", f"GS04 says {e[4]!r}, which is not a day (CCYYMMDD)", 4)
        if dates.clock(e[5]) is None:
            yield _finding(at, "GS", "DATE", f"GS05 says {e[5]!r}, which is not a time (HHMM)", 5)
        if not _is_number(e[6]):
            yield _finding(at, "GS", "CONTROL_NUMBER", f"GS06 says {e[6]!r}, not one to nine digits", 6)
        elif self._gs06.repeats(e[6]):
            because = f"the group control number {e[6]} (GS06) is used twice in this interchange"
            yield _finding(at, "GS", "REPEATED", because, 6)
        yield self._group

    def _ge(self, elements: list[str], at: int) -> Iterator[EdiFinding]:
        yield from self._close_set(at)
        group, self._group = self._group, None
        if group is None:
            yield _finding(at, "GE", "ORDER", "a GE closes a group that was not opened")
            return
        yield from _counted(elements, at, self._sets, "the group", "transaction sets")
        yield from _closed(elements, at, group.gs06, "GS06")

    def _st(self, elements: list[str], at: int) -> Iterator[Event]:
        yield from self._close_set(at)
        if self._group is None:
            yield _finding(at, "ST", "ORDER", "a transaction set begins outside of a group")
            return
        self._sets += 1
        e = elements + [""] * 3
        group = self._group
        self._body = []
        self._set = TransactionSet(group, e[1], e[2], e[3], self._body, at)
        if e[1] not in SETS.get(group.gs01, {e[1]}):
            because = f"ST01 says {e[1]!r}, which does not belong in a group {group.gs01}"
            yield _finding(at, "ST", "UNKNOWN", because, 1)
        if (e[3] or e[1] == "834") and e[3] != group.gs08:
            yield _finding(at, "ST", "UNKNOWN", f"ST03 says {e[3]!r}, GS08 says {group.gs08!r}", 3)
        if not 4 <= len(e[2]) <= 9:
            because = f"ST02 says {e[2]!r}; a control number has four to nine characters"
            yield _finding(at, "ST", "CONTROL_NUMBER", because, 2)
        elif self._st02.repeats(e[2]):
            because = f"the set control number {e[2]} (ST02) is used twice in this group"
            yield _finding(at, "ST", "REPEATED", because, 2)

    def _se(self, elements: list[str], at: int) -> Iterator[Event]:
        transaction, self._set = self._set, None
        if transaction is None:
            yield _finding(at, "SE", "ORDER", "an SE closes a transaction set that was not opened")
            return
        yield from _counted(elements, at, len(transaction.segments) + 2, "the set", "segments")
        if elements[2:3] != [transaction.st02]:
            yield from _closed(elements, at, transaction.st02, "ST02", exactly=True)
        yield transaction

    def _close_set(self, at: int) -> Iterator[EdiFinding]:
        if self._set is not None:
            because = f"the transaction set {self._set.st02} is not closed by an SE"
            yield _finding(at, "SE", "MISSING", because)
        self._set = None
        self._body = []

    def _close_group(self, at: int) -> Iterator[EdiFinding]:
        yield from self._close_set(at)
        if self._group is not None:
            yield _finding(at, "GE", "MISSING", f"the group {self._group.gs06} is not closed by a GE")
        self._group = None

    def _close_interchange(self, at: int) -> Iterator[EdiFinding]:
        yield from self._close_group(at)
        if self._interchange is not None:
            because = f"the interchange {self._interchange.isa13} is not closed by an IEA"
            yield _finding(at, "IEA", "MISSING", because)
        self._interchange = None


def _finding(at: int, tag: str, code: Code, because: str, element: int | None = None) -> EdiFinding:
    return EdiFinding(at, tag, element, code, because)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9


def _counted(elements: list[str], at: int, count: int, what: str, things: str) -> Iterator[EdiFinding]:
    tag, said = elements[0], elements[1] if len(elements) > 1 else ""
    if not (_is_number(said) and int(said) == count):
        because = f"{tag}01 says {said or 'nothing'}, {what} has {count} {things}"
        yield _finding(at, tag, "COUNT", because, 1)


def _closed(elements: list[str], at: int, opened: str, header: str, *, exactly: bool = False) -> Iterator[EdiFinding]:
    tag, said = elements[0], elements[2] if len(elements) > 2 else ""
    if exactly or not same_number(said, opened):
        because = f"{tag}02 says {said or 'nothing'}, {header} says {opened}"
        yield _finding(at, tag, "CONTROL_NUMBER", because, 2)
