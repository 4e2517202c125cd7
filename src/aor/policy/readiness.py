"""What will end of a broker's standing: certification, licence, appointments, each with its day (readings, R3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from aor.policy.parameters import Parameters
from aor.policy.standing import BrokerStanding, certified_periods
from aor.terms.period import Period

CERTIFICATION, LICENSE, APPOINTMENT = "certification", "license", "appointment"


@dataclass(frozen=True, slots=True)
class Holding:
    """Something a broker holds on a day. `until` is the first day that no longer counts, None while none is known.

    `held` False: not in force on the day. `hios_issuer_id` is empty but for appointments.
    """

    npn: str
    what: str
    held: bool
    until: date | None
    hios_issuer_id: str = ""


def holdings(
    standing: BrokerStanding, day: date, carriers: Iterable[str], parameters: Parameters
) -> Iterator[Holding]:
    """Certification, licence, and the appointment by each of some carriers, as they stand on a day."""
    yield _held(standing.npn, CERTIFICATION, certified_periods(standing, day.year, parameters), day)
    yield _held(standing.npn, LICENSE, standing.licenses, day)
    for hios in carriers:
        yield _held(standing.npn, APPOINTMENT, standing.appointments.get(hios, ()), day, hios)


def _held(npn: str, what: str, periods: Iterable[Period], day: date, hios: str = "") -> Holding:
    """Periods are merged, so the one that contains the day says for how long."""
    period = next((one for one in periods if day in one), None)
    return Holding(npn, what, period is not None, period.until if period else None, hios)
