"""Row ids that a returned workbook proves itself by, in whatever order its rows come back."""

from __future__ import annotations

import base64
import hmac

PURPOSE = b"aor row id 1\0"  # the key may serve other purposes; a tag made for one proves nothing for another
TAG_LENGTH = 16  # base32 characters: 80 bits, against a forger who can only try by sending files


def sign(key: bytes, report_number: str, row: str) -> str:
    """`AOR-2026-10-1234567-1.48213.MZXW6YTBOI2DGNBV`: report, row, and a tag over both (HMAC-SHA256).

    `row` names an entry of the record, never a person. Raises ValueError when the parts hold a full stop.
    """
    if "." in report_number or "." in row or not (report_number and row):
        raise ValueError(f"a row id is made of two names without full stops, not {report_number!r} and {row!r}")
    return f"{report_number}.{row}.{_tag(key, report_number, row)}"


def verify(key: bytes, row_id: str) -> tuple[str, str] | None:
    """The report number and the row, or None when the id was not made with this key or was changed."""
    report_number, _, rest = row_id.strip().partition(".")
    row, _, tag = rest.partition(".")
    expected = _tag(key, report_number, row)
    return (report_number, row) if hmac.compare_digest(expected.encode(), tag.encode()) else None


def _tag(key: bytes, report_number: str, row: str) -> str:
    digest = hmac.digest(key, PURPOSE + f"{report_number}.{row}".encode(errors="replace"), "sha256")
    return base64.b32encode(digest[: TAG_LENGTH * 5 // 8]).decode()
