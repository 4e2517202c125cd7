"""Small facts of the rules' tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from aor.policy.association import Association, End, EndKind
from aor.policy.attribution import Attributed, EnrollmentFacts
from aor.policy.parameters import Dated, Parameters
from aor.policy.standing import BrokerStanding, CarrierFacts, Certification
from aor.terms.period import Period

A, B, NAVIGATOR = "1000001", "1000002", "1000009"
ALWAYS = Period(date(2000, 1, 1))
LONG_AGO = date(2000, 1, 1)
PARAMETERS = Parameters(
    values={
        "appointment_days_after": (Dated(LONG_AGO, 15),),
        "navigator_displaces_broker": (Dated(LONG_AGO, True),),
        "open_enrollment_start": (Dated(LONG_AGO, "11-01"),),
    },
    open_enrollment={},
    version="test",
)
HEALTHCO = CarrierFacts("10001", "HealthCo")


def at(text: str) -> datetime:
    """A UTC instant such as 2026-03-10T15."""
    return datetime.fromisoformat(f"{text}:00" if len(text) == 13 else text).replace(tzinfo=UTC)


def association(id: int, npn: str, confirmed: str, *ends: tuple[str, EndKind], **others: Any) -> Association:
    told = tuple(End(at(instant), kind) for instant, kind in ends)
    return Association(id, npn, "designated", at(confirmed), ends=told, navigator=npn == NAVIGATOR, **others)


def standing(npn: str, **others: Any) -> BrokerStanding:
    """A broker with everything, unless told otherwise."""
    whole = BrokerStanding(
        npn,
        certifications=(Certification(2026, date(2025, 9, 1)),),
        licenses=(ALWAYS,),
        appointments={"10001": (ALWAYS,)},
    )
    return replace(whole, **others)


def enrollment(id: int = 1, **others: Any) -> EnrollmentFacts:
    """Medical coverage of 2026, enrolled in December."""
    year = Period(date(2026, 1, 1), date(2027, 1, 1))
    plain: dict[str, Any] = {
        "id": id,
        "policy_id": f"P{id}",
        "subscriber_id": "S1",
        "carrier": HEALTHCO,
        "coverage_kind": "HLT",
        "coverage": year,
        "told_coverage": year,
        "enrolled_on": date(2025, 12, 5),
        "memberships": ((Period(date.min), "H"),),
    }
    return EnrollmentFacts(**plain | others)


def rows(attributed: list[Attributed]) -> list[tuple[str, str, str, bool]]:
    return [(one.npn, str(one.period.start), str(one.period.until), one.in_standing) for one in attributed]
