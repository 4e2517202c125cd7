"""Keys by which candidates are found: stored for every person on file, asked for every claim.

Two persons share a key when their birth dates agree; when one word of their names sounds alike and two of year, month
and day agree; or when the whole name sounds alike and the year agrees. 1 January asks for more, as it is common.
"""

from __future__ import annotations

from datetime import date

from aor.matching import dates, names
from aor.matching.names import Name
from aor.terms.person import PersonClaim, PersonFacts

UNKNOWN = "----"  # in place of a year, where no birth date is on file
MOST_WORDS = 6
LONGEST = 5  # letters of a sound, so that endings such as -sen and -son meet


def blocking_keys(person: PersonFacts) -> frozenset[str]:
    """The keys to store for a person, about eight of at most sixteen letters each."""
    name = names.read(person.first_name, person.middle_name, person.last_name)
    former = tuple(word for last in person.former_last_names for word in names.words(last))
    pairs = {_pair(name)} | {_pair(names.read(person.first_name, "", last)) for last in person.former_last_names}
    return frozenset(_keys(_words(name, former), pairs, person.birth_date))


def asking_keys(claim: PersonClaim) -> frozenset[str]:
    """The keys to ask for a claim: the same, the date also with day and month exchanged."""
    name = names.claimed(claim)
    words, pair = _words(name, ()), _pair(name)
    keys = _keys(words, {pair}, claim.birth_date) | {pair + UNKNOWN}
    exchanged = claim.birth_date and dates.exchanged(claim.birth_date)
    return frozenset(keys | _by_date(words, exchanged) if exchanged else keys)


def _keys(words: tuple[str, ...], pairs: set[str], birth_date: date | None) -> set[str]:
    if birth_date is None:
        return {pair + UNKNOWN for pair in pairs}
    year, month, day = birth_date.isoformat().split("-")
    sounds = {_sound(word) for word in words}
    keys = {pair + year for pair in pairs} | _by_date(words, birth_date)
    keys |= {sound + year + part for sound in sounds for part in (month, f"-{day}")}
    return keys | {f"{some}.{month}{day}" for some in (pairs if month == day == "01" else sounds)}


def _by_date(words: tuple[str, ...], birth_date: date) -> set[str]:
    """The whole date; 1 January, which stands for many an unknown birthday, with an initial."""
    whole = birth_date.isoformat()
    return {f"{whole}{word[0]}" for word in words} if whole.endswith("-01-01") else {whole}


def _words(name: Name, former: tuple[str, ...]) -> tuple[str, ...]:
    middle = tuple(word for word in name.middle if len(word) > 1)
    return (name.given + name.family + former + middle)[:MOST_WORDS]


def _pair(name: Name) -> str:
    """First word of the given and of the family name as they sound, in the order of the alphabet."""
    return "+".join(sorted(_sound(part[0]) if part else "" for part in (name.given, name.family)))


def _sound(word: str) -> str:
    return names.sound(word)[:LONGEST]
