"""Carriers as brokers write them: short, misspelled, without the company's form."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping

ALIKE = 0.84  # of 1; below it a name is somebody else's
MARGIN = 0.04  # by which the best must be ahead of the second
FORMS = frozenset({"inc", "incorporated", "llc", "corp", "corporation", "co", "company", "the", "of", "and", "a"})
GENERAL = FORMS | {"insurance", "health", "plan", "plans", "minnesota", "mn", "medical", "dental", "hmo", "ppo"}


class CarrierNames:
    """The known carriers, each with the names it also goes by."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self.written: dict[tuple[str, ...], set[str]] = {}
        for name, aliases in names.items():
            for one in (name, *aliases):
                self.written.setdefault(_words(one), set()).add(name)
        self.written.pop((), None)
        self.read = functools.lru_cache(maxsize=1024)(self._read)

    def _read(self, text: str) -> tuple[str, tuple[str, ...]]:
        """The carrier that is meant, or "" and those that could be, at most three."""
        said = _words(text)
        for found in (self.written.get(said, set()), self._holding(said)):
            if found:
                return (min(found), ()) if len(found) == 1 else ("", tuple(sorted(found)[:3]))
        ranked = self._ranked(said)
        if not ranked or ranked[0][0] < ALIKE:
            return "", tuple(name for likeness, name in ranked[:2] if likeness > 0.6)
        if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < MARGIN:
            return "", tuple(name for _, name in ranked[:2])
        return ranked[0][1], ()

    def _holding(self, said: tuple[str, ...]) -> set[str]:
        """The carriers whose names hold every word that was said, or are held by it, general words apart."""
        telling = {word for word in said if word not in GENERAL}
        found: set[str] = set()
        for words, names in self.written.items():
            own = {word for word in words if word not in GENERAL}
            if telling and own and (telling <= own or own <= telling):
                found |= names
        return found

    def _ranked(self, said: tuple[str, ...]) -> list[tuple[float, str]]:
        best: dict[str, float] = {}
        for words, names in self.written.items():
            likeness = difflib.SequenceMatcher(None, "".join(words), "".join(said)).ratio()
            for name in names:
                best[name] = max(best.get(name, 0), likeness)
        return sorted(((likeness, name) for name, likeness in best.items()), reverse=True)


def _words(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    return tuple(word for word in words if word not in FORMS)
