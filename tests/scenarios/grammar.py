"""The grammar of a line: a usage such as `enroll POLICY CARRIER from DAY [until DAY] [dental]` reads its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aor.terms.month import Month
from aor.terms.npn import Npn


def _named(pattern: str, what: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"{what}, not {text!r}")
        return text

    return read


KINDS: dict[str, Callable[[str], Any]] = {
    "NPN": Npn,
    "DAY": date.fromisoformat,
    "YEAR": int,
    "N": int,
    "MONTH": Month.parse,
    "CARRIER": _named(r"[A-Z][A-Za-z]+", "a carrier is named by a word"),
    "POLICY": _named(r"P\w+", "a policy is named P and more"),
    "HOUSEHOLD": _named(r"H\w*", "a household is named H or H and more"),
    "WHOM": _named(r"[PH]\w*", "a household H... or a policy P... is meant"),
    "RULE": _named(r"[A-Z_]+", "a rule has a code in capitals"),
    "NAME": _named(r"[a-z_]+", "a parameter has a name in small letters"),
    "WORD": str,
    "TEXT": str,
}


@dataclass(frozen=True, slots=True)
class Part:
    """Words that must stand there, then a value of a kind, if any."""

    words: tuple[str, ...]
    kind: str
    optional: bool

    @property
    def name(self) -> str:
        return "_".join(self.words).replace("-", "_") or self.kind.lower()


def parts(usage: str) -> list[Part]:
    result: list[Part] = []
    for group, plain in re.findall(r"\[([^\]]+)\]|((?:[a-z-]+ )*[A-Z]+)", usage):
        tokens = (group or plain).split()
        kind = tokens.pop() if tokens[-1].isupper() else ""
        result.append(Part(tuple(tokens), kind, bool(group)))
    return result


def read(usage: str, words: Sequence[str]) -> dict[str, Any]:
    """The values of the words by name. Raises ValueError with what is wrong, in plain words."""
    left, values = list(words), dict[str, Any]()
    grammar = parts(usage)
    for part in grammar:
        if not part.optional:
            values[part.name] = _take(part, left, usage)
    open_parts = [part for part in grammar if part.optional]
    while left:
        part = next((p for p in open_parts if tuple(left[: len(p.words)]) == p.words), None)
        if part is None:
            raise ValueError(f"{' '.join(left)!r} is not understood; the usage is: {usage}")
        open_parts.remove(part)
        values[part.name] = _take(part, left, usage)
    return values


def _take(part: Part, left: list[str], usage: str) -> Any:
    if tuple(left[: len(part.words)]) != part.words:
        raise ValueError(f"`{' '.join(part.words)}` is missing; the usage is: {usage}")
    del left[: len(part.words)]
    if not part.kind:
        return True
    if not left:
        raise ValueError(f"{part.kind} is missing; the usage is: {usage}")
    text = " ".join(left) if part.kind == "TEXT" else left[0]
    del left[: None if part.kind == "TEXT" else 1]
    return KINDS[part.kind](text)
