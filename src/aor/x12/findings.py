"""What is wrong with an interchange, in words that can be read to the person who sent it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "CODE", "CONTROL_NUMBER", "COUNT", "DATE", "DELIMITER", "EMPTY", "LENGTH", "MISSING", "MORE", "ORDER",
    "PRIVATE", "REPEATED", "TRUNCATED", "UNKNOWN",
]  # fmt: skip

MOST = 100


@dataclass(frozen=True, slots=True)
class EdiFinding:
    """One thing wrong. `segment` is the 1-based position in the file, `element` the element's number, if any."""

    segment: int
    tag: str
    element: int | None
    code: Code
    because: str


class Unreadable(Exception):
    """Reading cannot go on after this."""

    def __init__(self, code: Code, because: str) -> None:
        super().__init__(because)
        self.code = code
        self.because = because


def capped[T](events: Iterable[T | EdiFinding], *, most: int = MOST) -> Iterator[T | EdiFinding]:
    """The events until `most` findings were met, then one that says that there are more."""
    met = 0
    for event in events:
        yield event
        if isinstance(event, EdiFinding):
            met += 1
            if met >= most:
                because = f"reading stopped after {most} findings; there may be more"
                yield EdiFinding(event.segment, event.tag, None, "MORE", because)
                return
