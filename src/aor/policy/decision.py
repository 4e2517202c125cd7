"""Decisions and findings: what every rule answers with, never a bare bool."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import wraps


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's answer about one set of facts.

    `met` is None where it is not known; `because` is a sentence one can say on the phone; `cure` says what
    would mend it and who must act; `tested_on` is the day the rule looked at.
    """

    rule: str
    met: bool | None
    because: str
    cites: str
    cure: str = ""
    tested_on: date | None = None

    def as_json(self) -> dict[str, object]:
        """The shape of `interfaces`: rule, met, because, cites, cure, tested_on (ISO day or null)."""
        return {
            "rule": self.rule,
            "met": self.met,
            "because": self.because,
            "cites": self.cites,
            "cure": self.cure,
            "tested_on": None if self.tested_on is None else self.tested_on.isoformat(),
        }


def finding_from_json(value: Mapping[str, object]) -> Finding:
    """The finding that `as_json` wrote."""
    tested, met = value.get("tested_on"), value["met"]
    return Finding(
        rule=str(value["rule"]),
        met=None if met is None else bool(met),
        because=str(value["because"]),
        cites=str(value["cites"]),
        cure=str(value.get("cure", "")),
        tested_on=date.fromisoformat(str(tested)) if tested else None,
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """Every finding of one question, and whether it was granted (by the findings, or by a waiver among them)."""

    findings: tuple[Finding, ...]
    granted: bool

    @classmethod
    def of(cls, *findings: Finding) -> Decision:
        """Granted when every finding is met; not known is not met."""
        return cls(findings, all(finding.met for finding in findings))

    @property
    def unmet(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.met)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule's function returns; the decorator adds the code and the citation."""

    met: bool | None
    because: str
    cure: str = ""
    tested_on: date | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A registered rule: its code, the text it rests on, and the sentence an officer reads out."""

    code: str
    cites: str
    sentence: str


RULES: dict[str, Rule] = {}


def rule[**P](code: str, *, cites: str) -> Callable[[Callable[P, Answer]], Callable[P, Finding]]:
    """Registers a rule; its docstring is what an officer reads to a broker on the phone."""

    def register(function: Callable[P, Answer]) -> Callable[P, Finding]:
        if code in RULES:
            raise ValueError(f"the rule {code} is registered twice")
        if not (function.__doc__ and cites):
            raise ValueError(f"the rule {code} needs a sentence and a citation")
        RULES[code] = Rule(code, cites, " ".join(function.__doc__.split()))

        @wraps(function)
        def found(*args: P.args, **kwargs: P.kwargs) -> Finding:
            answer = function(*args, **kwargs)
            return Finding(code, answer.met, answer.because, cites, answer.cure, answer.tested_on)

        return found

    return register
