"""What forbids to decide without an officer, however high the score."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from aor.matching import names
from aor.matching.addresses import Place
from aor.matching.dates import Slip
from aor.matching.fields import Levels, Near, Plainly, Reading
from aor.matching.frequencies import Frequencies
from aor.matching.names import Likeness, Name


class Doubt(StrEnum):
    """Each is a sentence for the phone."""

    FIRST_NAME = "the first name does not agree: it may be a twin or another of the household"
    LAST_NAME = "the last name does not agree: it may have changed, or it is somebody else"
    KNOWN_NAME = "the name as claimed is, or is one letter from, another name that people bear"
    BIRTH_DATE = "the date of birth does not agree: it may be a parent, a child or somebody of the same name"
    SUFFIX = "the suffixes differ: it may be father and son"
    ALONE = "the date of birth has a slip, and neither the address nor carrier and date together bear it out"
    SLIPS = "several fields have slips at once"
    COMMON = "first name and date of birth are too common together to tell one person from another"
    WEAK = "too little agrees to be sure"
    CLOSE = "another person on file agrees nearly as well"


# one digit wrong is not among them: it may be somebody else of the same name (a day, a year, a decade apart)
SLIGHT = frozenset({Slip.DAY_MONTH, Slip.TRANSPOSED, Slip.CENTURY})
_EXACT = frozenset({Likeness.SAME, Likeness.WRITTEN, Likeness.FORMER})
_SLIPPED = frozenset({Likeness.TYPO, Likeness.SOUND})
_UNSURE = frozenset({Likeness.NEAR, Likeness.INITIAL, Likeness.MISSING, Likeness.OTHER})


def found(reading: Reading, levels: Levels, name: Name, frequencies: Frequencies) -> Iterator[Doubt]:
    """The doubts that lie in the fields themselves; `name` is the candidate's."""
    claimed = reading.name
    if levels.first_name in _UNSURE:
        yield Doubt.FIRST_NAME
    if levels.last_name in _UNSURE:
        yield Doubt.LAST_NAME
    if (levels.first_name in _SLIPPED and _another(claimed.given, name.given, frequencies)) or (
        levels.last_name in _SLIPPED and _another(claimed.family, name.family, frequencies)
    ):
        yield Doubt.KNOWN_NAME
    exact = levels.birth_date is Slip.NONE
    if not exact and levels.birth_date not in SLIGHT:
        yield Doubt.BIRTH_DATE
    if levels.suffix is Plainly.OTHER or (not exact and claimed.suffix != name.suffix):
        yield Doubt.SUFFIX
    if levels.birth_date in SLIGHT and not _borne_out(levels):
        yield Doubt.ALONE
    if (levels.first_name not in _EXACT) + (levels.last_name not in _EXACT) + (not exact) > 1:
        yield Doubt.SLIPS


def _another(claimed: tuple[str, ...], filed: tuple[str, ...], frequencies: Frequencies) -> bool:
    """Whether the slip may as well have been made in a name that is not the one on file."""
    slips = {slip for word in claimed if word not in filed for slip in names.slips(word)}
    return not frequencies.known(slips) <= {*filed}


def _borne_out(levels: Levels) -> bool:
    return levels.address is Place.SAME or (levels.carrier is Plainly.SAME and levels.day is Near.SAME)
