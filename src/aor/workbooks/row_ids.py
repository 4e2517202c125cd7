"""Row ids that a returned workbook proves itself by, in whatever order its rows come back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

PURPOSE = b"aor row id 1\0"  # the key may serve other purposes; a tag made for one proves nothing for another
SEAL_LENGTH = 10  # hexadecimal digits; it finds what was typed over, and need not stop a forger
ESCAPED = re.compile(
    "_x([0-9A-Fa-f]{4})_"
)  # how a workbook writes what XML cannot hold, and readers mistake text for
TAG_LENGTH = 16  # base32 characters: 80 bits, against a forger who can only try by sending files


def sign(key: bytes, report_number: str, row: str) -> str:
    """`AOR-2026-10-1234567-1.48213.MZXW6YTBOI2DGNBV`: report, row, and a tag over both (HMAC-SHA256).

    `row` names an entry of the record, never a person. Raises ValueError when the parts hold a full stop.
    """
    if "." in report_number or "." in row or not (report_number and row):
        raise ValueError(f"a row id is made of two names without full stops, not {report_number!r} and {row!r}")
    return f"{report_number}.{row}.{_tag(key, report_number, row)}"


def verify(key: bytes, row_id: str) -> tuple[str, str] | None:
    """The report number and the row, or None when the id was not made with this key or was changed.

    A seal after the id is not part of it.
    """
    report_number, _, rest = row_id.strip().partition(".")
    row, _, rest = rest.partition(".")
    tag = rest.partition(".")[0]
    expected = _tag(key, report_number, row)
    return (report_number, row) if hmac.compare_digest(expected.encode(), tag.encode()) else None


def sealed(row_id: str, cells: Iterable[str]) -> str:
    """The id, "" for a row without one, with a seal over what the row says (days in ISO), as `.3f1c9a0b77` last."""
    return f"{row_id}.{_seal(row_id, cells)}"


def intact(sealed_id: str, cells: Iterable[str]) -> bool | None:
    """Whether a row still says what it said when it was sealed; None when it never was."""
    row_id, dot, seal = sealed_id.strip().rpartition(".")
    if not dot or (row_id and row_id.count(".") != 2) or len(seal) != SEAL_LENGTH:
        return None
    return seal == _seal(row_id, cells)


def _seal(row_id: str, cells: Iterable[str]) -> str:
    """Spaces, what does not print and a leading apostrophe count for nothing: programs change them in saving."""
    text = "|".join((row_id, *cells))
    if "|'" in text or "_x" in text:
        text = re.sub(r"\|['\s]+", "|", ESCAPED.sub(lambda match: chr(int(match[1], 16)), text))
    text = "".join(text.split())
    if not text.isprintable():
        text = "".join(filter(str.isprintable, text))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:SEAL_LENGTH]


def _tag(key: bytes, report_number: str, row: str) -> str:
    digest = hmac.digest(key, PURPOSE + f"{report_number}.{row}".encode(errors="replace"), "sha256")
    return base64.b32encode(digest[: TAG_LENGTH * 5 // 8]).decode()
