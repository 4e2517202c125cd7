"""Every field of a comparison as a sentence one can say on the phone; none repeats what is on file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aor.matching.addresses import Place
from aor.matching.dates import Slip
from aor.matching.fields import Field, Near, Plainly
from aor.matching.names import Likeness

NOBODY = "nobody on file resembles this person"
_STRONG, _SOME = 8.0, 1.5  # bits
_NAMES = {
    Likeness.SAME: "is the same",
    Likeness.WRITTEN: "is the same, written otherwise",
    Likeness.FORMER: "is one that the person bore before",
    Likeness.ORDER: "has the same words in another order",
    Likeness.PART: "is a part of the other",
    Likeness.MIDDLE: "stands among the other's middle names",
    Likeness.NICKNAME: "is a short form or another spelling of the other",
    Likeness.TYPO: "differs by one letter",
    Likeness.SOUND: "is spelled otherwise and sounds alike",
    Likeness.NEAR: "resembles the other, no more",
    Likeness.INITIAL: "agrees in its first letter only",
    Likeness.MISSING: "was not given on both sides",
    Likeness.OTHER: "is another",
}
_SLIPS = {
    Slip.NONE: "is the same",
    Slip.DAY_MONTH: "has day and month exchanged",
    Slip.TRANSPOSED: "has two digits exchanged",
    Slip.DIGIT: "differs by one digit",
    Slip.CENTURY: "agrees but for the century",
    Slip.DECADE: "agrees but for the decade, as of a parent and a child",
    Slip.NEAR: "is a day apart",
    Slip.TWO_PARTS: "agrees in two of year, month and day",
    Slip.YEAR: "agrees in the year only",
    Slip.OTHER: "is another",
    Slip.MISSING: "was not given on both sides",
}
_ORDER = {Plainly.SAME: "is the same", Plainly.OTHER: "is exchanged: first and last stand in each other's place"}
_PLAINLY = {Plainly.SAME: "is the same", Plainly.OTHER: "is another", Plainly.MISSING: "was not given on both sides"}
_NEAR = {
    Near.SAME: "is the same",
    Near.WEEK: "is within a week",
    Near.MONTH: "is within a month",
    Near.OTHER: "is more than a month away",
    Near.MISSING: "was not given on both sides",
}
_PLACES = {
    Place.SAME: "is the same house",
    Place.ZIP: "agrees in the ZIP code only",
    Place.OTHER: "is another",
    Place.MISSING: "was not given on both sides",
}
_WORDS: Mapping[Field, Mapping[Any, str]] = {
    Field.LAST_NAME: _NAMES, Field.FIRST_NAME: _NAMES, Field.ORDER: _ORDER, Field.MIDDLE_NAME: _NAMES,
    Field.SUFFIX: _PLAINLY, Field.BIRTH_DATE: _SLIPS, Field.CARRIER: _PLAINLY, Field.DAY: _NEAR,
    Field.ADDRESS: _PLACES,
}  # fmt: skip


def because(field: Field, level: str, bits: float) -> str:
    """`last name: differs by one letter; speaks somewhat for it`."""
    return f"{field.value}: {_WORDS[field][level]}{_weight(bits)}"


def odds(score: float) -> str:
    """What a score means: `the odds are more than a thousand to one`."""
    if score >= 20:
        return "everything of weight agrees: the odds are more than a million to one that this is the person"
    return f"the odds are about {_round(2 ** min(abs(score), 20.0))} to one that this is {_who(score)}"


def _who(score: float) -> str:
    return "the person" if score >= 0 else "somebody else"


def _round(odds_: float) -> str:
    """Two digits say enough."""
    step = 10 ** max(len(str(int(odds_))) - 2, 0)
    return f"{round(odds_ / step) * step:,}"


def _weight(bits: float) -> str:
    if abs(bits) < 0.05:
        return ""
    strength = "strongly" if abs(bits) >= _STRONG else "somewhat" if abs(bits) >= _SOME else "a little"
    return f"; speaks {strength} {'for' if bits > 0 else 'against'} it"
