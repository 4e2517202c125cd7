"""What the eligibility system and a carrier ask of the API."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Callable, Mapping

from benchmarks.portal.load import Asked

YEAR, HIOS, PLAN, FIRST_NPN = 2026, "31616", "31616MN001000104", 7_000_000  # of `benchmarks.market`
SHARES = {"record": 0.4, "why": 0.3, "receipts": 0.2, "enrollments": 0.1}


def requests(secrets: Mapping[str, str], size: int, brokers: int) -> Callable[[random.Random], Asked]:
    """Requests with the tokens of `eligibility` and `carrier`, about a market of that size."""

    def ask(chance: random.Random) -> Asked:
        (kind,) = chance.choices(list(SHARES), list(SHARES.values()))
        person = chance.randrange(1, size + 1)
        path, told, role = _about(kind, person, str(FIRST_NPN + person % brokers))
        headers = {"Authorization": f"Bearer {secrets[role]}"}
        if told:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        return Asked(f"api {kind}", f"/api/v1{path}", headers, json.dumps(told) if told else "")

    return ask


def _about(kind: str, person: int, npn: str) -> tuple[str, dict[str, object], str]:
    """Path, body and whose token."""
    policy = f"{YEAR}{person:08d}"
    if kind == "record":
        return f"/record?npn={npn}&limit=50", {}, "carrier"
    if kind == "why":
        return f"/enrollments/{policy}/why", {}, "carrier"
    if kind == "receipts":
        row = {"exchange_policy_id": policy, "npn": npn, "result": "recorded", "recorded_from": f"{YEAR}-01-01"}
        return "/receipts", {"receipts": [row]}, "carrier"
    told = {
        "kind": "add", "hios_issuer_id": HIOS, "exchange_policy_id": f"N{uuid.uuid4().hex[:12]}",
        "exchange_subscriber_id": f"91{person:08d}", "plan_id": PLAN, "coverage": "DEN", "start": f"{YEAR}-02-01",
        "last_name": "Vang", "sent_to_carrier_at": None,
    }  # fmt: skip
    return "/enrollments", {"enrollments": [told]}, "eligibility"
