"""Who acts, and for whom: the acting person and the credited NPN are stored apart (readings, R1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    SYSTEM = "system"
    CONSUMER = "consumer"
    BROKER = "broker"
    AGENCY_MANAGER = "agency manager"
    SUPPORT_STAFF = "support staff"
    OFFICER = "officer"
    LEAD = "lead"
    AUDITOR = "auditor"
    CARRIER = "carrier"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is an account or a command, never a consumer's name; `npn` the broker acted for, if any."""

    role: Role
    name: str
    npn: str = ""


def system(name: str) -> Actor:
    """A command or the timetable."""
    return Actor(Role.SYSTEM, name)
