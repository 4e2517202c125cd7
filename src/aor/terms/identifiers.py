"""Identifiers have types, so that one cannot stand where another belongs."""

from __future__ import annotations

from typing import Self


class HiosIssuerId(str):
    """Five digits by which CMS knows a carrier; the first five of a plan id (REF*CE)."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        trimmed = text.strip()
        if not (len(trimmed) == 5 and trimmed.isascii() and trimmed.isdigit()):
            raise ValueError(f"a HIOS issuer id has five digits, not {text!r}")
        return super().__new__(cls, trimmed)


class NaicCompanyCode(str):
    """Up to five digits by which the NAIC knows an insurer; kept with its leading zeros."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        trimmed = text.strip()
        if not (0 < len(trimmed) <= 5 and trimmed.isascii() and trimmed.isdigit()):
            raise ValueError(f"a NAIC company code has up to five digits, not {text!r}")
        return super().__new__(cls, trimmed.zfill(5))
