"""Names read into plain words, and how alike two of them are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from string import ascii_lowercase

import jellyfish
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from aor.matching import nicknames
from aor.terms.person import PersonClaim

REMEMBERED = 65_536  # names read and pairs compared that are kept, as few names make up most lists
LONGEST = 120  # letters of a cell; an 834 takes 60 for a last name
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    | {"0": "o", "1": "l", "3": "e", "5": "s", "6": "b", "8": "b"}  # as read by a scanner
)
_SILENT = re.compile("['’‘ʻʼ`´?\ufffd]")
_DOUBLED = re.compile(r"(.)\1+")
_UNHEARD = re.compile("[aeiouyh]")
_NO_LETTER = re.compile(r"[^a-z]+")
_SUFFIX = {"jr": "jr", "junior": "jr", "hijo": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "2nd": "ii"} | {
    "iii": "iii", "3rd": "iii", "iv": "iv", "4th": "iv"
}  # fmt: skip
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "rev"))
_PARTICLES = frozenset(
    ("de", "del", "la", "las", "los", "da", "das", "do", "dos", "du", "y", "e")  # Spanish, Portuguese
) | frozenset(("van", "von", "der", "den", "ter", "di", "al", "el", "bin", "bint", "ibn"))

_HEARD: tuple[tuple[str, str], ...] = (
    *((letter + "h", letter) for letter in "tdgk"),
    ("sch", "s"),
    ("sh", "s"),
    ("ph", "f"),
    ("ce", "se"),
    ("ci", "si"),
    ("x", "s"),
    ("w", "v"),
    ("ch", "c"),
)
_LIKE = str.maketrans("cqzbvj", "kksvvy")


class Likeness(StrEnum):
    """How nearly two names agree, the nearest first."""

    SAME = "same"
    WRITTEN = "written otherwise"
    FORMER = "former name"
    ORDER = "other order"
    PART = "part of the name"
    MIDDLE = "a middle name"
    NICKNAME = "short form"
    TYPO = "one letter"
    SOUND = "sounds alike"
    NEAR = "resembles"
    INITIAL = "initial"
    MISSING = "missing"
    OTHER = "different"


RANK = {likeness: at for at, likeness in enumerate(Likeness)}


@dataclass(frozen=True, slots=True)
class Name:
    """A whole name as plain words: a-z, no marks, no particles, no titles; `suffix` is jr, sr, ii, iii or iv."""

    given: tuple[str, ...]
    middle: tuple[str, ...]
    family: tuple[str, ...]
    suffix: str


def claimed(claim: PersonClaim) -> Name:
    """The name of a claim; what is longer than any name is cut, so that no cell can hold us up."""
    return read(claim.first_name[:LONGEST], claim.middle_name[:LONGEST], claim.last_name[:LONGEST])


@lru_cache(REMEMBERED)
def read(first: str, middle: str, last: str) -> Name:
    """The name in three cells as anybody fills them: one of them empty, a comma, a suffix anywhere.

    Where one of `first` and `last` is empty the other is read as the whole name: `Vang, Kaying`, `Kaying Vang`.
    """
    if not (first.strip() and last.strip()):
        first, last = _whole(first.strip() or last.strip())
    suffix = ""
    parts: list[tuple[str, ...]] = []
    for text in (first, middle, last):
        kept: list[str] = []
        for word in _raw_words(text):
            if word in _SUFFIX and (parts or kept):  # Junior is also a given name
                suffix = _SUFFIX[word]
            elif word not in _TITLES:
                kept.append(word)
        parts.append(_without_particles(tuple(kept)))
    return Name(parts[0], parts[1], parts[2], suffix)


def plain(text: str) -> str:
    """Small letters a-z and spaces: no case, marks or apostrophes; hyphens part words; scanned digits are letters."""
    bare = _SILENT.sub("", _repaired(text)).lower().translate(_LETTERS)
    return _NO_LETTER.sub(" ", _unmarked(bare)).strip()


def words(text: str) -> tuple[str, ...]:
    """The words of one cell that tell people apart."""
    return _without_particles(tuple(plain(text).split()))


@lru_cache(REMEMBERED)
def spelling(word: str) -> str:
    """One form for spellings that are the same name: å, aa and a; ø, oe and o; doubled letters."""
    for written, one in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        word = word.replace(written, one)
    return _DOUBLED.sub(r"\1", word)


@lru_cache(REMEMBERED)
def sound(word: str) -> str:
    """The consonants that are heard, by which spellings of many tongues meet; a first vowel counts as a."""
    heard = spelling(word)
    for written, one in _HEARD:
        heard = heard.replace(written, one)
    heard = heard.translate(_LIKE)
    first = "a" if heard[:1] in tuple("aeiou") else heard[:1]
    return _DOUBLED.sub(r"\1", first + _UNHEARD.sub("", heard[1:]))


def slips(word: str) -> Iterator[str]:
    """Every word that one slip of the pen makes of this one: a letter more, less or other, or two exchanged."""
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + after[1:]


def best(claimed: tuple[str, ...], filed: tuple[str, ...]) -> Likeness:
    """How alike two names of one or more words are."""
    return _best(claimed, filed) if claimed and filed else Likeness.MISSING


@lru_cache(REMEMBERED)
def _best(claimed: tuple[str, ...], filed: tuple[str, ...]) -> Likeness:
    if claimed == filed:
        return Likeness.SAME
    one, other = "".join(claimed), "".join(filed)
    if spelling(one) == spelling(other):
        return Likeness.WRITTEN
    if len(claimed) == len(filed) == 1:
        return _word(one, other)
    if sorted(claimed) == sorted(filed):
        return Likeness.ORDER
    left, right = set(claimed), set(filed)
    if left < right or right < left:
        return Likeness.PART if max(map(len, left & right)) > 1 else Likeness.INITIAL
    found = min((_word(a, b) for a in claimed for b in filed), key=RANK.__getitem__)
    if len(claimed) > 1 and len(filed) > 1:
        # both say more than they share: María José beside María Luz may be two sisters
        whole = _word(one, other)
        return whole if whole is not Likeness.OTHER else max(found, Likeness.NEAR, key=RANK.__getitem__)
    if found in (Likeness.WRITTEN, Likeness.NICKNAME):
        return Likeness.PART if found is Likeness.WRITTEN else found
    return max(found, Likeness.NEAR, key=RANK.__getitem__)  # a slip in one word, and the other unsaid


@lru_cache(REMEMBERED)
def _word(a: str, b: str) -> Likeness:
    if a == b:
        return Likeness.SAME
    if spelling(a) == spelling(b):
        return Likeness.WRITTEN
    if len(a) == 1 or len(b) == 1:
        return Likeness.INITIAL if a[0] == b[0] else Likeness.OTHER
    if nicknames.related(a, b):
        return Likeness.NICKNAME
    return _misspelt(a, b)


def _misspelt(a: str, b: str) -> Likeness:
    distance, shorter = DamerauLevenshtein.distance(a, b), min(len(a), len(b))
    if (distance == 1 and shorter > 2) or _shape(a) == _shape(b):
        return Likeness.TYPO
    alike = JaroWinkler.similarity(a, b)
    if alike >= 0.7 and (sound(a) == sound(b) or jellyfish.metaphone(a) == jellyfish.metaphone(b)):
        return Likeness.SOUND
    if alike >= 0.88 or (distance == 2 and shorter >= 5):
        return Likeness.NEAR
    return Likeness.OTHER


def _shape(word: str) -> str:
    """What a scanner may take one word for."""
    for seen, one in (("rn", "m"), ("vv", "w"), ("cl", "d"), ("li", "h"), ("i", "l"), ("j", "l"), ("c", "e")):
        word = word.replace(seen, one)
    return word


def _raw_words(text: str) -> tuple[str, ...]:
    """As `words`, with particles; 2nd and 3rd are kept before digits become letters."""
    found: list[str] = []
    for raw in text.split():
        bare = raw.strip(".,()").lower()
        found += [bare] if bare in _SUFFIX else plain(raw).split()
    return tuple(found)


def _without_particles(parts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in parts if word not in _PARTICLES) or parts


def _whole(text: str) -> tuple[str, str]:
    """First and last of a whole name in one cell."""
    before, comma, after = text.partition(",")
    if comma and after.strip(" .").lower() not in _SUFFIX:
        return after, before
    first, _, last = before.strip().rpartition(" ")
    return first, f"{last} {after}"


def _repaired(text: str) -> str:
    """UTF-8 that was read as a Western code page, read rightly."""
    if text.isascii():
        return text
    for codec in ("cp1252", "latin-1"):
        try:
            return text.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _unmarked(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).translate(_LETTERS)
