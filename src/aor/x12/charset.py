"""Names brought into X12's extended character set, without ever dropping one."""

from __future__ import annotations

import string
import unicodedata
from functools import lru_cache

from aor.x12.separators import Delimiters

UNKNOWN = "?"

# X12.6, basic and extended character sets.
EXTENDED = frozenset(string.ascii_letters + string.digits + "!\"&'()*+,-./:;?= %~@[]_{}\\|<>#$^`")

# What has no decomposition (NFKD) into letters that the set has.
_LETTERS = {
    "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ı": "i", "ħ": "h", "Ħ": "H", "ŧ": "t",
    "Ŧ": "T", "ŋ": "ng", "Ŋ": "NG", "ĸ": "k", "ə": "e", "Ə": "E", "ɓ": "b", "Ɓ": "B", "ɗ": "d", "Ɗ": "D",
    "ƙ": "k", "Ƙ": "K", "ƴ": "y", "Ƴ": "Y", "ɛ": "e", "Ɛ": "E", "ɔ": "o", "Ɔ": "O",
    "‘": "'", "’": "'", "‚": "'", "‛": "'", "ʻ": "'", "ʼ": "'", "ʹ": "'", "′": "'", "`": "'", "´": "'",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-",
    "―": "-", "−": "-", "⁄": "/", "·": ".",
}  # fmt: skip


def x12_text(text: str, *, limit: int, delimiters: Delimiters, upper: bool = False) -> str:
    """The text in X12's extended character set, delimiters as spaces, cut to `limit` characters.

    Letters are taken apart (NFKD) and the marks left out: Żółć is Zolc. What the set cannot say becomes a question
    mark, one for each character; only blank text becomes empty.
    """
    written = bool(text.strip())
    if not text.isascii():
        text = "".join(map(_character, unicodedata.normalize("NFC", text)))
    text = text.translate(_table(delimiters))
    if upper:
        text = text.upper()
    return " ".join(text.split())[:limit].rstrip() or (UNKNOWN if written else "")


@lru_cache(maxsize=4096)
def _character(character: str) -> str:
    if character in EXTENDED and character not in _LETTERS:
        return character
    if character.isspace():
        return " "
    parts = unicodedata.normalize("NFKD", _LETTERS.get(character, character))
    known = "".join(_LETTERS.get(part, part) for part in parts if not _silent(part))
    said = "".join(part if part in EXTENDED else UNKNOWN for part in known)
    if said.strip(UNKNOWN) or not said:
        return said
    return UNKNOWN


def _silent(character: str) -> bool:
    """Combining marks, joiners and byte order marks, which belong to the letter beside them."""
    return unicodedata.category(character) in ("Mn", "Me", "Cf")


@lru_cache(maxsize=64)
def _table(delimiters: Delimiters) -> dict[int, str]:
    used = (delimiters.element, delimiters.repetition, delimiters.component, delimiters.terminator)
    table = {ord(character): " " for character in used if character}
    table |= dict.fromkeys([*range(32), 127], " ")
    return {ord("`"): "'"} | table
