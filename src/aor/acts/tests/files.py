"""Good files of every kind, as a sender would write them, and their loading."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aor.acts import load
from aor.acts.load import Receipt
from aor.terms.actor import system

NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)

GOOD: dict[str, list[dict[str, str]]] = {
    "carriers": [
        {
            "hios_issuer_id": "11111", "name": "HealthCo", "naic_company_code": "111", "holding_group": "Big",
            "coverages": "HLT;DEN", "tax_id": "41-1111111", "x12_id": "HEALTHCO", "profile": "ffe",
            "unknown_appointment": "hold", "acknowledgment_hours": "24", "send_days": "MO;TH", "cutoff": "17:30",
            "mailbox": "sftp://aor@edi.example.org:2222/in", "wait_after_enrollment": "2",
        },
    ],
    "agencies": [
        {
            "npn": "9001", "name": "Lake Agency", "fein": "41-2222222", "email": "office@example.org",
            "administrator_name": "Lee", "phone": "612-555-0100", "city": "Duluth", "state": "MN", "zip": "55802",
        },
    ],
    "brokers": [
        {
            "npn": "0000001001", "first_name": "Ada", "last_name": "Łukasz", "email": "ada@example.org",
            "phone": "", "agency_name": "Lake Agency", "agency_npn": "9001", "city": "Duluth", "state": "MN",
            "zip": "55802-1234", "languages": "en;pl", "list_in_directory": "Y", "kind": "broker",
        },
    ],
    "certifications": [
        {
            "npn": "1001", "plan_year": "2026", "certified_on": "2025-10-01", "revoked_on": "",
            "agreement_version": "3",
        },
    ],
    "licenses": [
        {
            "npn": "1001", "state": "MN", "license_number": "L1", "license_class": "Producer",
            "residency": "Resident", "line_of_authority": "Accident & Health", "status": "Active",
            "effective_date": "2024-05-01", "expiration_date": "04/30/2026",
        },
    ],
    "appointments": [
        {
            "npn": "1001", "company_name": "HealthCo", "naic_company_code": "00111", "state": "MN",
            "line_of_authority": "Health", "status": "Appointed", "effective_date": "2024-06-01",
            "termination_date": "", "termination_reason": "",
        },
    ],
    "calendar": [
        {"plan_year": "2027", "open_enrollment_start": "2026-11-01", "open_enrollment_end": "2026-12-31"},
    ],
    "households": [
        {
            "household_id": "H1", "exchange_subscriber_id": "P1", "is_primary_contact": "Y", "from": "",
            "until": "2026-06-01",
        },
    ],
    "associations": [
        {
            "exchange_subscriber_id": "P1", "household_id": "", "npn": "1001", "path": "designated",
            "confirmed_at": "2026-01-08", "ended_at": "", "consent_reference": "C-17", "method": "paper",
            "scope": "2026",
        },
    ],
    "agents-of-record": [
        {
            "exchange_policy_id": "POL1", "hios_issuer_id": "11111", "npn": "1001", "effective_from": "2026-01-01",
            "effective_until": "2026-07-01", "sent_on": "2025-12-20", "source": "old system",
        },
    ],
}  # fmt: skip


def row(kind: str, **changes: str) -> dict[str, str]:
    """The good row of a kind, changed; `from_` stands for the column `from`."""
    return GOOD[kind][0] | {name.rstrip("_"): value for name, value in changes.items()}


def csv_of(rows: list[dict[str, str]]) -> str:
    lines = [list(rows[0]), *(list(one.values()) for one in rows)]
    return "\r\n".join(",".join(f'"{cell}"' for cell in cells) for cells in lines)


def loaded(folder: Path, kind: str, *rows: dict[str, str], now: datetime = NOW, **options: Any) -> Receipt:
    """Writes the rows (without any, the good ones) as CSV and loads it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}.csv"
    path.write_text(csv_of(list(rows) or GOOD[kind]), encoding="utf-8")
    return load.load(kind, path, by=system("import"), now=now, **options)
