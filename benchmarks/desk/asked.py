"""Asks pages of the desk as an officer: `python -m benchmarks.desk.asked REQUESTS` prints every request's seconds."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable

from aor.site import cli

cli.start()

from django.test import Client  # noqa: E402  # after the settings

from aor.accounts.models import RoleName  # noqa: E402  # after the settings
from aor.enrollments.models import Enrollment  # noqa: E402  # after the settings
from aor.transmissions.models import Interchange  # noqa: E402  # after the settings
from aor.web import clock  # noqa: E402  # after the settings
from benchmarks import market  # noqa: E402  # after the settings
from benchmarks.visits import signed_in  # noqa: E402  # after the settings

OFTEN, SELDOM = 1, 10  # a slow page is asked for a tenth as often


def main(requests: str) -> None:
    client, chance = Client(headers={"host": "localhost"}), random.Random(2026)
    client.cookies["sessionid"] = signed_in("officer@example.org", role=RoleName.OFFICER, now=clock.now())
    people, files = Enrollment.objects.count(), list(Interchange.objects.values_list("id", "isa13"))

    def page(url: str) -> None:
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.status_code)

    def found(words: str) -> None:
        client.post("/staff/search/ask/", {"words": words})
        page("/staff/search/")

    asked: dict[str, tuple[int, Callable[[], None]]] = {
        "tasks": (OFTEN, lambda: page("/staff/")),
        "transmissions": (OFTEN, lambda: page("/staff/transmissions/")),
        "file": (OFTEN, lambda: page(f"/staff/transmissions/{chance.choice(files)[0]}/")),
        "people": (OFTEN, lambda: found(", ".join(market.name(chance.randrange(people))))),
        "policies": (OFTEN, lambda: found(f"2026{chance.randrange(1, people):08d}"[: chance.randrange(7, 13)])),
        "brokers": (OFTEN, lambda: found(market.npn(0))),
        "files": (OFTEN, lambda: found(chance.choice(files)[1])),
        "decertification": (SELDOM, lambda: page(f"/staff/brokers/{market.npn(0)}/decertify/")),
    }
    times: dict[str, list[tuple[float, float]]] = {}
    for name, (share, ask) in asked.items():
        ask()  # the first fills caches
        for _ in range(max(3, int(requests) // share)):
            begins, used = time.perf_counter(), time.process_time()
            ask()
            times.setdefault(name, []).append((time.perf_counter() - begins, time.process_time() - used))
    sys.stdout.write(json.dumps(times) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
