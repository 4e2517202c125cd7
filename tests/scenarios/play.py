"""A scenario played: verbs change the world, questions must be answered as the book says."""

from __future__ import annotations

import keyword

from aor.policy.decision import Decision
from tests.scenarios import books, claims, grammar, kept, requests, wrongs
from tests.scenarios.book import Block, Line
from tests.scenarios.questions import QUESTIONS, sentences
from tests.scenarios.verbs import VERBS
from tests.scenarios.world import World

__all__ = [
    "books",
    "claims",
    "kept",
    "play",
    "requests",
    "wrongs",
]  # whose verbs and questions are registered with the others


def play(block: Block) -> World:
    """Plays a block in a world of its own. Raises Misprint at the first line that is not true."""
    world = World()
    for place, line in enumerate(block.lines):
        world.at(line.day, place)
        try:
            _say(world, line)
        except (ValueError, KeyError) as error:
            raise line.wrong(str(error)) from error
    return world


def _say(world: World, line: Line) -> None:
    word = VERBS.get(line.verb) or QUESTIONS.get(line.verb)
    if word is None:
        raise line.wrong(f"there is no verb or question {line.verb!r}")
    read = grammar.read(word.usage, line.words)
    answer = word.does(world, **{name + "_" * keyword.iskeyword(name): value for name, value in read.items()})
    if line.verb in QUESTIONS:
        if not line.expected:
            raise line.wrong("a question needs `=>` and the expected sentence")
        _compare(line, answer)
    elif isinstance(answer, Decision):
        _compare_act(line, answer)
    elif line.expected:
        raise line.wrong("this verb answers nothing")


def _compare_act(line: Line, decision: Decision) -> None:
    """What is not expected to be refused must be granted."""
    said = sentences(decision.findings)
    if not line.expected and not decision.granted:
        raise line.wrong("refused: " + "; ".join(sentences(decision.unmet)))
    if line.expected:
        _compare(line, [*said, "granted" if decision.granted else "refused"])


def _compare(line: Line, answers: list[str]) -> None:
    if line.expected not in answers:
        raise line.wrong("the answer is: " + "\n                   ".join(answers))
