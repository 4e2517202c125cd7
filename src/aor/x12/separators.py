"""The four delimiters that each interchange declares in its ISA."""

from __future__ import annotations

from dataclasses import dataclass

from aor.x12.findings import Unreadable

ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
ISA_LENGTH = 106


@dataclass(frozen=True, slots=True)
class Delimiters:
    """`repetition` is empty where the version has none (ISA11 is then a letter, as U in 00401)."""

    element: str = "*"
    repetition: str = "^"
    component: str = ":"
    terminator: str = "~"


def declared(isa: str) -> Delimiters:
    """The delimiters of an ISA segment of 106 characters, its terminator included. Raises Unreadable."""
    element, terminator = isa[3], isa[105]
    elements = isa[4:105].split(element)
    if tuple(map(len, elements)) != ISA_WIDTHS:
        raise Unreadable("LENGTH", "the ISA segment does not have its fixed layout of 106 characters")
    repetition = "" if elements[10].isalnum() else elements[10]
    component = elements[15]
    used = element + repetition + component + terminator
    if len(set(used)) != len(used):
        raise Unreadable("DELIMITER", "the ISA segment declares the same character for two delimiters")
    if not used.isascii() or any(c.isalnum() or c == " " for c in used):
        raise Unreadable("DELIMITER", "the ISA segment declares a letter, digit or space as delimiter")
    return Delimiters(element, repetition, component, terminator)
