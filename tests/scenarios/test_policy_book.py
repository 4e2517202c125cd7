"""The policy book is true: every scenario of its pages, line by line."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

from aor import policy
from aor.policy.decision import RULES
from tests.scenarios import book
from tests.scenarios.book import Block
from tests.scenarios.play import play
from tests.scenarios.questions import QUESTIONS
from tests.scenarios.verbs import VERBS

BLOCKS = [block for page in book.pages() for block in book.blocks(page)]

# These state what stands; nothing is asked of anybody, so they are never refused.
ONLY_MET = {"OPENING_BALANCE", "CORRECTED", "ALREADY_SENT"}


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_scenario(block: Block) -> None:
    play(block)


def rules() -> set[str]:
    for module in pkgutil.iter_modules(policy.__path__, "aor.policy."):
        if not module.ispkg:
            importlib.import_module(module.name)
    return set(RULES)


def expected(pattern: str) -> set[str]:
    """The rule codes that some line of the book expects so."""
    found = (re.match(pattern, line.expected) for block in BLOCKS for line in block.lines)
    return {match[1] for match in found if match}


def test_every_rule_is_granted_somewhere_in_the_book() -> None:
    assert rules() - expected(r"([A-Z_]+) met: ") == set()


def test_every_rule_is_refused_somewhere_in_the_book() -> None:
    assert rules() - expected(r"([A-Z_]+)(?: not known)?: ") == ONLY_MET


def test_the_book_names_no_rule_that_does_not_exist() -> None:
    assert expected(r"([A-Z_]+)(?: met| not known)?: ") <= rules()


def test_every_verb_and_question_is_explained_and_used() -> None:
    listed = (book.BOOK / "README.md").read_text(encoding="utf-8")
    for name, word in {**VERBS, **QUESTIONS}.items():
        assert f"`{f'{name} {word.usage}'.strip()}` | {word.says}" in listed
    used = {line.verb for block in BLOCKS for line in block.lines}
    assert {*VERBS, *QUESTIONS} - used == set()
