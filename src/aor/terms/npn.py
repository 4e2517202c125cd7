"""The National Producer Number, by which a broker is known to every marketplace and carrier."""

from __future__ import annotations

from typing import Self

MAX_DIGITS = 10


class Npn(str):
    """An NPN: digits, up to ten, no leading zeros (NIPR, Producer Database).

    `Npn("1234567")` is strict; `Npn.parse(" 0001234567 ")` also takes the padded form that rosters carry.
    Raises `ValueError` with a sentence that can be shown to the person who sent it.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"an NPN has digits only, not {text!r}")
        if text.startswith("0"):
            raise ValueError(f"an NPN has no leading zeros, not {text!r}")
        if len(text) > MAX_DIGITS:
            raise ValueError(f"an NPN has up to {MAX_DIGITS} digits, not {text!r}")
        return super().__new__(cls, text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The NPN in a roster's cell: spaces trimmed, padding zeros dropped."""
        trimmed = text.strip()
        if trimmed.isdigit() and not trimmed.strip("0"):
            raise ValueError(f"an NPN is not zero, not {text!r}")
        return cls(trimmed.lstrip("0") if trimmed.isascii() and trimmed.isdigit() else trimmed)
