"""The page of what was tried says again what it was told."""

from __future__ import annotations

from pathlib import Path

from tests.torture import page
from tests.torture.page import Tried

SIZES = {"kills": 500, "operations": 500_000}


def test_a_page_is_read_as_it_was_written() -> None:
    tried = Tried.of(SIZES, "0123456789ab", "5f3a")
    tried.rows["SQLite", "operations"].done, tried.rows["SQLite", "operations"].minutes = 40_000, 12
    assert page.read(tried.text()) == tried


def test_no_page_says_nothing() -> None:
    assert page.read("") is None


def test_the_same_program_goes_on_and_another_begins_anew() -> None:
    earlier = Tried.of(SIZES, "0123456789ab", "5f3a")
    earlier.rows["SQLite", "kills"].done = 250
    again = Tried.of({"kills": 100, "operations": 600_000}, "0123456789ab", "99").after(earlier)
    assert again.seed == "5f3a"
    assert [(row.done, row.of) for row in again.rows.values()] == [(250, 250), (0, 600_000), (0, 100), (0, 600_000)]
    other = Tried.of(SIZES, "ba9876543210", "99")
    assert other.after(earlier) == other


def test_the_program_s_text_is_told_apart_and_its_tests_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "one.py").write_text("1")
    (tmp_path / "tests" / "test_one.py").write_text("1")
    before = page.source_of(tmp_path)
    (tmp_path / "tests" / "test_one.py").write_text("2")
    assert page.source_of(tmp_path) == before
    (tmp_path / "one.py").write_text("2")
    assert page.source_of(tmp_path) != before
