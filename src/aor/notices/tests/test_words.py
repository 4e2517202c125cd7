"""Every notice can be said, in plain words, in each language, without personal data."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.conf import LazySettings

from aor.notices import languages, words

VALUES: dict[str, Any] = {
    "day": date(2026, 3, 1), "sent": date(2026, 2, 1), "start": date(2026, 3, 1), "last": date(2026, 3, 9),
    "what": "suspended", "year": 2027, "lost": 3, "held": 4, "number": "T-2026-000001",
}  # fmt: skip
HARDEST = 8.0


def grade(text: str) -> float:
    """Flesch and Kincaid's school grade; syllables are counted by their vowels."""
    sentences = max(1, len(re.findall(r"[.!?:](?:\s|$)", text)))
    found = re.findall(r"[A-Za-z]+", re.sub(r"\S*/\S*", "", text))
    return 0.39 * len(found) / sentences + 11.8 * sum(map(syllables, found)) / len(found) - 15.59


def syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word.lower()))
    return max(1, groups - (word.lower().endswith("e") and not word.lower().endswith("le")))


def test_the_grade_of_a_hard_sentence_is_high() -> None:
    assert grade("Notwithstanding administrative determinations, beneficiaries relinquish authorization.") > HARDEST


@pytest.mark.parametrize("language", list(languages.languages()))
@pytest.mark.parametrize("kind", list(words.TO_CONSUMER))
def test_every_notice_to_consumers_can_be_said_in_every_language(kind: str, language: str) -> None:
    said = words.to_consumer(kind, language=language, **VALUES)
    assert said.subject
    assert "{" not in said.body.replace("{code}", "")
    assert ("{code}" in said.body) == (kind in ("invitation", "second factor"))


@pytest.mark.parametrize("kind", list(words.TO_CONSUMER))
def test_notices_to_consumers_read_at_most_at_grade_eight(kind: str) -> None:
    said = words.to_consumer(kind, **VALUES)
    assert grade(f"{said.subject}. {said.body}") <= HARDEST


@pytest.mark.parametrize("kind", list(words.TO_BROKER))
def test_every_notice_to_brokers_can_be_said(kind: str) -> None:
    said = words.to_broker(kind, **VALUES)
    assert "{" not in said.subject + said.body


def test_a_draft_gives_way_to_english_in_production_and_offers_an_interpreter(settings: LazySettings) -> None:
    settings.AOR_ENV = "production"
    said = words.to_consumer("broker ended", language="so")
    assert said.subject == "You no longer have a broker"
    assert said.body.endswith(languages.known("so").interpreter)
    assert words.to_consumer("broker ended", language="xx").body == words.to_consumer("broker ended").body


@pytest.mark.parametrize("language", list(languages.languages()))
@pytest.mark.parametrize("environment", ["development", "production"])
def test_a_letter_knows_its_language_and_whose_help_it_offers(
    environment: str, language: str, settings: LazySettings
) -> None:
    settings.AOR_ENV = environment
    said = words.to_consumer("transfer announced", language=language, **VALUES)
    assert words.language_of("transfer announced", said.subject) == languages.written_in(language)
    offer = words.offer_in(said.body)
    assert (offer.code if offer else "en") == language
    assert settings.AOR_INTERPRETER_PHONE in said.body


def test_days_are_said_as_the_language_does() -> None:
    for language, day in (("en", "March 1, 2026"), ("es", "1 de marzo de 2026"), ("so", "2026-03-01")):
        assert day in words.to_consumer("transfer announced", language=language, **VALUES).body
