"""What one page reads twice is read once; the next page, and whatever is no page, reads anew."""

from __future__ import annotations

import pytest

from aor.engine import kept

asked: list[str] = []


@kept.once
def names(known_at: str | None = None) -> dict[str, str]:
    asked.append(known_at or "")
    return {"1": "Ana"}


@pytest.fixture(autouse=True)
def nothing_asked() -> None:
    asked.clear()


def test_a_page_reads_once_and_the_next_anew() -> None:
    for pages in (1, 2):
        with kept.page():
            assert names() == names(None) == names(known_at=None) == {"1": "Ana"}
        assert len(asked) == pages
    assert kept.reads() is None


def test_without_a_page_nothing_is_kept() -> None:
    names()
    names()
    assert len(asked) == 2


def test_other_words_are_another_question() -> None:
    with kept.page():
        names("a")
        names("b")
        names(known_at="a")
    assert asked == ["a", "b", "a"]


def test_what_a_caller_does_to_theirs_is_not_seen_by_the_next() -> None:
    with kept.page():
        names()["2"] = "Ben"
        assert names() == {"1": "Ana"}


def test_a_page_that_breaks_keeps_nothing() -> None:
    @kept.page()
    def broken() -> None:
        names()
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        broken()
    assert kept.reads() is None


def test_a_page_made_within_a_page_is_its_own() -> None:
    with kept.page():
        names()
        with kept.page():
            names()
        names()
    assert len(asked) == 2
