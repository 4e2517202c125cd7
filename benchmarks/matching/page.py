"""The section of the page: what was decided, how well, beside the peers, and by every way of spoiling a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.matching.measure import CONFIDENCE, Quality
from benchmarks.matching.peers import WANTED

MOST_WRONG, LEAST_DECIDED, LEAST_FOUND = 0.001, 20_000, 0.97


@dataclass(frozen=True)
class Method:
    """One way of matching on the rows held out of tuning; `seconds` of the processor for all of them.

    `surest_wrong`: wrong among its surest decisions, as many as the product's; None where it has no measure.
    """

    name: str
    quality: Quality
    seconds: float
    surest_wrong: int | None = None


@dataclass(frozen=True)
class Measured:
    """Everything the section says; `claims` processor seconds of `of` claims with their candidates at hand."""

    machine: str
    persons: int
    keys: float
    candidates: float
    claims: float
    of: int
    tuned: Quality
    methods: list[Method]
    by_template: Mapping[str, Quality]


def lines(measured: Measured) -> Iterator[str]:
    """The section, without its marks."""
    ours = measured.methods[0].quality
    yield "## Matching: a claimed person beside those on file"
    yield ""
    yield "Written by `make bench-matching`; no number here was typed by hand."
    yield ""
    yield f"- Machine: {measured.machine}"
    yield f"- On file: {measured.persons:,} persons from the demo's generator. Its names are few: dozens bear the"
    yield "  same two, so that chance namesakes of one birth date are far commoner than in life"
    yield f"- {measured.keys:.1f} keys a person; {measured.candidates:.0f} candidates a claim; {measured.of} claims"
    yield f"  with their candidates at hand are answered in {measured.claims:.2f} s of one processor"
    yield "- Weights and thresholds were chosen on rows spoilt in other ways, of another market; there"
    yield f"  {measured.tuned.decided:,} of {measured.tuned.rows:,} are decided, {measured.tuned.wrong} wrongly"
    yield "- Of the ways held out, ten were never looked at before; nineteen once, after which six others, that had"
    yield "  gone wrong, were moved to the tuning rows and what they showed was mended"
    yield ""
    yield "| goal, on rows spoilt in ways held out of tuning | measured | |"
    yield "|---|---|---|"
    yield _goal(f"decided without an officer ≥ {LEAST_DECIDED:,}", f"{ours.decided:,}", ours.decided >= LEAST_DECIDED)
    right = f"{100 * ours.precision:.3f} % ({ours.wrong} wrong)"
    yield _goal(f"of these right ≥ {100 * (1 - MOST_WRONG):.1f} %", right, ours.precision >= 1 - MOST_WRONG)
    bound = f"{100 * ours.bound:.3f} %"
    words = f"upper {100 * CONFIDENCE:.0f} % bound of the error (Clopper and Pearson) ≤ {100 * MOST_WRONG:.1f} %"
    yield _goal(words, bound, ours.bound <= MOST_WRONG)
    words = f"true pairs found, officers' rows included ≥ {100 * LEAST_FOUND:.0f} %"
    yield _goal(words, f"{100 * ours.recall:.2f} %", ours.recall >= LEAST_FOUND)
    yield ""
    yield from _methods(measured)
    yield ""
    yield from _templates(measured.by_template)


def _goal(words: str, value: str, met: bool) -> str:
    return f"| {words} | {value} | {'met' if met else 'missed'} |"


def _methods(measured: Measured) -> Iterator[str]:
    yield f"The same {measured.methods[0].quality.rows:,} rows by others, each from the threshold that decides most"
    yield f"at {100 * WANTED:.1f} % right on the tuning rows; *found*: decided rightly, or among the two best."
    yield "Where none does, nothing is decided; the last column: how many are wrong of its surest, as many as ours."
    yield ""
    yield "| | decided | wrong | right | bound of the error | found | processor s | wrong of as many |"
    yield "|---|---|---|---|---|---|---|---|"
    for method in measured.methods:
        one = method.quality
        right, bound = (f"{100 * one.precision:.2f} %", f"{100 * one.bound:.3f} %") if one.decided else ("", "")
        decided = f"{one.decided:,} ({100 * one.decided / one.rows:.0f} %)"
        found = f"{100 * one.recall:.2f} %"
        surest = "" if method.surest_wrong is None else f"{method.surest_wrong:,}"
        cells = (method.name, decided, f"{one.wrong}", right, bound, found, f"{method.seconds:.0f}", surest)
        yield f"| {' | '.join(cells)} |"


def _templates(found: Mapping[str, Quality]) -> Iterator[str]:
    yield "By the way a row was spoilt. *Nobody*: nobody on file resembles the row, which an officer confirms;"
    yield "*missed*: somebody on file was meant and is not among the two best."
    yield ""
    yield "| row | rows | decided | wrong | to an officer | nobody | missed |"
    yield "|---|---|---|---|---|---|---|"
    for name, one in found.items():
        officers = one.rows - one.decided - one.empty
        missed = one.true_pairs - one.found
        counts = (one.rows, one.decided, one.wrong, officers, one.empty, missed)
        yield f"| {name} | {' | '.join(f'{count:,}' for count in counts)} |"
