"""A town of households with one enrollment each, brokers in standing, and one carrier: as files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from random import Random

from aor.demo import enrollment_file, households, plans, rosters
from aor.demo.enrollment_file import Kind, Policy, Told
from tests.anomalies.program import Program

CARRIER = plans.CARRIERS[0]
BROKERS = ("2000001", "2000002", "2000003", "2000004")
SOLD = datetime.fromisoformat("2026-01-20T16:00:00Z")
NOW = datetime.fromisoformat("2026-01-21T16:00:00Z")
BROKER = {
    "npn": "", "first_name": "Bo", "last_name": "Broker", "email": "bo@broker.example", "phone": "6515550100",
    "agency_name": "", "agency_npn": "", "city": "Duluth", "state": "MN", "zip": "55802", "languages": "en",
    "list_in_directory": "Y",
}  # fmt: skip
LICENSE = {
    "npn": "", "state": "MN", "license_number": "", "license_class": "PRODUCER", "residency": "R",
    "line_of_authority": "Accident & Health", "status": "Active", "effective_date": "2020-01-01",
    "expiration_date": "2030-12-31",
}  # fmt: skip


def certification(npn: str, plan_year: int) -> dict[str, str]:
    return {"npn": npn, "plan_year": str(plan_year), "certified_on": f"{plan_year - 1}-09-01", "revoked_on": ""}


def _rosters(brokers: Sequence[str], mailbox: str) -> dict[str, list[dict[str, str]]]:
    return {
        "carriers": [{**CARRIER.row(unknown_appointment="send"), "mailbox": mailbox}],
        "brokers": [{**BROKER, "npn": npn} for npn in brokers],
        "certifications": [certification(npn, 2026) for npn in brokers],
        "licenses": [{**LICENSE, "npn": npn, "license_number": npn} for npn in brokers],
    }


def found(
    program: Program,
    folder: Path,
    *,
    count: int,
    associated: bool,
    npns: Sequence[str] = BROKERS,
    mailbox: str = "",
) -> list[str]:
    """Imports and receives the town; returns its subscribers. `associated`: each has a broker, in turn."""
    folder.mkdir(exist_ok=True)
    people = [households.make(number, Random(number)) for number in range(count)]
    rows = _rosters(npns, mailbox)
    if associated:
        rows["associations"] = [
            {
                "exchange_subscriber_id": home.people[0].id,
                "npn": npns[place % len(npns)],
                "path": "designated",
                "confirmed_at": "2026-01-10T12:00:00-06:00",
                "ended_at": "",
                "consent_reference": f"C-{place}",
            }
            for place, home in enumerate(people)
        ]
    for kind, some in rows.items():
        rosters.write(folder / f"{kind}.csv", some)
        ran = program.aor("import", kind, folder / f"{kind}.csv", "--strict", now=SOLD)
        assert ran.code == 0, ran.out
    told = [
        Told(
            Kind.ADD,
            Policy(
                f"P{home.number}", home, home.groups[0], CARRIER.plans("HLT")[0], "HLT", date(2026, 2, 1), SOLD, "1"
            ),
            SOLD,
            date(2026, 2, 1),
        )
        for home in people
    ]
    (folder / "enrollments.834").write_bytes(enrollment_file.write(CARRIER, told, isa13=501))
    ran = program.aor("receive", folder / "enrollments.834", now=SOLD)
    assert ran.code == 0, ran.out
    return [home.people[0].id for home in people]
