"""A town of households with one enrollment each, brokers in standing, and one carrier: as files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from aor.demo import enrollment_file, households, plans, rosters
from aor.demo.enrollment_file import Kind, Policy, Told
from tests.anomalies.program import Program

CARRIER = plans.CARRIERS[0]
BROKERS = ("2000001", "2000002", "2000003", "2000004")
SOLD = datetime.fromisoformat("2026-01-20T16:00:00Z")
START = date(2026, 2, 1)
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


def association(number: int, npn: str, confirmed_at: str) -> dict[str, str]:
    return {
        "exchange_subscriber_id": _household(number).people[0].id,
        "npn": npn,
        "path": "designated",
        "confirmed_at": confirmed_at,
        "ended_at": "",
        "consent_reference": f"C-{number}-{npn}",
    }


def _household(number: int) -> households.Household:
    return households.make(number, Random(number))


def _rosters(brokers: Sequence[str], mailbox: str, year: int) -> dict[str, list[dict[str, str]]]:
    return {
        "carriers": [{**CARRIER.row(unknown_appointment="send"), "cutoff": "", "mailbox": mailbox}],
        "brokers": [{**BROKER, "npn": npn} for npn in brokers],
        "certifications": [certification(npn, plan_year) for npn in brokers for plan_year in (year, year + 1)],
        "licenses": [{**LICENSE, "npn": npn, "license_number": npn} for npn in brokers],
    }


def enrollments(numbers: Iterable[int], *, isa13: int, sent_at: datetime = SOLD, start: date = START) -> bytes:
    """One file: each of these households bought a plan."""
    plan = CARRIER.plans("HLT")[0]
    told = []
    for home in map(_household, numbers):
        policy = Policy(f"P{home.number}", home, home.groups[0], plan, "HLT", start, sent_at, "1")
        told.append(Told(Kind.ADD, policy, sent_at, start))
    return enrollment_file.write(CARRIER, told, isa13=isa13)


def found(
    program: Program,
    folder: Path,
    *,
    count: int,
    associated: bool,
    mailbox: str = "",
    at: tuple[datetime, datetime] = (SOLD, SOLD),
    start: date = START,
) -> list[str]:
    """Imports the rosters and receives the enrollments, `at` two instants; returns the subscribers.

    `associated`: each has a broker, in turn. The plans were bought two days before, the brokers chosen earlier.
    """
    folder.mkdir(exist_ok=True)
    sent_at = at[0] - timedelta(days=2)
    rows = _rosters(BROKERS, mailbox, start.year)
    if associated:
        chosen = (sent_at - timedelta(days=9)).date().isoformat()
        rows["associations"] = [association(n, BROKERS[n % len(BROKERS)], chosen) for n in range(count)]
    for kind, some in rows.items():
        learn(program, folder, kind, some, now=at[0])
    (folder / "enrollments.834").write_bytes(enrollments(range(count), isa13=501, sent_at=sent_at, start=start))
    ran = program.aor("receive", folder / "enrollments.834", now=at[1])
    assert ran.code == 0, ran.out
    return [_household(number).people[0].id for number in range(count)]


def learn(program: Program, folder: Path, kind: str, rows: list[dict[str, str]], *, now: datetime) -> None:
    """Imports rows, every one of which must be taken."""
    rosters.write(folder / f"{kind}.csv", rows)
    ran = program.aor("import", kind, folder / f"{kind}.csv", "--strict", now=now)
    assert ran.code == 0, ran.out
