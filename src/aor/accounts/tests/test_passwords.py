"""Passwords made of the words of this place are refused; sentences that hold one are not."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from aor.accounts.passwords import WORDS


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_this_place_with_numbers_is_refused(word: str) -> None:
    with pytest.raises(ValidationError, match="words of your own"):
        validate_password(f"{word.title()}-2026-{word.upper()}!!1234567")


def test_words_of_this_place_together_are_refused() -> None:
    with pytest.raises(ValidationError, match="words of your own"):
        validate_password("MNsure Broker Portal 2027!")


@pytest.mark.parametrize("good", ["my broker eats herring", "a long walk by the lake", "correct horse battery"])
def test_a_sentence_may_hold_one(good: str) -> None:
    validate_password(good)
