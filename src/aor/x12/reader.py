"""Interchanges read as a stream: any size in flat memory, any delimiters, every finding that can be given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Literal

from aor.x12 import envelope, privacy, separators
from aor.x12.envelope import Event, FunctionalGroup, InterchangeNote
from aor.x12.findings import EdiFinding, Unreadable, capped
from aor.x12.separators import Delimiters

BLOCK = 1 << 18
LONGEST_SEGMENT = 8192
LONGEST_ELEMENT = 1024

Kind = Literal["834", "999", "TA1", ""]

_BLANKS = " \t\r\n\x00\x1a"
_OPENING = re.compile(rf"[{_BLANKS}]*ISA")


def read_interchanges(
    stream: BinaryIO,
    *,
    keep_tax_id: privacy.KeepTaxId = privacy.keep_none,
    stripped: Callable[[str], object] | None = None,
) -> Iterator[Event]:
    """Headers, whole transaction sets, TA1s and findings of a file, in its order.

    Any `EdiFinding` means that the file is to be refused as a whole. Sets are given without their Social Security
    numbers (`privacy`); `stripped` takes the text of the whole file in that form, piece by piece.
    """
    return capped(events(stream, keep_tax_id=keep_tax_id, stripped=stripped))


def kind_of(stream: BinaryIO) -> Kind:
    """What a file holds: enrollments, 999s or 997s (with or without TA1s), TA1s alone, or nothing that we read."""
    kind: Kind = ""
    for event in read_interchanges(stream):
        if isinstance(event, FunctionalGroup):
            return "834" if event.gs01 == "BE" else "999" if event.gs01 == "FA" else kind
        if isinstance(event, InterchangeNote):
            kind = "TA1"
    return kind


def events(
    stream: BinaryIO, *, keep_tax_id: privacy.KeepTaxId, stripped: Callable[[str], object] | None
) -> Iterator[Event]:
    """As `read_interchanges`, without end to the findings."""
    walk = envelope.Walk()
    position = 1
    try:
        for delimiters, block in _blocks(stream):
            segments = privacy.strip_private(block, delimiters, keep_tax_id)
            if stripped is not None:
                stripped(delimiters.terminator.join(segments) + delimiters.terminator)
            if max(map(len, segments)) > LONGEST_ELEMENT:
                yield from _too_long(segments, delimiters, position)
            yield from _walked(walk, segments, delimiters, position)
            position += len(segments)
            walk.last = position - 1
        yield from walk.end()
    except Unreadable as trouble:
        yield EdiFinding(position, "", None, trouble.code, trouble.because)


def _walked(walk: envelope.Walk, segments: list[str], delimiters: Delimiters, position: int) -> Iterator[Event]:
    e = delimiters.element
    tags = {"ISA", "IEA", "TA1", *(f"{tag}{end}" for tag in ("GS", "GE", "ST", "SE") for end in ("", e))}
    done = 0
    for mark in [i for i, segment in enumerate(segments) if segment[:3] in tags]:
        if mark > done:
            yield from walk.body(segments[done:mark], position + done)
        yield from walk.take(segments[mark].split(e), delimiters, position + mark)
        done = mark + 1
    if done < len(segments):
        yield from walk.body(segments[done:], position + done)


def _too_long(segments: list[str], delimiters: Delimiters, position: int) -> Iterator[EdiFinding]:
    for at, segment in enumerate(segments, position):
        elements = segment.split(delimiters.element)
        if max(map(len, elements)) > LONGEST_ELEMENT or len(segment) > LONGEST_SEGMENT:
            because = f"the segment or one of its elements is too long ({len(segment)} characters)"
            yield EdiFinding(at, elements[0][:3], None, "LENGTH", because)


def _blocks(stream: BinaryIO) -> Iterator[tuple[Delimiters, list[str]]]:
    """Whole segments, many at a time, with the delimiters in force. An ISA always begins a block.

    Bytes become text one to one (Latin-1) until they are cut, so that a block may end anywhere.
    """
    text, at = "", 0
    delimiters: Delimiters | None = None
    another = _OPENING
    while True:
        read = stream.read(BLOCK)
        text = text[at:] + read.decode("latin-1")
        at = 0
        if delimiters is None:
            text = text.removeprefix("\xef\xbb\xbf")
        while True:
            opening = _OPENING.match(text, at)
            if opening is not None:
                start = opening.end() - 3
                if len(text) - start < separators.ISA_LENGTH:
                    break
                delimiters = separators.declared(text[start : start + separators.ISA_LENGTH])
                another = re.compile(rf"{re.escape(delimiters.terminator)}[{_BLANKS}]*ISA")
                at = start
            if delimiters is None:
                break
            following = another.search(text, at)
            end = text.rfind(delimiters.terminator, at) if following is None else following.start()
            if end < at:
                break
            if segments := _cut(text[at:end], delimiters):
                yield delimiters, segments
            at = end + 1
        if not read:
            break
        if delimiters is None and len(text.lstrip(_BLANKS)) >= separators.ISA_LENGTH:
            break
        if len(text) - at > LONGEST_SEGMENT:
            raise Unreadable("LENGTH", f"no segment ends within {LONGEST_SEGMENT} characters")
    yield from _remainder(text[at:], delimiters)


def _remainder(text: str, delimiters: Delimiters | None) -> Iterator[tuple[Delimiters, list[str]]]:
    rest = text.strip(_BLANKS)
    if delimiters is None:
        if not rest:
            raise Unreadable("EMPTY", "the file is empty")
        if rest.startswith("ISA"):
            raise Unreadable("TRUNCATED", "the file ends within its ISA segment")
        raise Unreadable("UNKNOWN", "the file does not begin with an ISA segment; it is not an X12 file")
    if not rest:
        return
    if delimiters.terminator not in "\r\n":
        raise Unreadable("TRUNCATED", "the file ends in the middle of a segment")
    # Editors drop the newline at the end of a file whose segments end with one.
    yield delimiters, [_repaired(rest)]


def _cut(text: str, delimiters: Delimiters) -> list[str]:
    terminator = delimiters.terminator
    for newline in "\r\n":
        if newline in text and newline not in (terminator, delimiters.element, delimiters.component):
            text = text.replace(newline, "")
    segments = text.split(terminator)
    if f"{terminator} " in text:
        segments = [segment.lstrip(" ") for segment in segments]
    if terminator in "\r\n":
        segments = [segment for segment in segments if segment]
    return segments if text.isascii() else [_repaired(segment) for segment in segments]


def _repaired(segment: str) -> str:
    """Text of a segment whose bytes were taken one to one: UTF-8, else Windows' code page, else as it is."""
    if segment.isascii():
        return segment
    raw = segment.encode("latin-1")
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return segment
