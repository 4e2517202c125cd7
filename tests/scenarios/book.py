"""The policy book read: its `scenario` blocks, line by line, each with the page and line it stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

BOOK = Path(__file__).parents[2] / "docs" / "policy"
_LINE = re.compile(r"(?P<day>\d{4}-\d{2}-\d{2})\s+(?P<verb>[a-z][a-z-]*)(?P<rest>.*)")


class Misprint(AssertionError):
    """What is wrong with a line of the book, with page and line."""


@dataclass(frozen=True, slots=True)
class Line:
    """`DAY verb words [=> expected]`; `expected` "" where nothing is expected but that it may be done."""

    page: str
    number: int
    day: date
    verb: str
    words: tuple[str, ...]
    expected: str
    text: str

    def wrong(self, because: str) -> Misprint:
        return Misprint(f"{self.page}:{self.number}: {self.text}\n    {because}")


@dataclass(frozen=True, slots=True)
class Block:
    """One scenario: a world of its own."""

    page: str
    number: int
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return f"{self.page}:{self.number}"


def blocks(page: Path) -> Iterator[Block]:
    """The scenario blocks of one page, in order. Raises Misprint for a line that cannot be read."""
    begun, lines = 0, list[Line]()
    for number, text in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if not begun:
            begun = number if text.strip() == "```scenario" else 0
        elif text.strip() == "```":
            yield Block(page.name, begun, tuple(lines))
            begun, lines = 0, []
        elif text.strip() and not text.lstrip().startswith("#"):
            lines.append(_line(page.name, number, text.strip()))
    if begun:
        raise Misprint(f"{page.name}:{begun}: the block has no end")


def _line(page: str, number: int, text: str) -> Line:
    try:
        found = _LINE.fullmatch(text)
        if found is None:
            raise ValueError("a line is `DAY verb words`, with `=> sentence` where it asks")
        words, arrow, expected = found["rest"].partition("=>")
        if arrow and not expected.strip():
            raise ValueError("nothing stands after the arrow")
        day = date.fromisoformat(found["day"])
    except ValueError as error:
        raise Misprint(f"{page}:{number}: {text}\n    {error}") from None
    return Line(page, number, day, found["verb"], tuple(words.split()), expected.strip(), text)


def pages() -> list[Path]:
    return sorted(BOOK.glob("*.md"))
