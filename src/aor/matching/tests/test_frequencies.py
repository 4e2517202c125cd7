"""How common names and days are."""

from __future__ import annotations

from datetime import date

from aor.matching.frequencies import DAYS, Frequencies
from aor.terms.person import PersonFacts

NEW_YEAR = date(1960, 1, 1)


def test_counts_are_of_plain_words() -> None:
    found = Frequencies.counted(
        100, [("José", 3), ("Jose Luis", 2)], [("Solís-Paz", 4)], [(NEW_YEAR, 9)], [("31616", 60)]
    )
    assert found.first_name(("jose",)) == 0.05
    assert found.first_name(("jose", "luis")) == 0.02
    assert found.last_name(("paz",)) == 0.04
    assert found.last_name(("haugen",)) == 0.01
    assert found.last_name(()) == 0.01
    assert found.birth_date(NEW_YEAR) == 0.09
    assert found.birth_date(date(1971, 2, 3)) == found.birth_date(None) == 1 / DAYS
    assert found.carrier("31616") == 0.6
    assert found.known({"jose", "luis", "paz", "haugen"}) == {"jose", "paz"}


def test_nobody_on_file_divides_by_nothing() -> None:
    assert Frequencies.of([]).first_name(("jose",)) == 1.0


def test_persons_are_counted() -> None:
    people = [
        PersonFacts(str(i), "Mai", "Vang", None if i else NEW_YEAR, hios_issuer_ids=frozenset({"1"}))
        for i in range(4)
    ]
    found = Frequencies.of(people)
    assert (found.persons, found.birth_dates, found.carriers) == (4, {NEW_YEAR: 1}, {"1": 4})
    assert found.known({"vang", "mai", "yang"}) == {"vang", "mai"}
