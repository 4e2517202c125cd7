"""What a page may raise, each answered by a page of its own (`aor.web.errors`)."""

from __future__ import annotations


class Problem(Exception):
    """`words` are shown to the person; `status` is the answer's."""

    status = 400

    def __init__(self, words: str, *, back: str = "") -> None:
        super().__init__(words)
        self.words, self.back = words, back


class First(Problem):
    """Something must be said before: whoever opens a page is led there, and told."""

    status = 403


class Stale(Problem):
    """Somebody else changed it since the page was opened: says who and what."""

    status = 409


class Gone(Problem):
    """It was there once: an expired or used code."""

    status = 410


class TooMany(Problem):
    """Asked too often."""

    status = 429


class TooLarge(Problem):
    """An upload over the limit."""

    status = 413


class Busy(Problem):
    """Another job holds what this needs; later it will do."""

    status = 503
