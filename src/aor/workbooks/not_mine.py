"""Whether a broker's words say that a consumer is not theirs (Report Policy, procedure 2; readings, R9)."""

from __future__ import annotations

import re

YES = frozenset({"yes", "y", "x", "true", "1", "si", "sí", "yog", "haa", "ja", "✓", "✔"})
NO = frozenset({"no", "n", "false", "0", "maya", "tsis"})
_NOT_MINE = (
    r"((this|he|she|they) )?((is|are|was) )?(not|isn'?t|never) (my|mine|ours|our|a)\b( (client|consumer|customer)s?)?"
    r"|not on my (list|book)|does(n'?t| not) belong( here| to me)?|wrong (person|client|consumer)"
    r"|(i )?((have )?never heard of|do(n'?t| not) know|never met) (this|him|her|them|it)( (person|client|consumer))?"
    r"|(i )?never heard|unknown (to me|person|client|consumer)"
    r"|remove( (this|them|him|her))?"
)
_WHOLE = re.compile(_NOT_MINE, re.IGNORECASE)
_YES_AND = re.compile(r"(yes|si|sí|yog|haa|ja)\s*[,;:.–—-](?!.*\b(is|are|was) (my|mine|ours?)\b)", re.IGNORECASE)
_BEGINS = re.compile(rf"(yes[\s,;:–—-]+)?({_NOT_MINE})(?!\w)", re.IGNORECASE)


def column_says(text: str) -> bool | None:
    """What stands under “Not my client?”: yes, no, or words that say neither. What follows a yes may explain it."""
    word = _plain(text)
    if word in NO:
        return False
    return True if word in YES or _YES_AND.match(word) or _BEGINS.match(word) else None


def comment_says(text: str) -> bool:
    """Whether words beside a row say that and nothing else."""
    return bool(_WHOLE.fullmatch(_plain(text)))


def _plain(text: str) -> str:
    return text.lower().replace("’", "'").strip(".! ")
