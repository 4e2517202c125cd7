"""How often names, birth dates and carriers occur: agreement on a rare name weighs more than on a common one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from aor.matching import names
from aor.terms.person import PersonFacts

DAYS = 20_000  # birth dates that are about equally likely
KNOWN = 4  # persons who bear a name, from which it is no slip of the pen


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Counts among `persons` on file; names by their plain words.

    `birth_dates` need only hold those that are commoner than others, such as 1 January.
    """

    persons: int
    first_names: Mapping[str, int]
    last_names: Mapping[str, int]
    birth_dates: Mapping[date, int]
    carriers: Mapping[str, int]

    @classmethod
    def counted(
        cls,
        persons: int,
        first_names: Iterable[tuple[str, int]],
        last_names: Iterable[tuple[str, int]],
        birth_dates: Iterable[tuple[date, int]],
        carriers: Iterable[tuple[str, int]],
    ) -> Self:
        """From names as they are written and how often: four queries with GROUP BY."""
        return cls(max(persons, 1), _words(first_names), _words(last_names), dict(birth_dates), dict(carriers))

    @classmethod
    def of(cls, persons: Iterable[PersonFacts]) -> Self:
        """From the persons themselves."""
        people = list(persons)
        return cls.counted(
            len(people),
            Counter(person.first_name for person in people).items(),
            Counter(person.last_name for person in people).items(),
            Counter(person.birth_date for person in people if person.birth_date).items(),
            Counter(one for person in people for one in person.hios_issuer_ids).items(),
        )

    def first_name(self, words: tuple[str, ...]) -> float:
        """The share of persons who bear the rarest of these words as a given name."""
        return self._share(self.first_names, words)

    def last_name(self, words: tuple[str, ...]) -> float:
        return self._share(self.last_names, words)

    def birth_date(self, day: date | None) -> float:
        return max(self.birth_dates.get(day, 0) / self.persons if day else 0.0, 1 / DAYS)

    def carrier(self, hios_issuer_id: str) -> float:
        return max(self.carriers.get(hios_issuer_id, 0), 1) / self.persons

    def _share(self, counts: Mapping[str, int], words: tuple[str, ...]) -> float:
        count = counts.get(words[0], 0) if len(words) == 1 else min((counts.get(w, 0) for w in words), default=0)
        return (count or 1) / self.persons

    def known(self, words: set[str]) -> set[str]:
        """Those of the words that people on file bear as a name."""
        return {
            word
            for counts in (self.first_names, self.last_names)
            for word in counts.keys() & words
            if counts[word] >= KNOWN
        }


def _words(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for text, count in counts:
        for word in set(names.words(text)):
            found[word] += count
    return dict(found)
