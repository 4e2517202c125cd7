"""The quality of matching, measured small: spoilt rows of every kind beside people of the demo."""

from __future__ import annotations

import pytest
from benchmarks import sections
from benchmarks.matching import measure, page, people, templates
from benchmarks.matching.measure import Answer, Quality
from benchmarks.matching.templates import Asked

from aor.matching.frequencies import Frequencies
from aor.matching.score import Outcome

EACH = 30


@pytest.fixture(scope="module")
def answered() -> tuple[list[Asked], list[Answer]]:
    market = people.make(10_000, seed=7)
    rows = measure.ask(market, templates.TEMPLATES, EACH, seed=7)
    return rows, measure.product(rows, measure.Index(market.persons), Frequencies.of(market.persons))


def test_nothing_is_decided_wrongly_and_much_is_decided(answered: tuple[list[Asked], list[Answer]]) -> None:
    quality = measure.quality(*answered)
    assert quality.wrong <= 1
    assert quality.decided >= 0.45 * quality.rows


def test_true_pairs_are_found(answered: tuple[list[Asked], list[Answer]]) -> None:
    assert measure.quality(*answered).recall >= 0.99


def test_rows_as_on_file_are_nearly_all_decided(answered: tuple[list[Asked], list[Answer]]) -> None:
    by_template = measure.by_template(*answered)
    for name in ("as on file", "capitals and blanks", "whole name in one cell", "titles and stops"):
        assert by_template[name].right >= 0.9 * EACH, name


def test_nobody_who_is_not_on_file_is_decided_on(answered: tuple[list[Asked], list[Answer]]) -> None:
    absent = [(row, answer) for row, answer in zip(*answered, strict=True) if row.truth is None]
    assert len(absent) > 8 * EACH
    assert not [row.template for row, answer in absent if answer.outcome is Outcome.DECIDED]


@pytest.mark.parametrize(
    ("wrong", "of", "bound"), [(0, 2_995, 0.001), (0, 59, 0.0495), (3, 100, 0.0757), (2, 2, 1.0)]
)
def test_the_upper_bound_is_clopper_and_pearsons(wrong: int, of: int, bound: float) -> None:
    assert measure.upper_bound(wrong, of) == pytest.approx(bound, rel=0.01)


def test_the_section_is_put_in_the_page_once() -> None:
    quality = Quality(rows=10, decided=5, right=5, empty=1, empty_right=1, true_pairs=8, found=8)
    told = list(
        page.lines(
            page.Measured(
                "here", 10, 8.0, 5.0, 0.1, 500, quality, [page.Method("ours", quality, 1.0)], {"as is": quality}
            )
        )
    )
    first = sections.placed("# How fast it is\n", "matching", told)
    assert sections.placed(first, "matching", told) == first
    assert sections.kept("matching", first) == sections.section("matching", told)
    assert sections.kept("matching", "# How fast it is\n") == ""
