"""Answers to spoilt rows, and how good they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log
from random import Random

from aor.matching import keys, score
from aor.matching.frequencies import Frequencies
from aor.matching.score import Outcome
from aor.terms.person import PersonClaim, PersonFacts
from benchmarks.matching import templates
from benchmarks.matching.people import Market
from benchmarks.matching.templates import Asked

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Answer:
    """`shown` are the keys that were decided on, or that an officer sees; the first is the best."""

    outcome: Outcome
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Quality:
    """Counts over rows. `right` of `decided`; `empty`: nobody resembles it, `empty_right`: nobody was meant."""

    rows: int
    decided: int
    right: int
    empty: int
    empty_right: int
    true_pairs: int
    found: int

    @property
    def wrong(self) -> int:
        """Decided without an officer, and not the person meant."""
        return self.decided - self.right

    @property
    def precision(self) -> float:
        """The share of automatic decisions that are right."""
        return 1 - self.wrong / max(self.decided, 1)

    @property
    def bound(self) -> float:
        """The upper bound of the share of automatic decisions that are wrong."""
        return upper_bound(self.wrong, self.decided)

    @property
    def recall(self) -> float:
        """The share of true pairs that were decided rightly or lie before an officer."""
        return self.found / max(self.true_pairs, 1)


class Index:
    """What the shell's indexed table does: persons by blocking key."""

    def __init__(self, persons: Sequence[PersonFacts]) -> None:
        self.persons = persons
        self.by_key: defaultdict[str, list[int]] = defaultdict(list)
        for at, person in enumerate(persons):
            for key in keys.blocking_keys(person):
                self.by_key[key].append(at)

    def candidates(self, claim: PersonClaim) -> list[PersonFacts]:
        found = {at for key in keys.asking_keys(claim) for at in self.by_key.get(key, ())}
        return [self.persons[at] for at in found]


def ask(market: Market, names: Iterable[str], each: int, *, seed: int) -> list[Asked]:
    """So many rows of every template."""
    return [
        templates.ask(name, random, market)
        for name in names
        for random in (Random(f"{seed}:{name}"),)
        for _ in range(each)
    ]


def product(rows: Sequence[Asked], index: Index, frequencies: Frequencies) -> list[Answer]:
    """The product's answers."""
    result = []
    for row in rows:
        match = score.choose(row.claim, index.candidates(row.claim), frequencies)
        shown = tuple(one.key for one in (match.best, match.runner_up) if one)
        result.append(Answer(match.outcome, shown[:1] if match.outcome is Outcome.DECIDED else shown))
    return result


def quality(rows: Sequence[Asked], answers: Sequence[Answer]) -> Quality:
    pairs = list(zip(rows, answers, strict=True))
    decided = [(row, answer) for row, answer in pairs if answer.outcome is Outcome.DECIDED]
    empty = [row for row, answer in pairs if answer.outcome is Outcome.NONE]
    true = [(row, answer) for row, answer in pairs if row.truth is not None]
    return Quality(
        rows=len(pairs),
        decided=len(decided),
        right=sum(row.truth == answer.shown[0] for row, answer in decided),
        empty=len(empty),
        empty_right=sum(row.truth is None for row in empty),
        true_pairs=len(true),
        found=sum(row.truth in answer.shown for row, answer in true),
    )


def by_template(rows: Sequence[Asked], answers: Sequence[Answer]) -> Mapping[str, Quality]:
    parted: defaultdict[str, tuple[list[Asked], list[Answer]]] = defaultdict(lambda: ([], []))
    for row, answer in zip(rows, answers, strict=True):
        parted[row.template][0].append(row)
        parted[row.template][1].append(answer)
    return {name: quality(*part) for name, part in parted.items()}


def upper_bound(wrong: int, of: int) -> float:
    """Clopper and Pearson's upper bound of a share, one-sided (Biometrika 26, 1934)."""
    if wrong >= of:
        return 1.0
    low, high = wrong / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if _at_most(wrong, of, middle) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _at_most(count: int, of: int, share: float) -> float:
    """The chance of at most so many, binomially."""
    return sum(
        exp(lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) + k * log(share) + (of - k) * log(1 - share))
        for k in range(count + 1)
    )
