"""The runner is strict: a line that is wrong in any way is named with page and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios import book
from tests.scenarios.book import Misprint
from tests.scenarios.play import play

ENROLLED = "2026-01-05 enroll P1 HealthCo from 2026-02-01"


def played(folder: Path, *lines: str) -> None:
    page = folder / "page.md"
    page.write_text("\n".join(["# A page", "", "```scenario", *lines, "```", ""]), encoding="utf-8")
    for block in book.blocks(page):
        play(block)


@pytest.mark.parametrize(
    ("line", "because"),
    [
        ("2026-01-06 record P1 => 1234567 from 2026-02-01", "the answer is: nobody"),
        ("2026-01-06 record P1 => Nobody", "the answer is: nobody"),
        ("2026-01-06 record P1", "a question needs"),
        ("2026-01-06 record P1 =>", "nothing stands after the arrow"),
        ("2026-01-06 record P2 => nobody", "P2 is not enrolled"),
        ("2026-01-06 record => nobody", "POLICY is missing"),
        ("2026-01-06 certify 12345678901 2026", "up to 10 digits"),
        ("2026-01-06 certify 1234567 next", "invalid literal"),
        ("2026-01-06 certify 1234567 2026 gladly", "'gladly' is not understood"),
        ("2026-01-06 certify 1234567 2026 => granted", "this verb answers nothing"),
        ("2026-01-06 enroll P2 HealthCo 2026-02-01", "`from` is missing"),
        ("2026-01-06 hire 1234567 P1", "there is no verb or question 'hire'"),
        ("2026-13-06 record P1 => nobody", "month must be in 1..12"),
        ("tomorrow record P1 => nobody", "a line is `DAY verb words`"),
        ("2026-01-06 end P1", "refused: ASSOCIATION_OPEN: the association is not open"),
        ("2026-01-06 end P1 => granted", "ASSOCIATION_OPEN: the association is not open"),
        ("2026-01-06 designate 1234567 P1 => refused", "granted"),
        ("2026-01-06 standing P1 => ASSOCIATED met: yes", "there is no such agent of record"),
        ("2026-01-06 parameter decline_days is yes", "the parameter decline_days is of another kind"),
        ("2026-01-06 parameter no_such is 3", "no_such"),
    ],
)
def test_a_wrong_line_is_named_with_page_and_line(tmp_path: Path, line: str, because: str) -> None:
    with pytest.raises(Misprint) as misprint:
        played(tmp_path, ENROLLED, "", line)
    assert str(misprint.value).startswith(f"page.md:6: {line}\n")
    assert because in str(misprint.value)


def test_a_block_without_an_end_is_named(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"```scenario\n{ENROLLED}\n", encoding="utf-8")
    with pytest.raises(Misprint, match=r"page\.md:1: the block has no end"):
        list(book.blocks(page))


def test_right_lines_remarks_and_other_code_pass(tmp_path: Path) -> None:
    played(tmp_path, "# a remark", ENROLLED, "2026-01-06  record   P1  =>  nobody", "```", "```text", "not a line")
