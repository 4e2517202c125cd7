"""The languages in which people are written to, as data: which are reviewed, and what drafts are replaced by."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

REGISTER = Path(__file__).with_name("languages.toml")
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its code. `interpreter` is the line, in the language itself, that offers a free interpreter."""

    code: str
    name: str
    reviewed: bool
    interpreter: str

    def offers(self, body: str) -> bool:
        """Whether a notice ends with this language's line."""
        return bool(self.interpreter) and body.endswith(self.interpreter)


@cache
def languages() -> dict[str, Language]:
    """Every language of the register, by code."""
    return {code: Language(code, **given) for code, given in tomllib.loads(REGISTER.read_text()).items()}


def known(code: str) -> Language:
    """The language of a code; English where it is none of ours."""
    return languages().get(code) or languages()[ENGLISH]


def written_in(code: str) -> str:
    """The language in which words for a reader are written: a draft gives way to English in production."""
    language = known(code)
    return language.code if language.reviewed or settings.AOR_ENV != "production" else ENGLISH


def interpreter_line(code: str) -> str:
    """What is added for a reader whose language is not the one that was written in, or is a draft; "" for none."""
    language = known(code)
    return "" if language.reviewed else language.interpreter
