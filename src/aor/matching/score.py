"""Claim and candidate weighed field by field, in bits; the best of several chosen, or left to an officer.

A field's weight is log2(m / u): m how often it looks so when both are one person, u how often when they are not
(Fellegi and Sunter, A Theory for Record Linkage, 1969). The score is the sum of the weights less log2 of the persons
on file: at 10 the odds are a thousand to one that this is the person, chance likeness among all on file included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import log2

from aor.matching import doubts, explain, fields, names
from aor.matching.addresses import Place
from aor.matching.dates import Slip
from aor.matching.doubts import Doubt
from aor.matching.fields import Called, Field, Levels, Near, Plainly, Reading
from aor.matching.frequencies import Frequencies
from aor.matching.names import Likeness, Name
from aor.terms.person import PersonClaim, PersonFacts

DECIDE = 10.0  # bits, a thousand to one: from here no officer is needed, where nothing is in doubt
REVIEW = -12.0  # bits below which a candidate is somebody else
MARGIN = 7.0  # bits by which the best must lead the next
PERSON = 8.0  # bits that first name and birth date must bring themselves: the rest is shared by a household

type _Rates = Mapping[Likeness, tuple[float, float]]
# m, and u beside the share of the name on file
_FIRST: _Rates = {
    Likeness.SAME: (0.80, 0.0), Likeness.WRITTEN: (0.06, 0.0002), Likeness.ORDER: (0.003, 0.0),
    Likeness.PART: (0.04, 0.003), Likeness.MIDDLE: (0.01, 0.004), Likeness.NICKNAME: (0.03, 0.004),
    Likeness.TYPO: (0.03, 0.003), Likeness.SOUND: (0.01, 0.006), Likeness.NEAR: (0.01, 0.01),
    Likeness.INITIAL: (0.01, 0.07), Likeness.OTHER: (0.005, 0.9),
}  # fmt: skip
_LAST: _Rates = {
    Likeness.SAME: (0.80, 0.0), Likeness.WRITTEN: (0.06, 0.0002), Likeness.FORMER: (0.02, 0.0),
    Likeness.ORDER: (0.005, 0.0), Likeness.PART: (0.03, 0.001), Likeness.MIDDLE: (0.01, 0.004),
    Likeness.NICKNAME: (0.01, 0.002), Likeness.TYPO: (0.03, 0.002), Likeness.SOUND: (0.015, 0.004),
    Likeness.NEAR: (0.01, 0.01), Likeness.INITIAL: (0.002, 0.06), Likeness.OTHER: (0.03, 0.9),
}  # fmt: skip
_SAME_BIRTH_DATE = 0.92
_SLIP = {
    Slip.DAY_MONTH: log2(0.01 * 20_000), Slip.TRANSPOSED: log2(0.008 / 0.0003), Slip.DIGIT: log2(0.02 / 0.0018),
    Slip.CENTURY: log2(0.002 * 20_000), Slip.DECADE: log2(0.004 / 0.0004), Slip.NEAR: log2(0.003 / 0.0001),
    Slip.TWO_PARTS: log2(0.006 / 0.006), Slip.YEAR: log2(0.004 / 0.02), Slip.OTHER: log2(0.01 / 0.97),
    Slip.MISSING: 0.0,
}  # fmt: skip
_MIDDLE = {Likeness.SAME: 2.0, Likeness.INITIAL: 1.5, Likeness.OTHER: -1.5, Likeness.MISSING: 0.0}
_SUFFIX = {Plainly.SAME: 1.0, Plainly.OTHER: -3.0, Plainly.MISSING: 0.0}
_ORDER = {Plainly.SAME: 0.0, Plainly.OTHER: -4.0}
_SAME_CARRIER, _OTHER_CARRIER = 0.93, log2(0.07 / 0.75)
_DAY = {Near.SAME: 4.3, Near.WEEK: 0.7, Near.MONTH: -1.3, Near.OTHER: -2.6, Near.MISSING: 0.0}
_ADDRESS = {Place.SAME: 10.0, Place.ZIP: 3.0, Place.OTHER: -2.5, Place.MISSING: 0.0}


class Verdict(StrEnum):
    """One candidate: the same person, perhaps, or another."""

    SAME = "same"
    PERHAPS = "perhaps"
    OTHER = "other"


class Outcome(StrEnum):
    """One claim: decided by rule; an officer chooses; nobody on file resembles it, which an officer confirms."""

    DECIDED = "decided"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FieldComparison:
    """One field: how nearly it agreed, its weight in bits, and a sentence that repeats no personal data."""

    field: Field
    level: str
    bits: float
    because: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claim beside one candidate. `score` in bits; `doubts` are what forbids to decide without an officer."""

    key: str
    score: float
    fields: tuple[FieldComparison, ...]
    doubts: tuple[Doubt, ...]
    verdict: Verdict

    def as_json(self) -> dict[str, object]:
        """No personal data: key, score, verdict, doubts, and of each field its level, bits and sentence."""
        return {
            "key": self.key,
            "score": round(self.score, 1),
            "verdict": self.verdict.value,
            "doubts": [doubt.value for doubt in self.doubts],
            "fields": [
                {"field": one.field.value, "level": one.level, "bits": round(one.bits, 1), "because": one.because}
                for one in self.fields
            ],
        }


@dataclass(frozen=True, slots=True)
class Match:
    """What was found for a claim. `best` and `runner_up` are None where nobody comes near; `why` is for the phone."""

    outcome: Outcome
    best: Comparison | None
    runner_up: Comparison | None
    why: tuple[str, ...]


@dataclass(slots=True)
class _Weighed:
    """One candidate before anything is put in words; `bits` in the order of `Field`."""

    person: PersonFacts
    name: Name
    levels: Levels
    bits: tuple[float, ...]
    score: float


def compare(claim: PersonClaim, candidate: PersonFacts, frequencies: Frequencies) -> Comparison:
    """The claim beside one person on file, every field weighed and explained."""
    reading = fields.read(claim)
    name, called = _called(reading, candidate)
    return _compared(reading, _weigh(reading, candidate, name, called, frequencies), frequencies)


def choose(claim: PersonClaim, candidates: Iterable[PersonFacts], frequencies: Frequencies) -> Match:
    """The person meant, an officer's choice, or nobody; the order of the candidates does not matter."""
    reading = fields.read(claim)
    weighed = [
        _weigh(reading, candidate, name, called, frequencies)
        for candidate in candidates
        for name, called in (_called(reading, candidate),)
        if called != fields.STRANGER
    ]
    weighed.sort(key=lambda one: (-one.score, one.person.key))
    shown = [_compared(reading, one, frequencies) for one in weighed[:2] if one.score >= REVIEW]
    if not shown:
        return Match(Outcome.NONE, None, None, (explain.NOBODY,))
    best, runner_up = shown[0], shown[1] if len(shown) > 1 else None
    found = best.doubts
    if runner_up is not None and best.score - runner_up.score < MARGIN:
        found = (*found, Doubt.CLOSE)
    if found:
        return Match(Outcome.REVIEW, best, runner_up, tuple(doubt.value for doubt in found))
    return Match(Outcome.DECIDED, best, runner_up, (explain.odds(best.score),))


def _called(reading: Reading, person: PersonFacts) -> tuple[Name, Called]:
    name = names.read(person.first_name, person.middle_name, person.last_name)
    return name, fields.compare_names(reading.name, name, person.former_last_names)


def _weigh(reading: Reading, person: PersonFacts, name: Name, called: Called, frequencies: Frequencies) -> _Weighed:
    levels = fields.compare(reading, person, name, called)
    bits = (
        _name_bits(_LAST, levels.last_name, frequencies.last_name(name.family)),
        _name_bits(_FIRST, levels.first_name, frequencies.first_name(name.given)),
        _ORDER[levels.order],
        _MIDDLE[levels.middle_name],
        _SUFFIX[levels.suffix],
        _birth_bits(levels.birth_date, person, frequencies),
        _carrier_bits(levels.carrier, reading.claim.hios_issuer_id, frequencies),
        _DAY[levels.day],
        _ADDRESS[levels.address],
    )
    return _Weighed(person, name, levels, bits, sum(bits) - log2(frequencies.persons))


def _compared(reading: Reading, weighed: _Weighed, frequencies: Frequencies) -> Comparison:
    """In words, with its doubts."""
    found = [*doubts.found(reading, weighed.levels, weighed.name, frequencies)]
    by_field = dict(zip(Field, weighed.bits, strict=True))
    if by_field[Field.FIRST_NAME] + by_field[Field.BIRTH_DATE] < PERSON:
        found.append(Doubt.COMMON)
    if weighed.score < DECIDE:
        found.append(Doubt.WEAK)
    other = weighed.score < REVIEW or weighed.levels[:3] == fields.STRANGER
    verdict = Verdict.OTHER if other else Verdict.PERHAPS if found else Verdict.SAME
    compared = tuple(
        FieldComparison(field, level.value, bits, explain.because(field, level.value, bits))
        for (field, bits), level in zip(by_field.items(), weighed.levels, strict=True)
    )
    return Comparison(weighed.person.key, weighed.score, compared, tuple(found), verdict)


def _name_bits(rates: _Rates, likeness: Likeness, share: float) -> float:
    if likeness is Likeness.MISSING:
        return 0.0
    m, chance = rates[likeness]
    apart, by_chance = rates[Likeness.OTHER]
    if likeness in (Likeness.OTHER, Likeness.INITIAL):
        return log2(m / chance)
    # where half the market bears one name, its likeness still says no less than another name
    return max(log2(m / (chance + share)), log2(apart / by_chance))


def _birth_bits(slip: Slip, person: PersonFacts, frequencies: Frequencies) -> float:
    if slip is not Slip.NONE:
        return _SLIP[slip]
    return log2(_SAME_BIRTH_DATE / frequencies.birth_date(person.birth_date))


def _carrier_bits(agreed: Plainly, hios_issuer_id: str, frequencies: Frequencies) -> float:
    if agreed is Plainly.SAME:
        return log2(_SAME_CARRIER / frequencies.carrier(hios_issuer_id))
    return _OTHER_CARRIER if agreed is Plainly.OTHER else 0.0
