"""How fast the API answers: `aor serve`, requests at a steady rate, each timed from when it was due.

`python -m benchmarks.api --size 300000` prints a table, on the database of DATABASE_URL.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import tempfile
import time
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.page import Machine
from benchmarks.pages.__main__ import NOW, _in, served
from benchmarks.pages.load import SEED, THREADS, Answered
from benchmarks.places import Place

YEAR, GOAL = 2026, 0.100
HIOS, PLAN, FIRST_NPN = "31616", "31616MN001000104", 7_000_000  # of `benchmarks.market`
SHARES = {"record": 0.4, "why": 0.3, "receipts": 0.2, "enrollments": 0.1}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api", description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="enrollments")
    parser.add_argument("--brokers", type=int, default=200)
    parser.add_argument("--rate", type=int, default=50, help="requests a second")
    parser.add_argument("--seconds", type=int, default=20)
    given = parser.parse_args()
    started = Machine.here()
    with tempfile.TemporaryDirectory() as root:
        place = Place("api", Path(root), os.environ.get("DATABASE_URL", "")).make()
        place.step("load", given.size, given.brokers, YEAR)
        place.step("settle")
        secrets = {
            role: json.loads(_in(place, *_TOKEN, role, "--role", role, "--json", "--now", NOW, *words))["token"]
            for role, words in (("eligibility", ()), ("carrier", ("--carrier", HIOS)))
        }
        with served(place) as port:
            run(port, secrets, given.size, given.brokers, rate=given.rate, seconds=3)
            answers = run(port, secrets, given.size, given.brokers, rate=given.rate, seconds=given.seconds)
        place.drop()
    print(f"{given.size:,} enrollments, {given.rate} requests a second for {given.seconds} s")
    print(f"load of the machine {started.load:.1f} before, {Machine.here().load:.1f} after")
    for kind in SHARES:
        times = sorted(one.seconds for one in answers if one.page == kind)
        bad = sum(one.status >= 400 for one in answers if one.page == kind)
        p50, p95, p99 = (times[min(len(times) - 1, int(len(times) * part))] * 1000 for part in (0.5, 0.95, 0.99))
        met = "met" if p95 < GOAL * 1000 and not bad else "missed"
        print(f"{kind:12} {len(times):5,}  p50 {p50:4.0f}  p95 {p95:4.0f}  p99 {p99:4.0f} ms  bad {bad}  {met}")


_TOKEN = ("-c", "from aor.site.cli import main; main()", "token", "create")


def run(port: int, secrets: Mapping[str, str], size: int, brokers: int, *, rate: int, seconds: int) -> list[Answered]:
    """`rate` requests a second for `seconds`, whoever has not answered yet."""
    chance = random.Random(SEED)
    begins = time.perf_counter() + 0.5
    with ThreadPoolExecutor(THREADS) as pool:
        asked = []
        for number in range(rate * seconds):
            (kind,) = chance.choices(list(SHARES), list(SHARES.values()))
            person = chance.randrange(1, size + 1)
            asked.append(
                pool.submit(
                    _ask, port, secrets, kind, person, str(FIRST_NPN + person % brokers), begins + number / rate
                )
            )
        return [one.result() for one in asked]


def _ask(port: int, secrets: Mapping[str, str], kind: str, person: int, broker: str, due: float) -> Answered:
    time.sleep(max(0.0, due - time.perf_counter()))
    policy, subscriber, body = f"{YEAR}{person:08d}", f"91{person:08d}", None
    path, token = f"/record?npn={broker}&limit=50", "carrier"
    if kind == "why":
        path = f"/enrollments/{policy}/why"
    elif kind == "receipts":
        row = {"exchange_policy_id": policy, "npn": broker, "result": "recorded", "recorded_from": f"{YEAR}-01-01"}
        path, body = "/receipts", {"receipts": [row]}
    elif kind == "enrollments":
        told = {
            "kind": "add", "hios_issuer_id": HIOS, "exchange_policy_id": f"N{uuid.uuid4().hex[:12]}",
            "exchange_subscriber_id": subscriber, "plan_id": PLAN, "coverage": "DEN", "start": f"{YEAR}-02-01",
            "last_name": "Vang", "sent_to_carrier_at": None,
        }  # fmt: skip
        path, body, token = "/enrollments", {"enrollments": [told]}, "eligibility"
    headers = {"Host": "localhost", "Authorization": f"Bearer {secrets[token]}"}
    if body:
        headers |= {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        content = json.dumps(body) if body else None
        connection.request("POST" if body else "GET", f"/api/v1{path}", content, headers)
        answer = connection.getresponse()
        answer.read()
        return Answered(kind, time.perf_counter() - due, answer.status)
    finally:
        connection.close()


if __name__ == "__main__":
    main()
