"""Signs brokers in: `python -m benchmarks.portal.people COUNT NOW` prints a session key and some policies of each."""

from __future__ import annotations

import json
import sys
from datetime import datetime

from aor.site import cli

cli.start()

from aor.accounts.models import RoleName  # noqa: E402  # after the settings
from aor.acts import queries as acts  # noqa: E402  # after the settings
from benchmarks import market  # noqa: E402  # after the settings
from benchmarks.visits import signed_in  # noqa: E402  # after the settings


def main(count: str, text: str) -> None:
    now, found = datetime.fromisoformat(text), []
    for npn in map(market.npn, range(int(count))):
        session = signed_in(f"{npn}@example.org", role=RoleName.BROKER, subject=npn, now=now)
        own = acts.enrollments_open_to([npn], now=now).values_list("id", flat=True)[:20]
        found.append({"session": session, "enrollments": list(own)})
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
