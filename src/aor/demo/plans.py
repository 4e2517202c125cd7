"""Five carriers that do not exist, with their plans and how they wish to be dealt with; and one on no roster."""

from __future__ import annotations

from dataclasses import dataclass

MEDICAL, DENTAL = "HLT", "DEN"


@dataclass(frozen=True, slots=True)
class Carrier:
    """A carrier as its row of the import says; `share` is how many of a hundred households choose it."""

    hios: str
    name: str
    naic: str
    holding_group: str
    coverages: str
    tax_id: str
    profile: str
    unknown_appointment: str
    acknowledgment_hours: int
    send_days: str
    cutoff: str
    wait_after_enrollment: int
    share: int
    appoints: bool = True

    def plans(self, coverage: str) -> list[str]:
        """Plan ids: HIOS standard component, fourteen characters, and the variant, two (CMS)."""
        if coverage not in self.coverages.split(";"):
            return []
        line, variants = ("001", ("01", "04", "05", "06")) if coverage == MEDICAL else ("002", ("01",))
        return [f"{self.hios}MN{line}{plan:04d}{variant}" for plan in range(1, 5) for variant in variants]

    def row(self, *, unknown_appointment: str | None = None) -> dict[str, str]:
        """As the `carriers` import takes it."""
        asked = self.unknown_appointment if unknown_appointment is None else unknown_appointment
        return {
            "hios_issuer_id": self.hios,
            "name": self.name,
            "naic_company_code": self.naic,
            "holding_group": self.holding_group,
            "coverages": self.coverages,
            "tax_id": self.tax_id,
            "x12_id": self.tax_id,
            "profile": self.profile,
            "unknown_appointment": asked,
            "acknowledgment_hours": str(self.acknowledgment_hours),
            "send_days": self.send_days,
            "cutoff": self.cutoff,
            "wait_after_enrollment": str(self.wait_after_enrollment),
        }


CARRIERS = (
    Carrier("99101", "North Loon Health", "99101", "Loon Group", "HLT;DEN", "419900001", "ffe", "hold", 48,
            "daily", "18:00", 0, 36),
    Carrier("99202", "Prairie Sky Health Plan", "99202", "", "HLT;DEN", "419900002", "ffe", "hold", 48,
            "MO;WE;FR", "17:00", 0, 28),
    Carrier("99303", "Lakeshore Mutual", "99303", "", "HLT", "419900003", "colorado", "hold", 72,
            "TU;TH", "16:30", 0, 22),
    # It sends no appointments; whether its agents of record are held or sent is asked, and answered in January.
    Carrier("99404", "Iron Range Community Health", "99404", "", "HLT", "419900004", "ffe", "send", 48,
            "MO;TU;WE;TH;FR", "", 0, 14, appoints=False),
    Carrier("99505", "Bright Birch Dental", "99505", "Loon Group", "DEN", "419900005", "ffe", "hold", 96,
            "FR", "", 24, 0),
)  # fmt: skip

UNKNOWN = Carrier("99606", "Voyageur Trail Health", "99606", "", "HLT", "419900006", "ffe", "", 48, "daily", "", 0, 0)

BY_HIOS = {carrier.hios: carrier for carrier in (*CARRIERS, UNKNOWN)}
MEDICAL_CARRIERS = tuple(carrier for carrier in CARRIERS if carrier.share)
DENTAL_CARRIERS = tuple(carrier for carrier in CARRIERS if DENTAL in carrier.coverages)
