"""Social Security numbers stop at the door: nothing behind the reader ever sees one (readings, R11)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from aor.x12.separators import Delimiters

KeepTaxId = Callable[[str], bool]

MASK = "XXX-XX-XXXX"
_WRITTEN_OUT = re.compile(r"\d{3}-\d{2}-\d{4}", re.ASCII)
_LIKELY = re.compile(r"\d{3}[- ]?\d{2}[- ]?\d{4}", re.ASCII)


def keep_none(tax_id: str) -> bool:
    """No tax id is that of a known agency."""
    return False


def looks_private(text: str) -> bool:
    """Whether a value could be a Social Security number, dashes or not."""
    return _LIKELY.fullmatch(text.strip()) is not None


def strip_private(segments: list[str], delimiters: Delimiters, keep_tax_id: KeepTaxId = keep_none) -> list[str]:
    """The same segments, as many, with every element that holds or may hold a Social Security number emptied.

    NM109 under 34 (and of a person under FI), REF*SY, N104 under 34, and under FI in 1000A, and in 1000C unless
    `keep_tax_id` knows it; the copy of bad data in a 999 or 997 where it looks like one. REF*0F and REF*17 written
    ddd-dd-dddd become a mask, so that the reader can refuse the file without keeping the number.
    """
    if not _doubtful(delimiters).search(delimiters.terminator + delimiters.terminator.join(segments).upper()):
        return segments
    e = delimiters.element
    find = {"REF": _ref, "NM1": _nm1, f"N1{e}": _n1, "IK4": _bad_data, "AK4": _bad_data}.get
    return [s if (strip := find(s[:3])) is None else strip(s, e, keep_tax_id) for s in segments]


@lru_cache(maxsize=64)
def _doubtful(delimiters: Delimiters) -> re.Pattern[str]:
    """Finds, in upper case, whether any segment may have to be stripped; most blocks have none, and this is quick."""
    e, t = re.escape(delimiters.element), re.escape(delimiters.terminator)
    value = f"[^{e}{t}]*"
    return re.compile(
        rf"{t}(?:"
        rf"N1{e}(?!75|IN){value}{e}{value}{e}\s*(?:FI|34)\s*{e}"
        rf"|N1{e}{value}{e}{value}{e}\s*34\s*{e}"
        rf"|NM1(?:{e}{value}){{7}}{e}\s*(?:34|FI)\s*{e}"
        rf"|REF{e}\s*(?:SY|(?:0F|17)\s*{e}\s*\d\d\d-\d\d-\d\d\d\d)"
        rf"|[IA]K4(?:{e}{value}){{3}}{e}\s*{_LIKELY.pattern})"
    )


def _code(text: str) -> str:
    return text.strip().upper()


def _ref(segment: str, e: str, keep_tax_id: KeepTaxId) -> str:
    elements = segment.split(e)
    if len(elements) < 3:
        return segment
    qualifier = _code(elements[1])
    if qualifier == "SY":
        return e.join(elements[:2])
    if qualifier in ("0F", "17") and _WRITTEN_OUT.fullmatch(elements[2].strip()):
        return e.join([*elements[:2], MASK, *elements[3:]])
    return segment


def _nm1(segment: str, e: str, keep_tax_id: KeepTaxId) -> str:
    elements = segment.split(e)
    if len(elements) < 9:
        return segment
    qualifier = _code(elements[8])
    if qualifier == "34" or (qualifier == "FI" and _code(elements[2]) == "1"):
        elements[8:10] = ["", ""]
        return e.join(elements).rstrip(e)
    return segment


def _n1(segment: str, e: str, keep_tax_id: KeepTaxId) -> str:
    elements = segment.split(e)
    if len(elements) < 5:
        return segment
    entity, qualifier = _code(elements[1]), _code(elements[3])
    private = qualifier == "34" or (
        qualifier == "FI" and (entity == "P5" or (entity in ("BO", "TV") and not keep_tax_id(elements[4].strip())))
    )
    return e.join(elements[:4]) if private else segment


def _bad_data(segment: str, e: str, keep_tax_id: KeepTaxId) -> str:
    elements = segment.split(e)
    return e.join(elements[:4]) if len(elements) > 4 and looks_private(elements[4]) else segment
