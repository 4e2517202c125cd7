"""What an enrollment covers: medical or dental, never both."""

from __future__ import annotations

from enum import StrEnum


class Coverage(StrEnum):
    """HD03 of the 834: HLT is a qualified health plan, DEN a dental plan."""

    MEDICAL = "HLT"
    DENTAL = "DEN"
